begin;

\ir ../house/personas.psql

select plan(7);

-- Signature
select volatility_is('api', 'user_deactivate', array['bigint'], 'volatile');

-- Behaviour
update app.users set is_active = true where id = :ada;

select pg_temp.be('admin', :eve);
select is((select u.is_active from api.user_deactivate(:ada) as u), false, 'an admin does it');
select is((select u.is_active from api.user_deactivate(:ada) as u), false, 'again, to no harm');

-- Errors
select is(pg_temp.refusal('select api.user_deactivate(-1)'), 'P0002: There is no user -1.', 'nobody has this number');
select is(pg_temp.refusal(format('select api.user_deactivate(%s)', :eve)),
    'PT409 users_admin_not_self: An admin can''t demote, deactivate or delete their own account: another admin can.',
    'an admin stays in');

-- Permission
select is(pg_temp.callers('api.user_deactivate(bigint)'), 'admin', 'admins alone');
select pg_temp.be('member', :ada);
select throws_ok('select api.user_deactivate(1)', '42501', 'permission denied for function user_deactivate', 'not even oneself');

select * from finish();

rollback;
