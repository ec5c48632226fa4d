begin;

drop type api.dashboard_change;

commit;
