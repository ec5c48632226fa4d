begin;

drop type api.audit_change;

commit;
