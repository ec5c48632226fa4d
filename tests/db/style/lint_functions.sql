begin;

-- Roles belong to the cluster, and tests run in parallel; this one is never committed.
create role planted_bypasser nologin bypassrls;

select plan(33);

create function pg_temp.faults(object text) returns setof text language sql as
    $$select l.rule from penstock.lint_functions as l where l.object = faults.object order by l.rule$$;

set local role penstock_owner;
create function app.planted() returns integer language sql as 'select 1';
select is_empty($$select pg_temp.faults('app.planted()')$$, 'as the house makes it');

grant execute on function app.planted() to public;
select results_eq($$select pg_temp.faults('app.planted()')$$, array['no_public_execute'], 'PUBLIC may run it');
revoke execute on function app.planted() from public;

alter function app.planted() security definer;
select results_eq($$select pg_temp.faults('app.planted()')$$,
    array['definer_owner', 'definer_search_path'], 'definer, as the owner of everything');

alter function app.planted() set search_path = app;
select results_eq($$select pg_temp.faults('app.planted()')$$,
    array['definer_owner', 'definer_search_path'], 'a search_path that pg_temp comes before');

alter function app.planted() set search_path = '';
select results_eq($$select pg_temp.faults('app.planted()')$$, array['definer_owner'], 'still the owner''s');
reset role;

alter function app.planted() owner to penstock_clerk;
select is_empty($$select pg_temp.faults('app.planted()')$$, 'a definer of a narrow role');

alter function app.planted() owner to planted_bypasser;
select results_eq($$select pg_temp.faults('app.planted()')$$, array['definer_owner'], 'a definer whom no policy stops');

-- What would stay on the connection for the next caller.
set local role penstock_owner;
create function app.planted_state() returns void language plpgsql as 'begin end';
reset role;
create function pg_temp.state(statement text) returns setof text language plpgsql as $$
begin
    execute format(
        'create or replace function app.planted_state() returns void language plpgsql as %L',
        e'-- set_config(''a.b'', ''c'', false); listen news;\nbegin ' || state.statement || e';\nend'
    );

    return query select pg_temp.faults('app.planted_state()');
end
$$;
select results_eq(format('select pg_temp.state(%L)', t.statement), array['session_state'], t.statement)
from unnest(array[
    $$perform set_config('a.b', 'c', false)$$,
    $$perform set_config('a.b', lower(coalesce('c', 'd')), is_local => false)$$,
    $$perform pg_advisory_lock(1)$$,
    $$perform pg_catalog.pg_try_advisory_lock_shared(1, 2)$$,
    $$listen news$$,
    $$if true then listen news; end if$$,
    $$set a.b = 'c'$$,
    $$set role admin$$,
    $$set session a.b to 'c'$$,
    $$execute 'listen news'$$,
    $$execute format('set a.b = %L', 'c')$$
]) as t (statement);
select is_empty(format('select pg_temp.state(%L)', t.statement), 'near: ' || t.statement)
from unnest(array[
    $$perform set_config('a.b', 'c', true)$$,
    $$perform pg_advisory_xact_lock(1)$$,
    $$set local role admin$$,
    $$set constraints all immediate$$,
    $$update app.users set username = 'a'$$,
    $$raise notice 'listen carefully; set a = b; set_config(a, b, false)'$$,
    $$execute format('set local a.b = %L', 'c')$$
]) as t (statement);

-- What a SQL function would do, with and without a source.
set local role penstock_owner;
create function app.planted_setting() returns text language sql as $$select set_config('a.b', 'c', false)$$;
create function app.planted_atomic() returns text language sql begin atomic select set_config('a.b', 'c', false); end;
create function app.planted_local() returns text language sql begin atomic select set_config('a.b', 'c', true); end;
reset role;
select results_eq($$select pg_temp.faults('app.planted_setting()')$$, array['session_state'], 'in SQL');
select results_eq($$select pg_temp.faults('app.planted_atomic()')$$, array['session_state'], 'in SQL, parsed');
select is_empty($$select pg_temp.faults('app.planted_local()')$$, 'near: the transaction''s own');

-- What is executed as it comes.
set local role penstock_owner;
create function app.planted_dynamic(a text) returns void language plpgsql as $$
begin
    execute 'select ' || a;
end
$$;
create function app.planted_quoted(a text) returns void language plpgsql as $$
begin
    execute format('select %L', a);
end
$$;
create function app.planted_vouched(a text) returns void language plpgsql as $$
begin
    -- dynamic_sql: a is one of two words.
    execute 'select ' || a;
end
$$;
create function app.planted_silent(a text) returns void language plpgsql as $$
begin
    -- dynamic_sql:
    execute 'select ' || a;
end
$$;
reset role;
select results_eq($$select pg_temp.faults('app.planted_dynamic(text)')$$, array['dynamic_sql'], 'a text that nobody has quoted');
select is_empty($$select pg_temp.faults('app.planted_quoted(text)')$$, 'near: quoted');
select is_empty($$select pg_temp.faults('app.planted_vouched(text)')$$, 'near: somebody says why it does');
select results_eq($$select pg_temp.faults('app.planted_silent(text)')$$, array['dynamic_sql'], 'who gives no reason is not heard');
select matches(
    (select l.message from penstock.lint_functions as l where l.object = 'app.planted_dynamic(text)'),
    'nobody has quoted: '''' \|\| a\. Use format', 'what, and what to do'
);

select * from finish();

rollback;
