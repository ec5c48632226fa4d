begin;

\ir ../house/personas.psql

select plan(8);

-- Signature
select volatility_is('auth', 'login_begin', array['text', 'bytea'], 'volatile');

-- Behaviour
insert into auth.credentials (user_id, password_hash) values (:ada, '$argon2id$v=19$ada');
insert into app.users (email, username) values ('retail-1@customers.invalid', 'a-customer');
insert into auth.devices (token_hash, user_id) values (sha256('hers'), :ada), (sha256('his'), :bob);

select pg_temp.be('gatekeeper');
select results_eq(
    $$select user_id, role, password_hash, is_active, attempt is null, wait_seconds from auth.login_begin('ADA@example.org')$$,
    format('values (%s::bigint, %L, %L, true, false, null::integer)', :ada, 'member', '$argon2id$v=19$ada'),
    'whoever has the address, without regard to case'
);
select results_eq(
    $$select user_id, password_hash, attempt is null from auth.login_begin('nobody@example.org')$$,
    'values (null::bigint, null::text, false)', 'nobody has the address, and a try is taken'
);
select is((select b.user_id from auth.login_begin('retail-1@customers.invalid') as b), null, 'a customer without credentials can''t log in');

select auth.login_begin('ada@example.org', sha256('his')) from generate_series(1, 12) \g /dev/null
select isnt((select b.wait_seconds from auth.login_begin('ada@example.org') as b), null, 'the tries are used up');
select isnt((select b.wait_seconds from auth.login_begin('ada@example.org', sha256('his')) as b), null, 'also on the device of another');
select is((select b.wait_seconds from auth.login_begin('ada@example.org', sha256('hers')) as b), null, 'but not on hers');

-- Permission
select is(pg_temp.callers('auth.login_begin(text, bytea)'), null, 'no caller looks into credentials');

select * from finish();

rollback;
