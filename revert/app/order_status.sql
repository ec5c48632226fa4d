begin;

drop type app.order_status;

commit;
