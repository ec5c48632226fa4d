begin;

drop type api.product_row;

commit;
