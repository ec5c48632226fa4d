begin;

\ir ../house/personas.psql

select plan(20);

-- What each sees
select pg_temp.be('member', :ada);
select results_eq('select username::text from app.users', array['ada'], 'a member sees themselves');
select pg_temp.be('staff', :sam);
select is((select count(*) from app.users), 4::bigint, 'staff see everybody');
select pg_temp.be('admin', :eve);
select is((select count(*) from app.users), 4::bigint, 'admins see everybody');
select pg_temp.be('member');
select is_empty('select from app.users', 'a member without a subject sees nobody');
select pg_temp.be('anon');
select throws_ok('select from app.users', '42501', null, 'anon may not even ask');
select pg_temp.be('penstock_owner');
select is((select count(*) from app.users), 4::bigint, 'the owner''s migrations see everybody');

-- What each changes
select pg_temp.be('member', :ada);
select is(pg_temp.changes('update app.users set full_name = ''X'''), 1::bigint, 'a member changes themselves alone');
select throws_ok('update app.users set role = ''admin''', '42501', null, 'but not their role');
select throws_ok('update app.users set is_active = true', '42501', null, 'nor whether they are active');
select throws_ok('delete from app.users', '42501', null, 'nor do they delete');
select throws_ok('insert into app.users (email, username) values (''x@y.z'', ''xyz'')', '42501', null, 'nor insert');
select pg_temp.be('staff', :sam);
select is(pg_temp.changes('update app.users set full_name = ''X'''), 1::bigint, 'staff change themselves alone');
select pg_temp.be('admin', :eve);
select is(pg_temp.changes('update app.users set full_name = ''X'''), 4::bigint, 'admins change everybody');

-- The narrow roles
select pg_temp.be('gatekeeper');
select lives_ok('insert into app.users (email, username) values (''x@y.z'', ''xyz'')', 'gatekeeper registers members');
select throws_ok('insert into app.users (email, username, role) values (''a@y.z'', ''abc'', ''admin'')', '42501', null, 'and nobody else');
select throws_ok('update app.users set full_name = ''X''', '42501', null, 'and changes nobody');
select throws_ok('update app.users set id = default', '42501', null, 'not even a number, which it may');
select is(pg_temp.changes('select from app.users for share'), 5::bigint, 'since one must, to lock a row');
select pg_temp.be('penstock_clerk');
select lives_ok('select id, username, is_active from app.users', 'the clerk reads names');
select throws_ok('select full_name from app.users', '42501', null, 'but not who is behind them');

select * from finish();

rollback;
