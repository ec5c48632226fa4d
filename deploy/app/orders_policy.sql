-- Deploy app/orders_policy
-- requires: app/orders request/user_id

begin;

alter table app.orders enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists orders_owner on app.orders;
create policy orders_owner on app.orders to penstock_owner
    using (true) with check (true);

-- Members see their own orders.
drop policy if exists orders_own on app.orders;
create policy orders_own on app.orders for select to member
    using (user_id = (select request.user_id()));

-- Staff and admins see all orders.
drop policy if exists orders_staff on app.orders;
create policy orders_staff on app.orders for select to staff, admin
    using (true);

-- Members pay and cancel their own orders.
drop policy if exists orders_own_change on app.orders;
create policy orders_own_change on app.orders for update to member
    using (user_id = (select request.user_id()))
    with check (user_id = (select request.user_id()) and status in ('paid', 'cancelled'));

-- Staff and admins move every order on.
drop policy if exists orders_staff_change on app.orders;
create policy orders_staff_change on app.orders for update to staff, admin
    using (true)
    with check (true);

-- Nobody enters an order but the clerk, who places it for the caller and nobody else.
drop policy if exists orders_clerk_read on app.orders;
create policy orders_clerk_read on app.orders for select to penstock_clerk
    using (true);
drop policy if exists orders_clerk_place on app.orders;
create policy orders_clerk_place on app.orders for insert to penstock_clerk
    with check (
        user_id = (select request.user_id())
        and status = 'placed'
        and source_invoice is null
    );

grant select, update (status) on app.orders to member, staff, admin;
grant select, insert (user_id, country, total) on app.orders to penstock_clerk;

commit;
