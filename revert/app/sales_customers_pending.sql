begin;

drop view app.sales_customers_pending;

commit;
