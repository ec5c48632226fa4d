begin;

drop policy tables_owner on audit.tables;
drop policy tables_auditor on audit.tables;

revoke select on audit.tables from penstock_auditor;

alter table audit.tables disable row level security, no force row level security;

commit;
