begin;

select plan(7);

-- Each endpoint is told once, by whom it is called and how.
select has_view('penstock', 'routes', 'the endpoints can be read as SQL');

select is(
    (select r from penstock.routes as r where r.path = '/users' and r.method = 'POST'),
    row(
        'POST', '/users', 'api.user_register(app.email, app.username, api.password, app.full_name)'::regprocedure,
        'volatile', array['admin', 'anon', 'member', 'staff']::name[]
    )::penstock.routes,
    'method, path, function, volatility and callers of a route'
);

-- A new function is an endpoint as soon as its comment says so.
create function api.greet() returns text immutable language sql as $$select 'hello'$$;
select is_empty($$select from penstock.routes where path = '/greet'$$, 'no HTTP line, no endpoint');

comment on function api.greet() is e'Greets.\n\n  HTTP GET /greet\n@tag greetings';
select is(
    (select concat_ws(' ', r.method, r.function, r.roles) from penstock.routes as r where r.path = '/greet'),
    'GET api.greet() {admin,anon,member,staff}',
    'with it, it is one (a superuser made it, so PUBLIC may call it)'
);

comment on function api.greet() is 'Greets, as HTTP GET /greet would.';
select is_empty($$select from penstock.routes where path = '/greet'$$, 'the line stands alone');

-- Permission
select table_privs_are('penstock', 'routes', 'penstock_agent', array['SELECT']);
select table_privs_are('penstock', 'routes', 'anon', '{}'::name[]);

select * from finish();

rollback;
