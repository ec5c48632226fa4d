begin;

select 1::app.quantity;

rollback;
