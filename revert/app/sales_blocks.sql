begin;

drop table app.sales_blocks;

commit;
