begin;

drop policy order_transitions_owner on app.order_transitions;
drop policy order_transitions_read on app.order_transitions;

revoke all on app.order_transitions from member, staff, admin, penstock_clerk;

alter table app.order_transitions disable row level security, no force row level security;

commit;
