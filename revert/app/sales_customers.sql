begin;

drop table app.sales_customers;

commit;
