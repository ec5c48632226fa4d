begin;

\ir ../house/personas.psql

select plan(14);

-- Signature
select volatility_is('api', 'user_update', array['bigint', 'app.email', 'app.username', 'app.full_name', 'app.user_role'], 'volatile');

-- Behaviour
select pg_temp.be('member', :ada);
select is(
    (select (u.email, u.username, u.full_name)::text from api.user_update(:ada, full_name => 'Ada L') as u),
    '(ada@example.org,ada,"Ada L")', 'what is left out stays'
);
select is(
    (select (u.email, u.username, u.full_name)::text from api.user_update(:ada, 'lovelace@example.org', 'lovelace') as u),
    '(lovelace@example.org,lovelace,"Ada L")', 'the rest is changed'
);
select is((select u.username::text from api.user_update(:ada, username => 'Lovelace') as u), 'Lovelace', 'one''s own name is not taken');

select pg_temp.be('admin', :eve);
select is((select u.role::text from api.user_update(:bob, role => 'staff') as u), 'staff', 'an admin gives a role');
select is((select u.username::text from api.user_update(:bob, username => 'robert') as u), 'robert', 'and changes anybody');
select is((select u.role::text from api.user_update(:eve, full_name => 'Eve', role => 'admin') as u), 'admin', 'an admin may say what they are');

-- Errors
select is(pg_temp.refusal(format('select api.user_update(%s, role => %L)', :eve, 'member')),
    'PT409 users_admin_not_self: An admin can''t demote, deactivate or delete their own account: another admin can.',
    'but not stop being it');
select is(pg_temp.refusal('select api.user_update(-1)'), 'P0002: There is no user -1 that you may change.', 'nobody has this number');

select pg_temp.be('member', :ada);
select is(pg_temp.refusal(format('select api.user_update(%s, role => %L)', :ada, 'admin')),
    '42501 users_role_set_by_admin: Only an admin may change what a user may do.', 'nobody raises themselves');
select is(pg_temp.refusal(format('select api.user_update(%s, username => %L)', :bob, 'mine')),
    'P0002: There is no user ' || :bob || ' that you may change.', 'another is as if they weren''t there');
select throws_ok(format('select api.user_update(%s, %L)', :ada, 'SAM@example.org'), '23505', null, 'a taken address');
select pg_temp.be('staff', :sam);
select throws_ok(format('select api.user_update(%s, username => %L)', :ada, 'mine'), 'P0002', null, 'staff change themselves alone');

-- Permission
select is(pg_temp.callers('api.user_update(bigint, app.email, app.username, app.full_name, app.user_role)'), 'member, staff, admin', 'not anon');

select * from finish();

rollback;
