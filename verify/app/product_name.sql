begin;

select 'Lantern'::app.product_name;

rollback;
