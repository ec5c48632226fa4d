-- Deploy app/report_policy
-- requires: app/analysts_policy app/orders_policy app/order_lines_policy app/products_policy
-- What the report views show. They read as report_owner, who holds the columns that a report
-- needs and no more: nothing of app.users, so no name and no address can get out. That the rows
-- are the analyst's is said here, at the tables, so that a view made tomorrow keeps it too.
--
-- Each policy asks for the analyst once a statement, and those who see everything pay for
-- nothing more.

begin;

-- Analysts see the orders of their countries.
drop policy if exists orders_analysts on app.orders;
create policy orders_analysts on app.orders for select to report_owner
    using (
        (select a.countries is null from app.analysts as a where a.login = session_user)
        or country = any (
            (select a.countries from app.analysts as a where a.login = session_user)::app.country[]
        )
    );

-- Analysts see the lines of the orders they see.
drop policy if exists order_lines_analysts on app.order_lines;
create policy order_lines_analysts on app.order_lines for select to report_owner
    using (
        (select a.countries is null from app.analysts as a where a.login = session_user)
        or exists (select from app.orders as o where o.id = order_lines.order_id)
    );

-- Analysts see every product.
drop policy if exists products_analysts on app.products;
create policy products_analysts on app.products for select to report_owner
    using (exists (select from app.analysts as a where a.login = session_user));

grant select (id, user_id, status, country, placed_at) on app.orders to report_owner;
grant select on app.order_lines to report_owner;
grant select (id, sku, name) on app.products to report_owner;

commit;
