begin;

\ir ../house/personas.psql

select plan(16);

insert into auth.sessions (user_id, role) values (:ada, 'member'), (:bob, 'member');

select pg_temp.be('gatekeeper');
select is((select count(*) from auth.sessions), 2::bigint, 'gatekeeper reads sessions');
select lives_ok(format('insert into auth.sessions (user_id, role) values (%s, ''staff'')', :sam), 'and begins them');
select is(pg_temp.changes(format('update auth.sessions set ended_at = now() where user_id = %s', :sam)), 1::bigint, 'and ends them');
select throws_ok('update auth.sessions set role = ''admin''', '42501', null, 'but gives none another role');
select throws_ok('update auth.sessions set user_id = user_id', '42501', null, 'nor another user');

select pg_temp.be('penstock_owner');
select is((select count(*) from auth.sessions), 3::bigint, 'the owner''s migrations see them');

-- They go with their user, whoever deletes the user.
select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_delete(%s)', :ada), 'an admin deletes the user');
reset role;
select results_eq(
    'select user_id from auth.sessions order by user_id', format('values (%s::bigint), (%s)', :bob, :sam),
    'the sessions went along'
);

-- Permission
select table_privs_are('auth', 'sessions', r, '{}'::name[], r || ' has no privilege')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'report_owner', 'reporter', 'authenticator']::name[]) as r;

select * from finish();

rollback;
