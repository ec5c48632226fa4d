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
        -- All, or those of one status: a branch and an index for each.
        (
            select o.id, o.placed_at
            from app.orders as o
            where order_list.status is null
                and (o.placed_at, o.id) < (
                    select
                        coalesce((order_list.cursor ->> 'placed_at')::timestamptz, 'infinity'),
                        coalesce((order_list.cursor ->> 'id')::bigint, 9223372036854775807)
                )
            order by o.placed_at desc, o.id desc
            limit 100
        )
        union all
        (
            select o.id, o.placed_at
            from app.orders as o
            where o.status = order_list.status
                and (o.placed_at, o.id) < (
                    select
                        coalesce((order_list.cursor ->> 'placed_at')::timestamptz, 'infinity'),
                        coalesce((order_list.cursor ->> 'id')::bigint, 9223372036854775807)
                )
            order by o.status, o.placed_at desc, o.id desc  -- an enum has to lead: see the conventions
            limit 100
        )
    ) as page
    cross join lateral (
        select *
        from api.order_get(page.id)
        offset 0  -- by its key, never by a join with all of the customer's orders
    ) as a
    order by page.placed_at desc, page.id desc
    limit order_list."limit"
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
