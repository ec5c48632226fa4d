begin;

drop function app.cart_merge(api.order_line_input[]);

commit;
