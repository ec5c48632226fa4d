begin;

drop policy imports_owner on app.imports;
drop policy imports_staff_read on app.imports;
drop policy imports_staff_make on app.imports;

revoke all on app.imports from staff, admin;

alter table app.imports disable row level security, no force row level security;

commit;
