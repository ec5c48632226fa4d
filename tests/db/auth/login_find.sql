begin;

\ir ../house/personas.psql

select plan(9);

-- Signature
select has_function('auth', 'login_find', array['text']);
select volatility_is('auth', 'login_find', array['text'], 'stable');

-- Behaviour
insert into auth.credentials (user_id, password_hash) values (:ada, '$argon2id$v=19$ada');
insert into app.users (email, username) values ('retail-1@customers.invalid', 'a-customer');

select pg_temp.be('gatekeeper');
select results_eq(
    $$select user_id, role, password_hash, is_active from auth.login_find('ADA@example.org')$$,
    format('values (%s::bigint, %L, %L, true)', :ada, 'member', '$argon2id$v=19$ada'),
    'whoever has the address, without regard to case'
);
select is_empty($$select auth.login_find('nobody@example.org')$$, 'nobody has the address');
select is_empty($$select auth.login_find('retail-1@customers.invalid')$$, 'a customer without credentials can''t log in');
select is_empty($$select auth.login_find(null)$$, 'null finds nobody');

-- Permission
select is(pg_temp.callers('auth.login_find(text)'), null, 'no caller looks into credentials');
select function_privs_are('auth', 'login_find', array['text'], 'gatekeeper', array['EXECUTE']);
select pg_temp.be('admin', :eve);
select throws_ok($$select auth.login_find('ada@example.org')$$, '42501', 'permission denied for schema auth', 'not even an admin');

select * from finish();

rollback;
