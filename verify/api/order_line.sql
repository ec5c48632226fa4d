begin;

select (null::api.order_line).line_no;

rollback;
