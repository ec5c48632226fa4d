begin;

\ir ../house/personas.psql

select plan(5);

-- Signature
select volatility_is('api', 'me_get', '{}'::name[], 'stable');

-- Behaviour
select pg_temp.be('member', :ada);
select results_eq('select username::text from api.me_get()', array['ada'], 'a member');
select pg_temp.be('admin', :eve);
select results_eq('select username::text from api.me_get()', array['eve'], 'an admin, who sees everybody, gets one row');
select pg_temp.be('member', 999999999);
select is_empty('select api.me_get()', 'a token whose user is gone');

-- Permission
select is(pg_temp.callers('api.me_get()'), 'member, staff, admin', 'whoever has a token');

select * from finish();

rollback;
