begin;

\ir ../house/personas.psql

select plan(5);

-- Signature
select volatility_is('auth', 'session_prune', array['timestamp with time zone'], 'volatile');

-- Behaviour
insert into auth.sessions (user_id, role, created_at)
values (:ada, 'member', '2020-01-01'), (:bob, 'member', '2020-01-02');

select pg_temp.be('gatekeeper');
select is(auth.session_prune('2020-01-02'), 1::bigint, 'it says how many are gone');
select results_eq('select user_id from auth.sessions', array[:bob::bigint], 'those that began before, and no other');

-- Permission
select is(pg_temp.callers('auth.session_prune(timestamptz)'), null, 'no caller prunes');
select function_privs_are('auth', 'session_prune', array['timestamp with time zone'], 'gatekeeper', array['EXECUTE']);

select * from finish();

rollback;
