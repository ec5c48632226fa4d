begin;

drop function app.sales_top(date, date, app.sales_products[]);

commit;
