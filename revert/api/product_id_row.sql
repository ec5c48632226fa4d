begin;

drop type api.product_id_row;

commit;
