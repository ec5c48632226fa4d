begin;

select null::api.import_reason;

rollback;
