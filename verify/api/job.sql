begin;

select null::api.job;

rollback;
