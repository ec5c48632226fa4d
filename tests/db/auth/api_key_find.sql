begin;

\ir ../house/personas.psql

select plan(10);

-- Signature
select volatility_is('auth', 'api_key_find', array['bytea'], 'stable');

-- Behaviour
insert into auth.api_keys (user_id, name, role, key_hash, quota)
values (:sam, 'a service', 'member', sha256('key'), 5) returning id as key \gset

create function pg_temp.found() returns bigint language sql as $$ select count(*) from auth.api_key_find(sha256('key')) $$;

select pg_temp.be('gatekeeper');
select results_eq(
    $$select * from auth.api_key_find(sha256('key'))$$,
    format('values (%L::uuid, %s::bigint, ''member'', 5, null::double precision)', :'key', :sam), 'for whom, as what, how often'
);
select is_empty($$select auth.api_key_find(sha256('another'))$$, 'one that never was');

reset role;
update auth.api_keys set expires_at = now() + interval '1 hour';
select is((select f.seconds_left from auth.api_key_find(sha256('key')) as f), 3600::double precision, 'for how long');
update auth.api_keys set expires_at = now();
select is(pg_temp.found(), 0::bigint, 'one that has expired');
update auth.api_keys set expires_at = null, revoked_at = now();
select is(pg_temp.found(), 0::bigint, 'one that was revoked');
update auth.api_keys set revoked_at = null, role = 'admin';
select is(pg_temp.found(), 0::bigint, 'one that would do more than its user');
update auth.api_keys set role = 'staff';
select is(pg_temp.found(), 1::bigint, 'but as much');
update app.users set is_active = false where id = :sam;
select is(pg_temp.found(), 0::bigint, 'one of a user who is not active');

-- Permission
select is(pg_temp.callers('auth.api_key_find(bytea)'), null, 'no caller looks keys up');

select * from finish();

rollback;
