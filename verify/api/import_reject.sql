begin;

select null::api.import_reject;

rollback;
