begin;

drop table app.sales_line_changes;

commit;
