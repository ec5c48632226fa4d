begin;

drop trigger order_lines_truncate_sales on app.order_lines;

drop function app.order_lines_truncate_sales();

commit;
