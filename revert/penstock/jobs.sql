begin;

drop table penstock.jobs;

commit;
