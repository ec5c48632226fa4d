begin;

select null::api.event;

rollback;
