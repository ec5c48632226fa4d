-- Deploy report/customers
-- requires: report/schema app/report_policy
-- A customer is a number here. Names, usernames and addresses answer no question that a report
-- asks, and what the view's owner may not read, the view can't tell.

begin;

create or replace view report.customers with (security_barrier) as
select
    o.user_id as customer_id,
    (array_agg(o.country order by o.placed_at desc, o.id desc))[1] as country,
    (min(o.placed_at) at time zone 'UTC')::date as first_order_on,
    (max(o.placed_at) at time zone 'UTC')::date as last_order_on,
    count(*) as orders,
    sum(o.units)::bigint as units,
    sum(o.revenue) as revenue,
    round(avg(o.revenue), 2) as average_order
from (
    -- Joined first and then added up: lines added up by themselves would be joined blindly.
    select
        o.id,
        o.user_id,
        o.country::text as country,
        o.placed_at,
        sum(l.quantity) as units,
        sum(l.quantity * l.unit_price) as revenue
    from app.orders as o
    join app.order_lines as l on l.order_id = o.id
    where o.status <> 'cancelled'
    group by o.id, o.user_id, o.country, o.placed_at
) as o
group by o.user_id;

comment on view report.customers is
    'Everybody who ever ordered, with what they ordered, without cancelled orders. Who sees only some countries sees only what was ordered there. No personal data: a customer is a number.';
comment on column report.customers.customer_id is 'The customer''s number.';
comment on column report.customers.country is 'The country of the customer''s latest order.';
comment on column report.customers.first_order_on is 'The day of the customer''s first order, in UTC.';
comment on column report.customers.last_order_on is 'The day of the customer''s latest order, in UTC.';
comment on column report.customers.orders is 'How many orders the customer placed.';
comment on column report.customers.units is 'How many pieces the customer ordered.';
comment on column report.customers.revenue is
    'The sum of quantity times the price at which it was ordered.';
comment on column report.customers.average_order is 'Revenue by order, to the penny.';

alter view report.customers owner to report_owner;

grant select on report.customers to reporter;

commit;
