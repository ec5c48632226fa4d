-- Deploy app/sales_fold
-- requires: app/sales_pending app/sales_customers_pending app/sales_block
-- One statement, so one snapshot: what it takes out of the pending tables is what it adds to the
-- roll-ups, and what others commit meanwhile stays pending. It is for between statements, never
-- for a trigger that is called within one: see app.sales_fold_at_commit.

begin;

create or replace function app.sales_fold()
    returns void
    volatile
    security definer
    set search_path = ''
    set jit = off
    set enable_hashagg = off  -- a few rows: to sort them is less work than to clear tables for many
    language plpgsql
as $$
begin
    -- One at a time, and nobody waits. The statement below must see what the one before has
    -- done, which a transaction's snapshot may be too old for.
    if current_setting('transaction_isolation') <> 'read committed'
        or not pg_catalog.pg_try_advisory_xact_lock(pg_catalog.hashtextextended('app.sales_fold', 0))
    then
        return;
    end if;

    with lines as materialized (
        select p.* from app.sales_pending as p
    ),
    starts as materialized (
        select p.* from app.sales_customers_pending as p
    ),
    moves as (
        delete from app.sales_moves
    ),
    line_changes as (
        delete from app.sales_line_changes
    ),
    orders as materialized (
        select
            l.day,
            l.country,
            case when sum(l.lines) > 0 then l.side else 0 end as orders,
            l.side * sum(l.units) as units,
            l.side * sum(l.revenue) as revenue
        from lines as l
        group by l.order_id, l.side, l.day, l.country
    ),
    days as (
        insert into app.sales_days as s (day, orders, units, revenue)
        select o.day, sum(o.orders), sum(o.units), sum(o.revenue)
        from orders as o
        group by o.day
        on conflict (day) do update
        set orders = s.orders + excluded.orders,
            units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue
    ),
    countries as (
        insert into app.sales_countries as s (day, country, orders, units, revenue)
        select o.day, o.country, sum(o.orders), sum(o.units), sum(o.revenue)
        from orders as o
        group by o.day, o.country
        order by o.day
        on conflict (day, country) do update
        set orders = s.orders + excluded.orders,
            units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue
    ),
    products as (
        insert into app.sales_products as s (product_id, day, units, revenue)
        select l.product_id, l.day, sum(l.side * l.units), sum(l.side * l.revenue)
        from lines as l
        group by l.product_id, l.day
        order by l.day
        on conflict (product_id, day) do update
        set units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue
    ),
    -- A ceiling has a tenth to spare. Those of products far from the best (the first 64) have
    -- more: half of what the last of these has.
    rooms as materialized (
        select b.block, (
            select s.ceiling / 2
            from app.sales_blocks as s
            where s.block = b.block
            order by s.ceiling desc
            offset 63
            limit 1
        ) as room
        from (select distinct app.sales_block(l.day) as block from lines as l) as b
    ),
    blocks as (
        insert into app.sales_blocks as s (product_id, block, units, revenue, ceiling)
        select
            l.product_id,
            r.block,
            sum(l.side * l.units),
            sum(l.side * l.revenue),
            greatest(sum(l.side * l.revenue) * 1.1, r.room, 0)
        from lines as l
        join rooms as r on r.block = app.sales_block(l.day)
        group by l.product_id, r.block, r.room
        on conflict (product_id, block) do update
        set units = s.units + excluded.units,
            revenue = s.revenue + excluded.revenue,
            ceiling = case
                when s.revenue + excluded.revenue <= s.ceiling then s.ceiling
                else greatest((s.revenue + excluded.revenue) * 1.1, excluded.ceiling)
            end
    ),
    gone as (
        delete from app.sales_customers as c
        using starts as s
        where s.user_id = c.user_id
            and s.ordered_on is null
    )
    insert into app.sales_customers as c (user_id, ordered_on, bought_on)
    select s.user_id, s.ordered_on, s.bought_on
    from starts as s
    where s.ordered_on is not null
    on conflict (user_id) do update
    set ordered_on = excluded.ordered_on,
        bought_on = excluded.bought_on
    where (c.ordered_on, c.bought_on) is distinct from (excluded.ordered_on, excluded.bought_on);
end
$$;

comment on function app.sales_fold() is
    'Brings the roll-ups up to date with what is pending, unless another transaction is at it. It changes no result.';

-- Belongs to the clerk, who keeps the roll-ups, whoever writes orders.
grant create on schema app to penstock_clerk;
alter function app.sales_fold() owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

commit;
