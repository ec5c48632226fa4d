begin;

drop policy analysts_owner on app.analysts;
drop policy analysts_self on app.analysts;

revoke all on app.analysts from report_owner;

alter table app.analysts disable row level security, no force row level security;

commit;
