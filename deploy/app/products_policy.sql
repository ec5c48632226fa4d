-- Deploy app/products_policy
-- requires: app/products

begin;

alter table app.products enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists products_owner on app.products;
create policy products_owner on app.products to penstock_owner
    using (true) with check (true);

-- Everybody sees what is for sale.
drop policy if exists products_for_sale on app.products;
create policy products_for_sale on app.products for select to anon, member
    using (is_active);

-- Staff and admins see, enter, change and delete all products.
drop policy if exists products_staff on app.products;
create policy products_staff on app.products to staff, admin
    using (true)
    with check (true);

-- The clerk reads all products, and takes and returns stock for the customers.
drop policy if exists products_clerk_read on app.products;
create policy products_clerk_read on app.products for select to penstock_clerk
    using (true);
drop policy if exists products_clerk_stock on app.products;
create policy products_clerk_stock on app.products for update to penstock_clerk
    using (true)
    with check (true);

grant select on app.products to anon, member, staff, admin, penstock_clerk;
grant
    insert (sku, name, description, price, stock, is_active),
    update (sku, name, description, price, stock, is_active),
    delete
    on app.products to staff, admin;
grant update (stock) on app.products to penstock_clerk;

commit;
