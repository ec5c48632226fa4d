begin;

drop type api.order_line;

commit;
