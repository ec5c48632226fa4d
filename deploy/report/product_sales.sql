-- Deploy report/product_sales
-- requires: report/schema app/report_policy

begin;

create or replace view report.product_sales with (security_barrier) as
select
    p.id as product_id,
    p.sku::text as sku,
    p.name::text as product,
    (o.placed_at at time zone 'UTC')::date as day,
    o.country::text as country,
    count(distinct o.id) as orders,
    sum(l.quantity)::bigint as units,
    sum(l.quantity * l.unit_price) as revenue
from app.orders as o
join app.order_lines as l on l.order_id = o.id
join app.products as p on p.id = l.product_id
where o.status <> 'cancelled'
group by p.id, p.sku, p.name, (o.placed_at at time zone 'UTC')::date, o.country;

comment on view report.product_sales is
    'Sales by product, day and country, without cancelled orders. Units and revenue can be summed over anything; orders over days and countries, but not over products, for one order may hold several.';
comment on column report.product_sales.product_id is 'The product''s number.';
comment on column report.product_sales.sku is 'The code by which the trade knows the product.';
comment on column report.product_sales.product is 'What the product is called today.';
comment on column report.product_sales.day is 'The day the orders were placed, in UTC.';
comment on column report.product_sales.country is 'The country the orders went to.';
comment on column report.product_sales.orders is 'How many orders held the product.';
comment on column report.product_sales.units is 'How many pieces were ordered.';
comment on column report.product_sales.revenue is
    'The sum of quantity times the price at which it was ordered.';

alter view report.product_sales owner to report_owner;

grant select on report.product_sales to reporter;

commit;
