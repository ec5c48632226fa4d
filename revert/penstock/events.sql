begin;

drop table penstock.events;

commit;
