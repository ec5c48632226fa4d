-- Deploy app/order_lines_policy
-- requires: app/order_lines app/orders_policy

begin;

alter table app.order_lines enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists order_lines_owner on app.order_lines;
create policy order_lines_owner on app.order_lines to penstock_owner
    using (true) with check (true);

-- Whoever sees an order sees its lines. ("exists", or a column that orders_by_user holds, would
-- make PostgreSQL look for the order among all of the customer's; this takes it by its key.)
drop policy if exists order_lines_own on app.order_lines;
create policy order_lines_own on app.order_lines for select to member
    using ((select o.status is not null from app.orders as o where o.id = order_lines.order_id));
drop policy if exists order_lines_staff on app.order_lines;
create policy order_lines_staff on app.order_lines for select to staff, admin
    using (true);

-- Nobody enters a line but the clerk, into an order that the caller is placing. None is ever changed.
drop policy if exists order_lines_clerk_read on app.order_lines;
create policy order_lines_clerk_read on app.order_lines for select to penstock_clerk
    using (true);
drop policy if exists order_lines_clerk_place on app.order_lines;
create policy order_lines_clerk_place on app.order_lines for insert to penstock_clerk
    with check (
        exists (
            select
            from app.orders as o
            where o.id = order_lines.order_id
                and o.user_id = (select request.user_id())
                and o.status = 'placed'
                and o.source_invoice is null
        )
    );

grant select on app.order_lines to member, staff, admin;
grant select, insert on app.order_lines to penstock_clerk;

commit;
