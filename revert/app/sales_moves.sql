begin;

drop table app.sales_moves;

commit;
