begin;

select 'newest'::api.product_sort;

rollback;
