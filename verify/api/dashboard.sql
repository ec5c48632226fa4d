begin;

select null::api.dashboard;

rollback;
