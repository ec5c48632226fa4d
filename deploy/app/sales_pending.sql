-- Deploy app/sales_pending
-- requires: app/sales_moves app/sales_line_changes app/sales_policy app/sales_day app/orders_policy app/order_lines_policy
-- An order has two sides: it stands somewhere now (1), and the roll-ups hold it where it stood
-- when they were last brought up to date (-1). Its first move since then tells where that was
-- (nowhere, if it came); without a move it is where it is now. The lines it had there are its lines of now without
-- those that came since, and with those that went.
--
-- All of it is compared at the moment of reading, so it makes no difference in which order, by
-- which statements or at which isolation level the orders and the lines were written.
--
-- PostgreSQL can't know how few changes there are, or how many. Each order and its lines are
-- looked up by their keys ("offset 0"), and changes are brought together by a full join, which
-- never compares each with each.

begin;

create or replace view app.sales_pending as
with touched as (
    select
        coalesce(m.order_id, c.order_id) as order_id,
        m.order_id is not null as has_moved,
        m.day,
        m.country,
        c.changes
    from (
        select distinct on (m.order_id)
            m.order_id,
            case m.side when -1 then m.day end as day,
            m.country
        from app.sales_moves as m
        order by m.order_id, m.id
    ) as m
    full join (
        select c.order_id, array_agg(c) as changes
        from app.sales_line_changes as c
        group by c.order_id
    ) as c on c.order_id = m.order_id
),
sides as materialized (
    select s.order_id, s.side, s.day, s.country, s.changes
    from touched as t
    left join lateral (
        select app.sales_day(o.status, o.placed_at) as day, o.country
        from app.orders as o
        where o.id = t.order_id
        offset 0
    ) as o on true
    cross join lateral (
        values
            (t.order_id, 1, o.day, o.country, null),
            (t.order_id, -1, case when t.has_moved then t.day else o.day end, coalesce(t.country, o.country), t.changes)
    ) as s (order_id, side, day, country, changes)
    where s.day is not null
)
select s.order_id, s.side, s.day, s.country, l.product_id, l.lines, l.units, l.revenue
from sides as s
cross join lateral (
    select l.product_id, 1 as lines, l.quantity::integer as units, l.quantity * l.unit_price as revenue
    from app.order_lines as l
    where l.order_id = s.order_id
    offset 0
) as l
union all
select s.order_id, s.side, s.day, s.country, c.product_id, -c.lines, -c.units, -c.revenue
from sides as s
cross join lateral unnest(s.changes) as c;

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
