begin;

drop type api.job;

commit;
