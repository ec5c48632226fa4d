begin;

select null::api.order_row;

rollback;
