begin;

drop policy users_owner on app.users;
drop policy users_self_read on app.users;
drop policy users_staff_read on app.users;
drop policy users_self_change on app.users;
drop policy users_admin_enter on app.users;
drop policy users_admin_change on app.users;
drop policy users_admin_delete on app.users;
drop policy users_gatekeeper_read on app.users;
drop policy users_gatekeeper_register on app.users;
drop policy users_gatekeeper_lock on app.users;
drop policy users_clerk_read on app.users;

revoke all on app.users from member, staff, admin, gatekeeper, penstock_clerk;

alter table app.users disable row level security, no force row level security;

commit;
