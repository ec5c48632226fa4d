begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('api', 'api_key_revoke', array['uuid'], 'volatile');
select is_definer('api', 'api_key_revoke', array['uuid']);
select function_owner_is('api', 'api_key_revoke', array['uuid'], 'gatekeeper');

-- Behaviour
insert into auth.api_keys (user_id, name, role, key_hash) values (:ada, 'hers', 'member', sha256('a')) returning id as hers \gset
insert into auth.api_keys (user_id, name, role, key_hash) values (:bob, 'his', 'member', sha256('b')) returning id as his \gset

select pg_temp.be('member', :bob);
select is(pg_temp.refusal(format('select api.api_key_revoke(%L)', :'hers')), format('P0002: You have no key %s.', :'hers'), 'not that of another');
select lives_ok(format('select api.api_key_revoke(%L)', :'his'), 'one''s own');
select is(pg_temp.refusal(format('select api.api_key_revoke(%L)', :'his')), format('P0002: You have no key %s.', :'his'), 'once');
reset role;
select results_eq('select id from auth.api_keys where revoked_at is null', format('values (%L::uuid)', :'hers'), 'hers is good');

-- Permission
select is(pg_temp.callers('api.api_key_revoke(uuid)'), 'member, staff, admin', 'who may');

select * from finish();

rollback;
