begin;

drop type api.event;

commit;
