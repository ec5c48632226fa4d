begin;

select null::api.dashboard_country;

rollback;
