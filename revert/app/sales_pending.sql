begin;

drop view app.sales_pending;

commit;
