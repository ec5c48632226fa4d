begin;

drop policy orders_owner on app.orders;
drop policy orders_own on app.orders;
drop policy orders_staff on app.orders;
drop policy orders_own_change on app.orders;
drop policy orders_staff_change on app.orders;
drop policy orders_clerk_read on app.orders;
drop policy orders_clerk_place on app.orders;

revoke all on app.orders from member, staff, admin, penstock_clerk;

alter table app.orders disable row level security, no force row level security;

commit;
