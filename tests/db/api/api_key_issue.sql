begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select volatility_is('api', 'api_key_issue', array['text', 'app.user_role', 'integer', 'timestamp with time zone'], 'volatile');
select is_definer('api', 'api_key_issue', array['text', 'app.user_role', 'integer', 'timestamp with time zone']);
select function_owner_is('api', 'api_key_issue', array['text', 'app.user_role', 'integer', 'timestamp with time zone'], 'gatekeeper');

-- Behaviour
select pg_temp.be('staff', :sam);
select * from api.api_key_issue('a service', 'staff', 5) \gset k_
reset role;
select ok(:'k_key' ~ '^psk_[0-9a-f]{64}$', 'the key');
select results_eq(
    'select id, user_id, name, role::text, key_hash, quota from auth.api_keys',
    format('values (%L::uuid, %s::bigint, ''a service'', ''staff'', sha256(%L), 5)', :'k_id', :sam, :'k_key'), 'is kept as its hash'
);

-- Errors
select pg_temp.be('member', :ada);
select is(pg_temp.refusal($$select api.api_key_issue('a', 'staff')$$), 'PT403 api_keys_role: A key may do no more than its user.', 'no more than oneself');
select is(left(pg_temp.refusal($$select api.api_key_issue('')$$), 28), '23514 api_keys_name_length: ', 'without a name');
select set_config('request.jwt.claims', format('{"sub": "%s", "key": "x"}', :ada), true) \g /dev/null
select is(pg_temp.refusal($$select api.api_key_issue('a')$$), 'PT403 api_keys_of_keys: A key can''t issue keys: log in.', 'nor by a key');

-- Permission
select is(pg_temp.callers('api.api_key_issue(text, app.user_role, integer, timestamptz)'), 'member, staff, admin', 'who may');

select * from finish();

rollback;
