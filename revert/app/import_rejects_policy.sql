begin;

drop policy import_rejects_owner on app.import_rejects;
drop policy import_rejects_staff_read on app.import_rejects;
drop policy import_rejects_staff_make on app.import_rejects;

revoke all on app.import_rejects from staff, admin;

alter table app.import_rejects disable row level security, no force row level security;

commit;
