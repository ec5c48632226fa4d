begin;

drop trigger orders_note_sales_insert on app.orders;
drop trigger orders_note_sales_update on app.orders;
drop trigger orders_note_sales_delete on app.orders;

drop function app.orders_note_sales();

commit;
