begin;

drop type api.order_line_input;

commit;
