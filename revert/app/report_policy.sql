begin;

drop policy orders_analysts on app.orders;
drop policy order_lines_analysts on app.order_lines;
drop policy products_analysts on app.products;

revoke all on app.order_lines from report_owner;
revoke select (id, user_id, status, country, placed_at) on app.orders from report_owner;
revoke select (id, sku, name) on app.products from report_owner;

commit;
