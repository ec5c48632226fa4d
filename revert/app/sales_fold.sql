begin;

drop function app.sales_fold();

commit;
