begin;

\ir ../house/personas.psql

select plan(12);

insert into auth.sessions (user_id, role) values (:ada, 'member') returning id as hers \gset
insert into auth.refresh_tokens (token_hash, session_id) values (sha256('a'), :'hers');

select pg_temp.be('gatekeeper');
select is((select count(*) from auth.refresh_tokens), 1::bigint, 'gatekeeper reads them');
select throws_ok('update auth.refresh_tokens set expires_at = now()', '42501', null, 'but makes none good for longer');
select throws_ok('delete from auth.refresh_tokens', '42501', null, 'nor forgets one that was used');

select pg_temp.be('penstock_owner');
select is((select count(*) from auth.refresh_tokens), 1::bigint, 'the owner''s migrations see them');

reset role;

-- Permission
select table_privs_are('auth', 'refresh_tokens', r, '{}'::name[], r || ' has no privilege')
from unnest(array['anon', 'member', 'staff', 'admin', 'penstock_clerk', 'report_owner', 'reporter', 'authenticator']::name[]) as r;

select * from finish();

rollback;
