begin;

drop function app.stock_take(app.cart_line[]);

commit;
