begin;

select plan(10);

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

-- What would stay on the connection for the next caller.
set local role penstock_owner;
create function app.planted_setting() returns text language sql as $$select set_config('a.b', 'c', false)$$;
create function app.planted_lock() returns void language sql as $$select pg_advisory_lock(1)$$;
create function app.planted_listen() returns void language plpgsql as $$begin listen news; end$$;
create function app.planted_local() returns text language sql as
    $$select set_config('a.b', 'c', true) from (select pg_advisory_xact_lock(1)) as l$$;
reset role;
select results_eq($$select pg_temp.faults('app.planted_setting()')$$, array['session_state'], 'a setting of the session');
select results_eq($$select pg_temp.faults('app.planted_lock()')$$, array['session_state'], 'a lock of the session');
select results_eq($$select pg_temp.faults('app.planted_listen()')$$, array['session_state'], 'a subscription of the session');
select is_empty($$select pg_temp.faults('app.planted_local()')$$, 'the transaction''s own are fine');

select * from finish();

rollback;
