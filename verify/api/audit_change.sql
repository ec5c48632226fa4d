begin;

select null::api.audit_change;

rollback;
