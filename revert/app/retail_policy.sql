begin;

drop policy users_clerk_retail on app.users;
drop policy orders_clerk_retail on app.orders;
drop policy orders_clerk_retail_add on app.orders;
drop policy order_lines_clerk_retail on app.order_lines;

-- What app/users_policy and app/orders_policy grant the clerk stays.
revoke insert (email, username) on app.users from penstock_clerk;
revoke
    insert (status, placed_at, source_invoice),
    update (total, placed_at)
    on app.orders from penstock_clerk;

commit;
