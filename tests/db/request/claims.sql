begin;

select plan(8);

-- Signature
select has_function('request', 'claims', '{}'::name[]);
select function_returns('request', 'claims', '{}'::name[], 'jsonb');
select volatility_is('request', 'claims', '{}'::name[], 'stable');

-- Behaviour
select is(request.claims(), null, 'nobody is calling: null');

select set_config('request.jwt.claims', '{"sub": "7", "role": "member"}', true);
select is(request.claims(), '{"sub": "7", "role": "member"}', 'the claims as the API set them');

select set_config('request.jwt.claims', '', true);
select is(request.claims(), null, 'an empty setting, as it reads after a transaction, is null too');

-- Permission
select function_privs_are('request', 'claims', '{}'::name[], 'anon', array['EXECUTE']);
select function_privs_are('request', 'claims', '{}'::name[], 'reporter', '{}'::name[]);

select * from finish();

rollback;
