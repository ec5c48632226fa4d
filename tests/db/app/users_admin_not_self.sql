begin;

\ir ../house/personas.psql

select plan(8);

select trigger_is('app', 'users', 'users_admin_not_self', 'app', 'users_admin_not_self');

select pg_temp.be('admin', :eve);
select throws_ok('update app.users set role = ''member'' where username = ''eve''', 'PT409', null, 'no admin demotes themselves');
select throws_ok('update app.users set is_active = false where username = ''eve''', 'PT409', null, 'nor deactivates');
select throws_ok('delete from app.users where username = ''eve''', 'PT409', null, 'nor deletes');
select throws_ok('update app.users set is_active = false', 'PT409', null, 'nor with all the others');
select lives_ok('update app.users set role = ''admin'' where username = ''sam''', 'but an admin makes another');

select pg_temp.be('admin', :sam);
select lives_ok('update app.users set role = ''member'' where username = ''eve''', 'who may then demote the first');

select pg_temp.be('penstock_owner');
select lives_ok('update app.users set role = ''member''', 'a deployment is nobody''s self');

select * from finish();

rollback;
