begin;

drop policy tables_owner on audit.tables;

alter table audit.tables disable row level security, no force row level security;

commit;
