begin;

drop function app.sales_block(date);

commit;
