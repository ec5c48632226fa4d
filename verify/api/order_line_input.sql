begin;

select (null::api.order_line_input).product_id;

rollback;
