begin;

drop function app.sales_day(app.order_status, timestamptz);

commit;
