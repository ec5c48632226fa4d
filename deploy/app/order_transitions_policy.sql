-- Deploy app/order_transitions_policy
-- requires: app/order_transitions

begin;

alter table app.order_transitions enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists order_transitions_owner on app.order_transitions;
create policy order_transitions_owner on app.order_transitions to penstock_owner
    using (true) with check (true);

-- Everybody may know the ways an order can go; a change of them is a deployment.
drop policy if exists order_transitions_read on app.order_transitions;
create policy order_transitions_read on app.order_transitions for select
    to member, staff, admin, penstock_clerk
    using (true);

grant select on app.order_transitions to member, staff, admin, penstock_clerk;

commit;
