-- Deploy app/retail_policy
-- requires: app/users_policy app/orders_policy app/order_lines_policy
-- What the import adds to the clerk's rights: history, and nothing that is not history.

begin;

-- The clerk enters imported customers: members under their customer number, without an address.
drop policy if exists users_clerk_retail on app.users;
create policy users_clerk_retail on app.users for insert to penstock_clerk
    with check (
        username ~ '^retail-[0-9]+$'
        and email = username || '@customers.invalid'
        and role = 'member'
        and is_active
    );

-- The clerk enters what imported customers bought, as orders that were delivered long ago.
drop policy if exists orders_clerk_retail on app.orders;
create policy orders_clerk_retail on app.orders for insert to penstock_clerk
    with check (source_invoice is not null and status = 'delivered');

-- The clerk adds to an imported order the lines that a later file brings.
drop policy if exists orders_clerk_retail_add on app.orders;
create policy orders_clerk_retail_add on app.orders for update to penstock_clerk
    using (source_invoice is not null)
    with check (source_invoice is not null);
drop policy if exists order_lines_clerk_retail on app.order_lines;
create policy order_lines_clerk_retail on app.order_lines for insert to penstock_clerk
    with check (
        exists (
            select
            from app.orders as o
            where o.id = order_lines.order_id
                and o.source_invoice is not null
        )
    );

grant insert (email, username) on app.users to penstock_clerk;
grant
    insert (user_id, status, country, total, placed_at, source_invoice),
    update (total, placed_at)
    on app.orders to penstock_clerk;

commit;
