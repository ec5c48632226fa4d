begin;

\ir ../house/personas.psql

select plan(11);

-- The record of the change that was made last.
create function pg_temp.last(of text default 'app.users') returns text language sql security definer as $$
    select concat_ws(' ', c.login, c.role, coalesce(c.subject, '-'), coalesce(c.session, '-'), coalesce(c.method, '-'), coalesce(c.path, '-'))
    from audit.changes as c
    where c.table_name = last.of
    order by c.at desc, c.id desc
    limit 1
$$;
create function pg_temp.request(claims text) returns void language sql as $$
    select
        set_config('request.jwt.claims', request.claims, true),
        set_config('request.method', 'PATCH', true),
        set_config('request.path', '/users/7', true)
$$;

-- Signature
select volatility_is('audit', 'caller', '{}'::name[], 'stable');

-- A request: the API logs in as authenticator.
set local session authorization authenticator;
set local role member;
select pg_temp.request(format('{"sub": "%s", "sid": "5e551011"}', :ada));
update app.users set full_name = 'Ada';
select is(pg_temp.last(), format('authenticator member %s 5e551011 PATCH /users/7', :ada), 'who is named by a token');

set local role admin;
update app.users set role = 'staff' where id = :bob;
select is(pg_temp.last(), format('authenticator admin %s 5e551011 PATCH /users/7', :ada), 'the role in force');

-- What a trigger changes on the way is changed by them too.
reset session authorization;
insert into auth.sessions (user_id, role) values (:bob, 'staff');
set local session authorization authenticator;
set local role admin;
select pg_temp.request(format('{"sub": "%s"}', :eve));
update app.users set is_active = false where id = :bob;
select is(pg_temp.last('auth.sessions'), format('authenticator admin %s - PATCH /users/7', :eve), 'also where gatekeeper''s trigger ends their sessions');
reset session authorization;

-- Without a token
set local session authorization authenticator;
set local role gatekeeper;
select pg_temp.request('');
insert into auth.sessions (user_id, role) values (:ada, 'member');
select is(pg_temp.last('auth.sessions'), 'authenticator gatekeeper - - PATCH /users/7', 'no token names nobody');
reset session authorization;

-- By SQL: the login is known, and what it says of itself is not believed.
set local session authorization penstock_deployer;
set local role penstock_owner;
select pg_temp.request('{"sub": "1", "sid": "5e551011"}');
update app.users set full_name = 'Forged' where username = 'sam';
select is(pg_temp.last(), 'penstock_deployer penstock_owner - - - -', 'a login that pretends to be a request');
select pg_temp.request('no json at all');
update app.users set full_name = 'Again' where username = 'sam';
select is(pg_temp.last(), 'penstock_deployer penstock_owner - - - -', 'what it says is not even read');
reset session authorization;

select pg_temp.request('{"sub": "1"}');
update app.users set full_name = 'Super' where username = 'sam';
select is(pg_temp.last(), format('%1$s %1$s - - - -', session_user), 'not of a superuser either');

-- The record survives whom it names.
set local session authorization authenticator;
set local role admin;
select pg_temp.request(format('{"sub": "%s"}', :eve));
delete from app.users where id = :ada;
reset session authorization;
select isnt_empty(
    format($$select from audit.changes as c where c.subject = '%s'$$, :ada), 'what somebody did stays when they go'
);

-- Permission
select function_privs_are('audit', 'caller', '{}'::name[], 'penstock_auditor', array['EXECUTE']);
select function_privs_are('audit', 'caller', '{}'::name[], 'member', '{}'::name[]);

select * from finish();

rollback;
