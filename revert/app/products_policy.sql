begin;

drop policy products_owner on app.products;
drop policy products_for_sale on app.products;
drop policy products_staff on app.products;
drop policy products_clerk_read on app.products;
drop policy products_clerk_stock on app.products;

revoke all on app.products from anon, member, staff, admin, penstock_clerk;

alter table app.products disable row level security, no force row level security;

commit;
