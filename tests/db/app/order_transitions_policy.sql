begin;

\ir ../house/personas.psql

select plan(3);

select pg_temp.be('member', :ada);
select is((select count(*) from app.order_transitions), 5::bigint, 'a member may know the ways of an order');
select throws_ok('insert into app.order_transitions values (''placed'', ''delivered'')', '42501', null, 'but makes none');
select pg_temp.be('admin', :eve);
select throws_ok('delete from app.order_transitions', '42501', null, 'nor does an admin block one: that is a deployment');

select * from finish();

rollback;
