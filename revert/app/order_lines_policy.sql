begin;

drop policy order_lines_owner on app.order_lines;
drop policy order_lines_own on app.order_lines;
drop policy order_lines_staff on app.order_lines;
drop policy order_lines_clerk_read on app.order_lines;
drop policy order_lines_clerk_place on app.order_lines;

revoke all on app.order_lines from member, staff, admin, penstock_clerk;

alter table app.order_lines disable row level security, no force row level security;

commit;
