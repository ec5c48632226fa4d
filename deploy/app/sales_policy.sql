-- Deploy app/sales_policy
-- requires: app/sales_moves app/sales_line_changes app/sales_days app/sales_countries app/sales_products app/sales_blocks app/sales_customers
-- The tables of the roll-ups: the clerk alone keeps them, whoever writes orders.

begin;

alter table app.sales_moves enable row level security, force row level security;
alter table app.sales_line_changes enable row level security, force row level security;
alter table app.sales_days enable row level security, force row level security;
alter table app.sales_countries enable row level security, force row level security;
alter table app.sales_products enable row level security, force row level security;
alter table app.sales_blocks enable row level security, force row level security;
alter table app.sales_customers enable row level security, force row level security;

-- The owner sees everything, or its own migrations would change nothing.
drop policy if exists sales_moves_owner on app.sales_moves;
create policy sales_moves_owner on app.sales_moves to penstock_owner using (true) with check (true);
drop policy if exists sales_line_changes_owner on app.sales_line_changes;
create policy sales_line_changes_owner on app.sales_line_changes to penstock_owner using (true) with check (true);
drop policy if exists sales_days_owner on app.sales_days;
create policy sales_days_owner on app.sales_days to penstock_owner using (true) with check (true);
drop policy if exists sales_countries_owner on app.sales_countries;
create policy sales_countries_owner on app.sales_countries to penstock_owner using (true) with check (true);
drop policy if exists sales_products_owner on app.sales_products;
create policy sales_products_owner on app.sales_products to penstock_owner using (true) with check (true);
drop policy if exists sales_blocks_owner on app.sales_blocks;
create policy sales_blocks_owner on app.sales_blocks to penstock_owner using (true) with check (true);
drop policy if exists sales_customers_owner on app.sales_customers;
create policy sales_customers_owner on app.sales_customers to penstock_owner using (true) with check (true);

-- The clerk keeps all of it.
drop policy if exists sales_moves_clerk on app.sales_moves;
create policy sales_moves_clerk on app.sales_moves to penstock_clerk using (true) with check (true);
drop policy if exists sales_line_changes_clerk on app.sales_line_changes;
create policy sales_line_changes_clerk on app.sales_line_changes to penstock_clerk using (true) with check (true);
drop policy if exists sales_days_clerk on app.sales_days;
create policy sales_days_clerk on app.sales_days to penstock_clerk using (true) with check (true);
drop policy if exists sales_countries_clerk on app.sales_countries;
create policy sales_countries_clerk on app.sales_countries to penstock_clerk using (true) with check (true);
drop policy if exists sales_products_clerk on app.sales_products;
create policy sales_products_clerk on app.sales_products to penstock_clerk using (true) with check (true);
drop policy if exists sales_blocks_clerk on app.sales_blocks;
create policy sales_blocks_clerk on app.sales_blocks to penstock_clerk using (true) with check (true);
drop policy if exists sales_customers_clerk on app.sales_customers;
create policy sales_customers_clerk on app.sales_customers to penstock_clerk using (true) with check (true);

-- Staff and admins, who see every order, see what the dashboard adds up.
drop policy if exists sales_days_staff on app.sales_days;
create policy sales_days_staff on app.sales_days for select to staff, admin using (true);
drop policy if exists sales_countries_staff on app.sales_countries;
create policy sales_countries_staff on app.sales_countries for select to staff, admin using (true);
drop policy if exists sales_products_staff on app.sales_products;
create policy sales_products_staff on app.sales_products for select to staff, admin using (true);
drop policy if exists sales_blocks_staff on app.sales_blocks;
create policy sales_blocks_staff on app.sales_blocks for select to staff, admin using (true);
drop policy if exists sales_customers_staff on app.sales_customers;
create policy sales_customers_staff on app.sales_customers for select to staff, admin using (true);

grant select, insert, delete on app.sales_moves, app.sales_line_changes to penstock_clerk;
grant select, insert, update, delete
    on app.sales_days, app.sales_countries, app.sales_products, app.sales_blocks, app.sales_customers
    to penstock_clerk;
grant select
    on app.sales_days, app.sales_countries, app.sales_products, app.sales_blocks, app.sales_customers
    to staff, admin;

commit;
