begin;

drop type api.dashboard_day;

commit;
