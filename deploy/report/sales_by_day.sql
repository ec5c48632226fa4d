-- Deploy report/sales_by_day
-- requires: report/schema app/report_policy

begin;

create or replace view report.sales_by_day with (security_barrier) as
select
    (o.placed_at at time zone 'UTC')::date as day,
    o.country::text as country,
    count(distinct o.id) as orders,
    sum(l.quantity)::bigint as units,
    sum(l.quantity * l.unit_price) as revenue
from app.orders as o
join app.order_lines as l on l.order_id = o.id
where o.status <> 'cancelled'
group by (o.placed_at at time zone 'UTC')::date, o.country;

comment on view report.sales_by_day is
    'Sales by day and country, without cancelled orders. Every column can be summed over any days and countries. Days without orders have no row.';
comment on column report.sales_by_day.day is 'The day the orders were placed, in UTC.';
comment on column report.sales_by_day.country is 'The country the orders went to.';
comment on column report.sales_by_day.orders is 'How many orders were placed.';
comment on column report.sales_by_day.units is 'How many pieces were ordered.';
comment on column report.sales_by_day.revenue is
    'The sum of quantity times the price at which it was ordered.';

alter view report.sales_by_day owner to report_owner;

grant select on report.sales_by_day to reporter;

commit;
