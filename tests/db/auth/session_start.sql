begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select has_function('auth', 'session_start', array['bigint']);
select volatility_is('auth', 'session_start', array['bigint'], 'volatile');

-- Behaviour
select pg_temp.be('gatekeeper');
select is((select s.role from auth.session_start(:sam) as s), 'staff', 'it says the role of this moment');
select results_eq(
    'select user_id, role::text, ended_at from auth.sessions', format('values (%s::bigint, ''staff'', null::timestamptz)', :sam),
    'and keeps it'
);
select isnt(
    (select s.session_id from auth.session_start(:sam) as s), (select s.session_id from auth.session_start(:sam) as s),
    'each login has its own'
);
select is_empty('select auth.session_start(0)', 'who is gone begins none');
reset role;
update app.users set is_active = false where id = :sam;
select pg_temp.be('gatekeeper');
select is_empty(format('select auth.session_start(%s)', :sam), 'nor does who is not active');

-- Permission
select is(pg_temp.callers('auth.session_start(bigint)'), null, 'no caller begins one');
select function_privs_are('auth', 'session_start', array['bigint'], 'gatekeeper', array['EXECUTE']);

select * from finish();

rollback;
