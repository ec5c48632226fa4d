begin;

\ir ../house/personas.psql

select plan(5);

-- Signature
select volatility_is('auth', 'password_rehash', array['bigint', 'api.password'], 'volatile');

-- Behaviour
insert into auth.credentials (user_id, password_hash, changed_at)
values (:ada, '$2b$12$old', '2020-01-01'), (:bob, '$2b$12$old', '2020-01-01');

select pg_temp.be('gatekeeper');
select lives_ok(format('select auth.password_rehash(%s, %L)', :ada, '$argon2id$v=19$new'), 'gatekeeper stores a better hash');
select results_eq(
    'select password_hash::text, changed_at from auth.credentials order by user_id',
    $$values ('$argon2id$v=19$new', '2020-01-01'::timestamptz), ('$2b$12$old', '2020-01-01')$$,
    'of that user alone, and the password is as old as it was'
);
select is(
    pg_temp.refusal(format('select auth.password_rehash(%s, %L)', :ada, 'plain')),
    '23514 password_is_hashed: value for domain api.password violates check constraint "password_is_hashed"',
    'a plain password is refused'
);

-- Permission
select is(pg_temp.callers('auth.password_rehash(bigint, api.password)'), null, 'no caller writes credentials');

select * from finish();

rollback;
