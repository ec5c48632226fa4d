-- Deploy api/dashboard_get
-- requires: api/dashboard app/dashboard_period app/change_ratio app/orders_policy app/order_lines_policy app/products_policy
-- The lines of both periods are read once, at the price they were sold for; all the rest is
-- adding up.

begin;

create or replace function api.dashboard_get("from" date default null, "to" date default null)
    returns api.dashboard
    stable
    language sql
as $$
    with period as materialized (
        select p.first_day, p.last_day, p.before, p.begins, p.ends
        from app.dashboard_period(dashboard_get."from", dashboard_get."to") as p
    ),
    lines as materialized (
        select
            o.id as order_id,
            o.placed_at >= (select begins from period) as is_now,
            o.user_id,
            o.country,
            (o.placed_at at time zone 'UTC')::date as day,
            l.product_id,
            l.quantity,
            l.quantity * l.unit_price as amount
        from app.orders as o
        join app.order_lines as l on l.order_id = o.id
        where o.placed_at >= (select before from period)
            and o.placed_at < (select ends from period)
            and o.status <> 'cancelled'
    ),
    orders as materialized (
        select
            l.order_id,
            l.is_now,
            l.user_id,
            l.country,
            l.day,
            sum(l.quantity) as units,
            sum(l.amount) as revenue
        from lines as l
        group by l.order_id, l.is_now, l.user_id, l.country, l.day
    ),
    -- A customer is new where no order of theirs is older than the period.
    newcomers as (
        select c.is_now, count(*) as new_customers
        from (select distinct o.user_id, o.is_now from orders as o) as c
        cross join period as p
        where not exists (
            select
            from app.orders as earlier
            where earlier.user_id = c.user_id
                and earlier.status <> 'cancelled'
                and earlier.placed_at < case when c.is_now then p.begins else p.before end
        )
        group by c.is_now
    ),
    totals as (
        select
            halves.is_now,
            coalesce(sum(o.revenue), 0) as revenue,
            count(o.order_id) as orders,
            round(avg(o.revenue), 2) as average_order,
            coalesce(sum(o.units), 0)::bigint as units,
            coalesce(max(n.new_customers), 0) as new_customers
        from (values (true), (false)) as halves (is_now)
        left join orders as o on o.is_now = halves.is_now
        left join newcomers as n on n.is_now = halves.is_now
        group by halves.is_now
    ),
    top_products as (
        select l.product_id, sum(l.quantity) as units, sum(l.amount) as revenue
        from lines as l
        where l.is_now
        group by l.product_id
        order by revenue desc, l.product_id
        limit 10
    ),
    countries as (
        select o.country, count(*) as orders, sum(o.revenue) as revenue
        from orders as o
        where o.is_now
        group by o.country
    ),
    days as (
        select o.day, count(*) as orders, sum(o.revenue) as revenue
        from orders as o
        where o.is_now
        group by o.day
    )
    select
        p.first_day,
        p.last_day,
        t.revenue,
        t.orders,
        t.average_order,
        t.units,
        t.new_customers,
        array(
            select (t.product_id, p.sku, p.name, t.units, t.revenue)::api.dashboard_product
            from top_products as t
            join app.products as p on p.id = t.product_id
            order by t.revenue desc, t.product_id
        ),
        array(
            select (c.country, c.orders, c.revenue)::api.dashboard_country
            from countries as c
            order by c.revenue desc, c.country
        ),
        array(
            select (c.day, coalesce(d.orders, 0), coalesce(d.revenue, 0))::api.dashboard_day
            from (
                select p.first_day + n as day
                from generate_series(0, p.last_day - p.first_day) as n
            ) as c
            left join days as d on d.day = c.day
            order by c.day
        ),
        (
            app.change_ratio(b.revenue, t.revenue),
            app.change_ratio(b.orders, t.orders),
            app.change_ratio(b.average_order, t.average_order),
            app.change_ratio(b.units, t.units),
            app.change_ratio(b.new_customers, t.new_customers)
        )::api.dashboard_change
    from period as p
    join totals as t on t.is_now
    join totals as b on not b.is_now
$$;

comment on function api.dashboard_get(date, date) is $$
What a period brought the shop, and how that compares with the period before.

Both days count in full, in UTC. Without "to" the period ends today, without "from" it is 30 days long;
it holds at most 731 days. Orders that were cancelled count nowhere. A new customer is a user whose
first order falls in the period.

HTTP GET /analytics/dashboard
@cache 1min tags=orders,order_lines,products vary=role
@tag analytics
@timeout 10s
@error 422 The period begins after it ends, or is too long.
$$;

grant execute on function api.dashboard_get(date, date) to staff, admin;

commit;
