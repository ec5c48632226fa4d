begin;

drop trigger orders_status_moves_forward on app.orders;

drop function app.orders_status_moves_forward();

commit;
