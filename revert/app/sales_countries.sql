begin;

drop table app.sales_countries;

commit;
