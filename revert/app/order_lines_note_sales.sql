begin;

drop trigger order_lines_note_sales_insert on app.order_lines;
drop trigger order_lines_note_sales_update on app.order_lines;
drop trigger order_lines_note_sales_delete on app.order_lines;

drop function app.order_lines_note_sales();

commit;
