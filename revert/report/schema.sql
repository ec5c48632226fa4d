begin;

drop schema report;

commit;
