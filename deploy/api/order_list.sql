-- Deploy api/order_list
-- requires: api/order_get api/page_size

begin;

create or replace function api.order_list(
    "limit" api.page_size default 20,
    cursor jsonb default null,
    status app.order_status default null
)
    returns setof api.order
    stable
    language sql
as $$
    select a.*
    from (
        select o.id, o.placed_at
        from app.orders as o
        where (order_list.status is null or o.status = order_list.status)
            and (
                order_list.cursor is null
                or (o.placed_at, o.id) < (
                    (order_list.cursor ->> 'placed_at')::timestamptz,
                    (order_list.cursor ->> 'id')::bigint
                )
            )
        order by o.placed_at desc, o.id desc
        limit order_list."limit"
    ) as page
    cross join lateral api.order_get(page.id) as a
    order by page.placed_at desc, page.id desc
$$;

comment on function api.order_list(api.page_size, jsonb, app.order_status) is $$
Orders, the newest first: members see their own, staff and admins all.

HTTP GET /orders
@page placed_at, id
@tag orders
$$;

grant execute on function api.order_list(api.page_size, jsonb, app.order_status)
    to member, staff, admin;

commit;
