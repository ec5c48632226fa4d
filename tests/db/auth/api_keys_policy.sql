begin;

\ir ../house/personas.psql

select plan(12);

insert into auth.api_keys (user_id, name, role, key_hash) values (:ada, 'a', 'member', sha256('a'));

select pg_temp.be('gatekeeper');
select is((select count(*) from auth.api_keys), 1::bigint, 'gatekeeper reads them');
select throws_ok('update auth.api_keys set role = ''admin''', '42501', null, 'but gives none another role');
select throws_ok(format('update auth.api_keys set user_id = %s', :bob), '42501', null, 'nor another user');

select pg_temp.be('penstock_owner');
select is((select count(*) from auth.api_keys), 1::bigint, 'the owner''s migrations see them');

reset role;

-- Permission
select table_privs_are('auth', 'api_keys', r, '{}'::name[], r || ' has no privilege')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'report_owner', 'reporter', 'authenticator']::name[]) as r;

select * from finish();

rollback;
