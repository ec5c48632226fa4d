begin;

drop function api.dashboard_get(date, date);

commit;
