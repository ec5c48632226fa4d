-- Deploy app/order_events_policy
-- requires: penstock/events_policy

begin;

-- Staff and admins see what happens to every order.
drop policy if exists events_orders_staff on penstock.events;
create policy events_orders_staff on penstock.events for select to staff, admin
    using (starts_with(topic, 'order.'));

commit;
