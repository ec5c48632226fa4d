begin;

select null::api.product_change_row;

rollback;
