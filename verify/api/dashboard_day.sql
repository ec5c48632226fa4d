begin;

select null::api.dashboard_day;

rollback;
