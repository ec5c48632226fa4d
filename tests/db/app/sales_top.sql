begin;

\ir ../house/personas.psql
\ir ../house/recount.psql

select plan(9);

-- Signature
select volatility_is('app', 'sales_top', array['date', 'date', 'app.sales_products[]'], 'stable');

-- Behaviour: 300 products over 70 days, the prices few so that many are equal
select setseed(0.3);
insert into app.products (sku, name, price, stock)
select 'S-' || n, 'Thing ' || n, 1, 0
from generate_series(1, 300) as n;

create function pg_temp.sell(orders integer, skew double precision) returns void language sql as $$
    with o as (
        insert into app.orders (user_id, country, total, placed_at)
        select (select max(u.id) from app.users as u), 'France', 0, timestamptz '2015-01-10 12:00Z' + interval '70 days' * random()
        from generate_series(1, sell.orders)
        returning id
    )
    insert into app.order_lines
    select o.id, n, (select max(p.id) from app.products as p) - floor(300 * random() ^ sell.skew), 1, floor(3 * random())
    from o, generate_series(1, 4) as n
$$;

create function pg_temp.faults() returns setof text language sql as $$
    select f.first_day || ' to ' || f.last_day
    from (
        select d + n as first_day, d + n + days as last_day
        from (values (date '2015-01-01')) as s (d)
        cross join generate_series(0, 70, 7) as n
        cross join unnest(array[0, 3, 14, 15, 29, 64]) as days
    ) as f
    where (api.dashboard_get(f.first_day, f.last_day)).top_products::text
        <> (pg_temp.recount(f.first_day, f.last_day)).top_products::text
$$;

select pg_temp.sell(600, 1);
select app.sales_fold();
select is_empty('select pg_temp.faults()', 'products that sell alike');
select pg_temp.sell(100, 1);
select is_empty('select pg_temp.faults()', 'with orders pending');
select pg_temp.sell(600, 4);
select app.sales_fold();
select is_empty('select pg_temp.faults()', 'a few that sell best');

-- Lists of 40 are not enough here: in each block others sell best, and what sells every day is on
-- no list of that length.
insert into app.orders (user_id, country, total, placed_at)
select (select max(u.id) from app.users as u), 'Spain', 0, timestamptz '2016-01-01 12:00Z' + n * interval '1 day'
from generate_series(0, 63) as n;
insert into app.order_lines
select o.id, r.place, p.id, 1, case when r.place <= 60 then 100 else 90 end
from (
    select o.id, row_number() over (order by o.id) - 1 as day
    from app.orders as o
    where o.country = 'Spain'
) as o
cross join generate_series(1, 72) as r (place)
join (select p.id, row_number() over (order by p.id) as place from app.products as p) as p
    on p.place = case when r.place <= 60 then 1 + (o.day / 16) * 60 + r.place - 1 else 240 + r.place - 60 end;
select app.sales_fold();
select is(
    (api.dashboard_get('2016-01-01', '2016-02-25')).top_products::text,
    (pg_temp.recount('2016-01-01', '2016-02-25')).top_products::text,
    'best over all, and nowhere among the best'
);
select is(
    (select array_agg(t.product_id order by t.product_id)
    from unnest((api.dashboard_get('2016-01-01', '2016-02-25')).top_products) as t),
    (select array_agg(p.id order by p.id)
    from (select p.id, row_number() over (order by p.id) as place from app.products as p) as p
    where p.place between 241 and 250),
    'which are those that sell every day'
);

update app.order_lines set unit_price = 2;
select app.sales_fold();
select is_empty('select pg_temp.faults()', 'equal prices: the older product comes first');
update app.order_lines set unit_price = 0;
select app.sales_rebuild();  -- ceilings of nothing too
select is_empty('select pg_temp.faults()', 'gifts');

-- Permission
select is(pg_temp.callers('app.sales_top(date, date, app.sales_products[])'), 'staff, admin', 'staff and admins alone');

select * from finish();

rollback;
