-- Deploy api/retail_export
-- requires: api/retail_line app/orders_policy app/order_lines_policy app/products_policy app/users_policy

begin;

create or replace function api.retail_export()
    returns setof api.retail_line
    stable
    language sql
as $$
    -- In the order in which things were bought: the import takes the latest price for a product's,
    -- and numbers an order's lines as they come.
    select
        o.source_invoice,
        p.sku::text,
        p.name::text,
        l.quantity::text,
        to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS'),
        l.unit_price::text,
        -- An admin may have changed one of a customer's names since.
        coalesce(
            substring(u.username from '^retail-([0-9]+)$'),
            substring(u.email from '^retail-([0-9]+)@customers\.invalid$')
        ),
        o.country::text
    from app.orders as o
    join app.users as u on u.id = o.user_id
    join app.order_lines as l on l.order_id = o.id
    join app.products as p on p.id = l.product_id
    where o.source_invoice is not null
    order by o.placed_at, o.id, l.line_no
$$;

comment on function api.retail_export() is $$
All that was imported, as a retail file has it.

A line for each order line of an imported order, in the form that the import takes: ask for text/csv, and
send what you get to POST /imports/retail of an empty shop. What the import rejected is not among them.

HTTP GET /imports/retail
@tag imports
$$;

grant execute on function api.retail_export() to staff, admin;

commit;
