begin;

drop table app.sales_days;

commit;
