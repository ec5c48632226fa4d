begin;

\ir ../house/personas.psql

select plan(11);

insert into auth.devices (token_hash, user_id) values (sha256('a'), :ada);

select pg_temp.be('gatekeeper');
select is((select count(*) from auth.devices), 1::bigint, 'gatekeeper reads them');
select throws_ok(format('update auth.devices set user_id = %s', :bob), '42501', null, 'but gives none to another');

select pg_temp.be('penstock_owner');
select is((select count(*) from auth.devices), 1::bigint, 'the owner''s migrations see them');

reset role;

-- Permission
select table_privs_are('auth', 'devices', r, '{}'::name[], r || ' has no privilege')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'report_owner', 'reporter', 'authenticator']::name[]) as r;

select * from finish();

rollback;
