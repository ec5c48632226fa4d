begin;

select 2.55::app.money;

rollback;
