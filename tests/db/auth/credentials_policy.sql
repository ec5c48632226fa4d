begin;

\ir ../house/personas.psql

select plan(13);

insert into auth.credentials (user_id, password_hash) values (:ada, '$argon2id$v=19$ada');

select pg_temp.be('gatekeeper');
select is((select count(*) from auth.credentials), 1::bigint, 'gatekeeper reads credentials');
select throws_ok('delete from auth.credentials', '42501', null, 'but deletes none');

select pg_temp.be('penstock_owner');
select is((select count(*) from auth.credentials), 1::bigint, 'the owner''s migrations see them');

-- They go with their user, whoever deletes the user.
select pg_temp.be('admin', :eve);
select lives_ok(format('select api.user_delete(%s)', :ada), 'an admin deletes the user');
reset role;
select is_empty('select from auth.credentials', 'the credentials went along');

-- Permission
select table_privs_are('auth', 'credentials', r, '{}'::name[], r || ' has no privilege')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'report_owner', 'reporter', 'authenticator']::name[]) as r;

select * from finish();

rollback;
