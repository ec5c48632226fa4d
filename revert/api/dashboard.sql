begin;

drop type api.dashboard;

commit;
