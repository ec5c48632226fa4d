-- Deploy app/sales_customers_pending
-- requires: app/sales_moves app/sales_line_changes app/sales_customers app/sales_policy app/orders_policy app/order_lines_policy
-- Who began before and only placed another order is left out: nothing changes for them. The
-- others' first orders are looked up by their index ("limit 1").

begin;

create or replace view app.sales_customers_pending as
select u.user_id, ordered.day as ordered_on, bought.day as bought_on
from (
    select m.user_id
    from app.sales_moves as m
    left join app.sales_customers as c on c.user_id = m.user_id
    group by m.user_id, c.bought_on
    having c.bought_on is null
        or bool_or(m.side = -1 and m.day is not null)
        or min(m.day) < c.bought_on
    union
    select o.user_id
    from (
        select c.order_id from app.sales_line_changes as c
        except
        select m.order_id from app.sales_moves as m
    ) as c
    cross join lateral (
        select o.user_id from app.orders as o where o.id = c.order_id offset 0
    ) as o
) as u
left join lateral (
    select (o.placed_at at time zone 'UTC')::date as day
    from app.orders as o
    where o.user_id = u.user_id
        and o.status <> 'cancelled'
    order by o.placed_at, o.id
    limit 1
) as ordered on true
left join lateral (
    select (o.placed_at at time zone 'UTC')::date as day
    from app.orders as o
    where o.user_id = u.user_id
        and o.status <> 'cancelled'
        and (select true from app.order_lines as l where l.order_id = o.id limit 1)
    order by o.placed_at, o.id
    limit 1
) as bought on true;

comment on view app.sales_customers_pending is
    'When those customers began for whom app.sales_customers may not hold, because their orders changed since it was last brought up to date.';
comment on column app.sales_customers_pending.user_id is 'The customer.';
comment on column app.sales_customers_pending.ordered_on is
    'The day, in UTC, of their first order that was not cancelled; null if there is none.';
comment on column app.sales_customers_pending.bought_on is
    'The same of their first order that has lines.';

-- Reads as the clerk, so that nobody else need see what it is made from.
grant create on schema app to penstock_clerk;
alter view app.sales_customers_pending owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

grant select on app.sales_customers_pending to staff, admin;

commit;
