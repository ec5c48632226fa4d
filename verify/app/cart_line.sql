begin;

select (null::app.cart_line).line_no;

rollback;
