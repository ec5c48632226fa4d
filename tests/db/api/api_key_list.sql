begin;

\ir ../house/personas.psql

select plan(6);

-- Signature
select volatility_is('api', 'api_key_list', '{}'::name[], 'stable');
select is_definer('api', 'api_key_list', '{}'::name[]);
select function_owner_is('api', 'api_key_list', '{}'::name[], 'gatekeeper');

-- Behaviour
insert into auth.api_keys (user_id, name, role, key_hash) values (:ada, 'hers', 'member', sha256('a')) returning id as hers \gset
insert into auth.api_keys (user_id, name, role, key_hash) values (:bob, 'his', 'member', sha256('b')) returning id as his \gset

select pg_temp.be('member', :bob);
select results_eq('select name from api.api_key_list()', $$values ('his')$$, 'one''s own');
reset role;
update auth.api_keys set revoked_at = now() where id = :'his';
select pg_temp.be('member', :bob);
select is_empty('select api.api_key_list()', 'what was revoked is not listed');

-- Permission
select is(pg_temp.callers('api.api_key_list()'), 'member, staff, admin', 'who may');

select * from finish();

rollback;
