begin;

\ir ../house/personas.psql

select plan(7);

-- Signature
select volatility_is('auth', 'password_begin', array['bigint', 'uuid'], 'volatile');

-- Behaviour
insert into auth.credentials (user_id, password_hash) values (:ada, '$argon2id$v=19$ada');

select pg_temp.be('gatekeeper');
select is((select b.password_hash from auth.password_begin(:ada, gen_random_uuid()) as b), '$argon2id$v=19$ada', 'the hash');
select is_empty(format('select auth.password_begin(%s, gen_random_uuid())', :bob), 'who has no password');
select is_empty('select auth.password_begin(0, gen_random_uuid())', 'nobody');

select gen_random_uuid() as here \gset
select auth.password_begin(:ada, :'here') from generate_series(1, 10) \g /dev/null
select isnt((select b.wait_seconds from auth.password_begin(:ada, :'here') as b), null, 'ten tries in a session');
select is((select b.wait_seconds from auth.login_begin('ada@example.org') as b), null, 'use up none of those outside');

-- Permission
select is(pg_temp.callers('auth.password_begin(bigint, uuid)'), null, 'no caller looks into credentials');

select * from finish();

rollback;
