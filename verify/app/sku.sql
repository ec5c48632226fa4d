begin;

select '85123A'::app.sku;

rollback;
