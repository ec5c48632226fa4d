begin;

drop function app.dashboard_period(date, date);

commit;
