begin;

select null::api.product_id_row;

rollback;
