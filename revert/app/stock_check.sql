begin;

drop function app.stock_check(app.cart_line[]);

commit;
