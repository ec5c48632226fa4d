-- Deploy api/order_get
-- requires: api/order app/product_labels app/orders_policy app/order_lines_policy

begin;

create or replace function api.order_get(order_id bigint)
    returns setof api.order
    stable
    rows 1
    language sql
as $$
    select
        o.id, o.user_id, o.status, o.country, o.total, o.placed_at, o.updated_at,
        array(
            select
                row(
                    l.line_no, l.product_id, p.sku, p.name, l.quantity, l.unit_price,
                    l.quantity * l.unit_price
                )::api.order_line
            from app.order_lines as l
            join app.product_labels as p on p.id = l.product_id
            where l.order_id = o.id
            order by l.line_no
        )
    from app.orders as o
    where o.id = order_get.order_id
$$;

comment on function api.order_get(bigint) is $$
One order by its id, with its lines.
Members find their own; staff and admins find all.

HTTP GET /orders/{order_id}
@single
@tag orders
$$;

grant execute on function api.order_get(bigint) to member, staff, admin, penstock_clerk;

commit;
