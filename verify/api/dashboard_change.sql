begin;

select null::api.dashboard_change;

rollback;
