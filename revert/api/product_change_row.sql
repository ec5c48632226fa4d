begin;

drop type api.product_change_row;

commit;
