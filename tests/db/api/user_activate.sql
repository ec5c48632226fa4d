begin;

\ir ../house/personas.psql

select plan(6);

-- Signature
select volatility_is('api', 'user_activate', array['bigint'], 'volatile');

-- Behaviour
update app.users set is_active = false where id = :ada;

select pg_temp.be('admin', :eve);
select is((select u.is_active from api.user_activate(:ada) as u), true, 'an admin does it');
select is((select u.is_active from api.user_activate(:ada) as u), true, 'again, to no harm');

-- Errors
select is(pg_temp.refusal('select api.user_activate(-1)'), 'P0002: There is no user -1.', 'nobody has this number');

-- Permission
select is(pg_temp.callers('api.user_activate(bigint)'), 'admin', 'admins alone');
select pg_temp.be('member', :ada);
select throws_ok('select api.user_activate(1)', '42501', 'permission denied for function user_activate', 'not even oneself');

select * from finish();

rollback;
