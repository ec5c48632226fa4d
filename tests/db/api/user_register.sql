begin;

\ir ../house/personas.psql

select plan(14);

-- Signature
select function_returns('api', 'user_register', array['app.email', 'app.username', 'api.password', 'app.full_name'], 'api."user"');
select is_definer('api', 'user_register', array['app.email', 'app.username', 'api.password', 'app.full_name']);
select function_owner_is('api', 'user_register', array['app.email', 'app.username', 'api.password', 'app.full_name'], 'gatekeeper');

-- Behaviour
select pg_temp.be('anon');
select is(
    (select (u.email, u.username, u.full_name, u.role, u.is_active)::text
    from api.user_register('Zoe@example.org', 'zoe', '$argon2id$v=19$zoe', 'Zoe Z') as u),
    '(Zoe@example.org,zoe,"Zoe Z",member,t)',
    'whoever registers is an active member'
);
reset role;
select is(
    (select c.password_hash::text from auth.credentials as c join app.users as u on u.id = c.user_id where u.username = 'zoe'),
    '$argon2id$v=19$zoe',
    'and can log in'
);

-- Errors
select pg_temp.be('anon');
select throws_ok(
    $$select api.user_register('ADA@EXAMPLE.ORG', 'ada2', '$argon2id$v=19$x')$$,
    '23505', 'duplicate key value violates unique constraint "users_email_unique"', 'an address is taken in whatever case'
);
select throws_ok(
    $$select api.user_register('ada2@example.org', 'ADA', '$argon2id$v=19$x')$$,
    '23505', 'duplicate key value violates unique constraint "users_username_unique"', 'and so is a username'
);
select throws_ok($$select api.user_register('ada', 'ada2', '$argon2id$v=19$x')$$, '23514', null, 'an address has a form');
select throws_ok($$select api.user_register('a@b.org', 'a b', '$argon2id$v=19$x')$$, '23514', null, 'a username too');
select throws_ok($$select api.user_register('a@b.org', 'abc', 'secret')$$, '23514', null, 'a plain password gets nowhere');
select throws_ok($$select api.user_register(null, 'abc', '$argon2id$v=19$x')$$, '23502', null, 'an address is needed');
select throws_ok($$select api.user_register('a@b.org', 'abc', null)$$, '23502', null, 'and a password');
reset role;
select is((select count(*) from app.users), 5::bigint, 'a registration that failed left nothing');

-- Permission
select is(pg_temp.callers('api.user_register(app.email, app.username, api.password, app.full_name)'), 'anon, member, staff, admin', 'anybody');

select * from finish();

rollback;
