begin;

drop function app.sales_rebuild();

commit;
