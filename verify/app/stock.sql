begin;

select 0::app.stock;

rollback;
