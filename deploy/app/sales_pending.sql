-- Deploy app/sales_pending
-- requires: app/sales_moves app/sales_line_changes app/sales_policy app/sales_day app/orders_policy app/order_lines_policy
-- An order has two sides: it stands somewhere now (1), and the roll-ups hold it where it stood
-- when they were last brought up to date (-1).
--
-- Where it stood then, its first move since tells: nowhere, if it came, and then all its lines
-- came since too. Else its lines of then are those it has now, without those that came since and
-- with those that went. Without a move it stands where it stood.
--
-- All of it is compared at the moment of reading, so it makes no difference in which order, by
-- which statements or at which isolation level the orders and the lines were written.
--
-- PostgreSQL can't know how few changes there are, or how many. Orders that were there before and
-- their lines are looked up by their keys ("offset 0"), and changes are brought together by a full
-- join, which never compares each with each.

begin;

create or replace view app.sales_pending as
with touched as (
    select
        coalesce(m.order_id, c.order_id) as order_id,
        m.moves[1] as first,
        m.moves[cardinality(m.moves)] as last,
        c.changes
    from (
        select m.order_id, array_agg(m order by m.id) as moves
        from app.sales_moves as m
        group by m.order_id
    ) as m
    full join (
        select c.order_id, array_agg(c) as changes
        from app.sales_line_changes as c
        group by c.order_id
    ) as c on c.order_id = m.order_id
),
places as materialized (
    select
        t.order_id,
        t.first is not null and (t.first).side = 1 as is_new,
        case when t.first is null then o.day when (t.first).side = -1 then (t.first).day end as day_then,
        coalesce((t.first).country, o.country) as country_then,
        case when t.first is null then o.day when (t.last).side = 1 then (t.last).day end as day_now,
        coalesce((t.last).country, o.country) as country_now,
        t.changes
    from touched as t
    left join lateral (
        select app.sales_day(o.status, o.placed_at) as day, o.country
        from app.orders as o
        where o.id = t.order_id
            and t.first is null
        offset 0
    ) as o on true
),
sides as (
    select p.order_id, 1 as side, p.day_now as day, p.country_now as country
    from places as p
    where p.day_now is not null
        and not p.is_new
    union all
    select p.order_id, -1, p.day_then, p.country_then
    from places as p
    where p.day_then is not null
)
select p.order_id, 1 as side, p.day_now as day, p.country_now as country, c.product_id, c.lines, c.units, c.revenue
from places as p
cross join lateral unnest(p.changes) as c
where p.day_now is not null
    and p.is_new
union all
select s.order_id, s.side, s.day, s.country, l.product_id, l.lines, l.units, l.revenue
from sides as s
cross join lateral (
    select l.product_id, 1 as lines, l.quantity::integer as units, l.quantity * l.unit_price as revenue
    from app.order_lines as l
    where l.order_id = s.order_id
    offset 0
) as l
union all
select p.order_id, -1, p.day_then, p.country_then, c.product_id, -c.lines, -c.units, -c.revenue
from places as p
cross join lateral unnest(p.changes) as c
where p.day_then is not null;

comment on view app.sales_pending is
    'What the roll-ups lack: the lines of the orders that changed, as they are now (side 1) and as the roll-ups hold them (side -1).';
comment on column app.sales_pending.order_id is 'The order.';
comment on column app.sales_pending.side is '1 for what is to be added to the roll-ups, -1 for what is to be taken off.';
comment on column app.sales_pending.day is 'The day on which the order counts on this side, in UTC.';
comment on column app.sales_pending.country is 'The country it counts for on this side.';
comment on column app.sales_pending.product_id is 'The product.';
comment on column app.sales_pending.lines is
    'How many lines. The order has lines on this side if the sum of these is not 0.';
comment on column app.sales_pending.units is 'How many pieces.';
comment on column app.sales_pending.revenue is 'The quantity times the unit price.';

-- Reads as the clerk, so that nobody else need see what it is made from.
grant create on schema app to penstock_clerk;
alter view app.sales_pending owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

grant select on app.sales_pending to staff, admin;

commit;
