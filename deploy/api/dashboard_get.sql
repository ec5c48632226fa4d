-- Deploy api/dashboard_get
-- requires: api/dashboard app/dashboard_period app/change_ratio app/sales_top app/sales_pending app/sales_customers_pending app/sales_policy app/order_lines_truncate_sales
-- Adds up the roll-ups and what they lack, each day of both periods by country; no order is read
-- but those that changed just now.

begin;

create or replace function api.dashboard_get("from" date default null, "to" date default null)
    returns api.dashboard
    stable
    set jit = off
    set plan_cache_mode = force_generic_plan
    language plpgsql
as $$
declare
    v_period record;
    v_before date;
    v_orders app.sales_countries[];
    v_products app.sales_products[];
    v_dashboard api.dashboard;
begin
    v_period := app.dashboard_period(dashboard_get."from", dashboard_get."to");
    v_before := v_period.first_day - (v_period.last_day - v_period.first_day + 1);
    -- What the roll-ups lack, by order and by product.
    with lines as materialized (
        select p.*
        from app.sales_pending as p
        where p.day between v_before and v_period.last_day
    )
    select
        array(
            select (
                l.day,
                l.country,
                case when sum(l.lines) > 0 then l.side else 0 end,
                l.side * sum(l.units),
                l.side * sum(l.revenue)
            )::app.sales_countries
            from lines as l
            group by l.order_id, l.side, l.day, l.country
        ),
        array(
            select (
                l.product_id, v_period.last_day, sum(l.side * l.units), sum(l.side * l.revenue)
            )::app.sales_products
            from lines as l
            where l.day >= v_period.first_day
            group by l.product_id
        )
    into v_orders, v_products;

    with days as materialized (
        select s.day, sum(s.orders) as orders, sum(s.units) as units, sum(s.revenue) as revenue
        from (
            select s.day, s.orders, s.units, s.revenue
            from app.sales_days as s
            where s.day between v_before and v_period.last_day
            union all
            select p.day, p.orders, p.units, p.revenue
            from unnest(v_orders) as p
        ) as s
        group by s.day
        having sum(s.orders) > 0
    ),
    countries as (
        select s.country, sum(s.orders) as orders, sum(s.revenue) as revenue
        from (
            select s.country, s.orders, s.revenue
            from app.sales_countries as s
            where s.day between v_period.first_day and v_period.last_day
            union all
            select p.country, p.orders, p.revenue
            from unnest(v_orders) as p
            where p.day >= v_period.first_day
        ) as s
        group by s.country
        having sum(s.orders) > 0
    ),
    starts as materialized (
        select p.user_id, p.ordered_on, p.bought_on from app.sales_customers_pending as p
    ),
    -- A customer is new where no order of theirs is older than the period.
    newcomers as (
        select
            count(*) filter (where c.ordered_on >= v_period.first_day) as now,
            count(*) filter (where c.bought_on < v_period.first_day) as before
        from (
            select s.ordered_on, s.bought_on
            from app.sales_customers as s
            where s.bought_on between v_before and v_period.last_day
                and not exists (select from starts as p where p.user_id = s.user_id)
            union all
            select s.ordered_on, s.bought_on
            from starts as s
            where s.bought_on between v_before and v_period.last_day
        ) as c
        where c.ordered_on >= v_before
    ),
    totals as (
        select
            halves.is_now,
            coalesce(sum(d.revenue), 0) as revenue,
            coalesce(sum(d.orders), 0) as orders,
            round(sum(d.revenue) / sum(d.orders), 2) as average_order,
            coalesce(sum(d.units), 0) as units,
            case when halves.is_now then n.now else n.before end as new_customers
        from (values (true), (false)) as halves (is_now)
        cross join newcomers as n
        left join days as d on (d.day >= v_period.first_day) = halves.is_now
        group by halves.is_now, n.now, n.before
    )
    select
        v_period.first_day,
        v_period.last_day,
        t.revenue,
        t.orders,
        t.average_order,
        t.units,
        t.new_customers,
        app.sales_top(v_period.first_day, v_period.last_day, v_products),
        array(
            select (c.country, c.orders, c.revenue)::api.dashboard_country
            from countries as c
            order by c.revenue desc, c.country
        ),
        array(
            select (c.day, coalesce(d.orders, 0), coalesce(d.revenue, 0))::api.dashboard_day
            from (
                select v_period.first_day + n as day
                from generate_series(0, v_period.last_day - v_period.first_day) as n
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
    into v_dashboard
    from totals as t
    join totals as b on not b.is_now
    where t.is_now;

    return v_dashboard;
end
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
