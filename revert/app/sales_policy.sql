begin;

drop policy sales_moves_owner on app.sales_moves;
drop policy sales_moves_clerk on app.sales_moves;
drop policy sales_line_changes_owner on app.sales_line_changes;
drop policy sales_line_changes_clerk on app.sales_line_changes;
drop policy sales_days_owner on app.sales_days;
drop policy sales_days_clerk on app.sales_days;
drop policy sales_countries_owner on app.sales_countries;
drop policy sales_countries_clerk on app.sales_countries;
drop policy sales_products_owner on app.sales_products;
drop policy sales_products_clerk on app.sales_products;
drop policy sales_blocks_owner on app.sales_blocks;
drop policy sales_blocks_clerk on app.sales_blocks;
drop policy sales_customers_owner on app.sales_customers;
drop policy sales_customers_clerk on app.sales_customers;
drop policy sales_days_staff on app.sales_days;
drop policy sales_countries_staff on app.sales_countries;
drop policy sales_products_staff on app.sales_products;
drop policy sales_blocks_staff on app.sales_blocks;
drop policy sales_customers_staff on app.sales_customers;

revoke all on app.sales_moves, app.sales_line_changes, app.sales_days, app.sales_countries,
    app.sales_products, app.sales_blocks, app.sales_customers
    from penstock_clerk, staff, admin;

alter table app.sales_moves disable row level security, no force row level security;
alter table app.sales_line_changes disable row level security, no force row level security;
alter table app.sales_days disable row level security, no force row level security;
alter table app.sales_countries disable row level security, no force row level security;
alter table app.sales_products disable row level security, no force row level security;
alter table app.sales_blocks disable row level security, no force row level security;
alter table app.sales_customers disable row level security, no force row level security;

commit;
