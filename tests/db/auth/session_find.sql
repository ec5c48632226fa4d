begin;

\ir ../house/personas.psql

select plan(11);

-- Signature
select has_function('auth', 'session_find', array['uuid']);
select volatility_is('auth', 'session_find', array['uuid'], 'stable');

-- Behaviour
insert into auth.sessions (user_id, role) values (:sam, 'staff') returning id as his \gset

select pg_temp.be('gatekeeper');
select results_eq(
    format('select session_id, user_id, role from auth.session_find(%L)', :'his'), format('values (%L::uuid, %s::bigint, ''staff'')', :'his', :sam),
    'a session that has not ended'
);
select unalike(pg_temp.plan_of(format('select from auth.session_find(%L)', :'his')), '%Function Scan%', 'planned as the query in it');
select is_empty(format('select auth.session_find(%L)', gen_random_uuid()), 'one that never was');
select is_empty('select auth.session_find(null)', 'null is none');
update auth.sessions set ended_at = now();
select is_empty(format('select auth.session_find(%L)', :'his'), 'one that has ended');

-- It ends with the user's role, also where no trigger ran.
reset role;
update auth.sessions set ended_at = null;
set local session_replication_role = replica;
update app.users set role = 'member' where id = :sam;
select is_empty(format('select auth.session_find(%L)', :'his'), 'one with a role that its user has no longer');
update app.users set role = 'staff', is_active = false where id = :sam;
select is_empty(format('select auth.session_find(%L)', :'his'), 'one of a user who is not active');
set local session_replication_role = origin;

-- Permission
select is(pg_temp.callers('auth.session_find(uuid)'), null, 'no caller looks into sessions');
select function_privs_are('auth', 'session_find', array['uuid'], 'gatekeeper', array['EXECUTE']);

select * from finish();

rollback;
