begin;

drop type api.order_row;

commit;
