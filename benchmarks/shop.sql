-- A shop of two years: what the dashboard is measured on. Run as the owner over a copy of the
-- deployed database, in one transaction; bench.orders says how many orders.
-- Set-based, with all triggers and constraints on, so what is kept beside the lines is right, too.

select setseed(0.42);

-- 3,000 customers, a third of them from the beginning; the others came one by one.
create temporary table shop_customers on commit drop as
select
    u.id,
    row_number() over (order by md5(u.id::text)) as place,
    now() - interval '730 days' * least(1, 1.5 * random()) as joined_at,
    (array[
        'United Kingdom', 'United Kingdom', 'United Kingdom', 'United Kingdom', 'Germany',
        'France', 'Ireland', 'Netherlands', 'Spain', 'Sweden'
    ])[1 + floor(random() * 10)::integer] as country
from (
    select u.id from app.users as u where u.email like 'bench.%' order by u.id limit 3000
) as u;

-- A few customers buy most.
create temporary table shop_orders on commit drop as
select
    nextval(pg_get_serial_sequence('app.orders', 'id')) as id,
    o.user_id,
    o.country,
    o.placed_at,
    case
        when o.chance < 0.05 then 'cancelled'
        when o.placed_at < now() - interval '8 days' then 'delivered'
        when o.placed_at < now() - interval '3 days' then 'shipped'
        else 'paid'
    end::app.order_status as status
from (
    select
        c.id as user_id,
        c.country,
        c.joined_at + (now() - c.joined_at) * d.moment as placed_at,
        d.chance
    from (
        select
            1 + floor(3000 * power(random(), 1.5)) as place,
            random() as moment,
            random() as chance
        from generate_series(1, current_setting('bench.orders')::integer)
    ) as d
    join shop_customers as c on c.place = d.place
    order by placed_at
) as o;

-- One to nine lines an order, of 4,000 products; a few of them sell best.
create temporary table shop_lines on commit drop as
select o.id as order_id, d.line_no, p.id as product_id, d.quantity, p.price as unit_price
from shop_orders as o
cross join lateral (
    select
        n as line_no,
        1 + floor(4000 * power(random(), 2)) as place,
        1 + floor(5 * power(random(), 3)) as quantity
    from generate_series(1, 1 + o.id % 9) as n
) as d
join (
    select p.id, p.price, row_number() over (order by md5(p.sku)) as place
    from app.products as p
    where p.sku like 'BNC-%'
) as p on p.place = d.place;

insert into app.orders (id, user_id, status, country, total, placed_at)
overriding system value
select o.id, o.user_id, o.status, o.country, sum(l.quantity * l.unit_price), o.placed_at
from shop_orders as o
join shop_lines as l on l.order_id = o.id
group by o.id, o.user_id, o.status, o.country, o.placed_at
order by o.id;

insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
select l.order_id, l.line_no, l.product_id, l.quantity, l.unit_price
from shop_lines as l
order by l.order_id, l.line_no;

-- The same answers, computed each time.

create function bench.dashboard("from" date default null, "to" date default null)
    returns api.dashboard
    stable
    language sql
as $$
    select d from api.dashboard_get(dashboard."from", dashboard."to") as d
$$;

comment on function bench.dashboard(date, date) is $$
The shop's dashboard, uncached.

HTTP GET /bench/dashboard
@timeout 10s
$$;

create function bench.product_get(product_id bigint)
    returns setof api.product
    stable
    rows 1
    language sql
as $$
    select p.* from api.product_get(product_get.product_id) as p
$$;

comment on function bench.product_get(bigint) is $$
One product, uncached.

HTTP GET /bench/products/{product_id}
@single
$$;

-- From the order lines of both periods, which are read once.

create function bench.dashboard_from_lines("from" date default null, "to" date default null)
    returns api.dashboard
    stable
    language sql
as $$
    with period as materialized (
        select p.first_day, p.last_day, p.before, p.begins, p.ends
        from app.dashboard_period(dashboard_from_lines."from", dashboard_from_lines."to") as p
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

comment on function bench.dashboard_from_lines(date, date) is $$
The shop's dashboard as the lines have it, uncached.

HTTP GET /bench/dashboard-from-lines
@timeout 10s
$$;

grant execute on all functions in schema bench to staff;
