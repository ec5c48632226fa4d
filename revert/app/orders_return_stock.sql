begin;

drop trigger orders_return_stock on app.orders;

drop function app.orders_return_stock();

commit;
