begin;

drop type api.order;

commit;
