begin;

drop view report.product_sales;

commit;
