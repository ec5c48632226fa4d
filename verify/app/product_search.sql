begin;

select 'app.product_search(text, numeric, numeric, boolean, boolean)'::regprocedure;

rollback;
