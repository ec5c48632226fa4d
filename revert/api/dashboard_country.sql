begin;

drop type api.dashboard_country;

commit;
