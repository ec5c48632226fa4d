begin;

\ir ../house/personas.psql

select plan(11);

insert into auth.login_attempts (account, recent) values (sha256('a'), '{}');

select pg_temp.be('gatekeeper');
select is((select count(*) from auth.login_attempts), 1::bigint, 'gatekeeper reads them');
select throws_ok('update auth.login_attempts set account = account', '42501', null, 'but makes none another''s');

select pg_temp.be('penstock_owner');
select is((select count(*) from auth.login_attempts), 1::bigint, 'the owner''s migrations see them');

reset role;

-- Permission
select table_privs_are('auth', 'login_attempts', r, '{}'::name[], r || ' has no privilege')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'report_owner', 'reporter', 'authenticator']::name[]) as r;

select * from finish();

rollback;
