begin;

drop table app.order_lines;

commit;
