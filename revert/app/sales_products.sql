begin;

drop table app.sales_products;

commit;
