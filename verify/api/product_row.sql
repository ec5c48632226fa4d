begin;

select null::api.product_row;

rollback;
