-- Deploy api/dashboard
-- requires: api/dashboard_product api/dashboard_country api/dashboard_day api/dashboard_change

begin;

do $$
begin
    create type api.dashboard as (
        "from" date,
        "to" date,
        revenue numeric,
        orders bigint,
        average_order numeric,
        units bigint,
        new_customers bigint,
        top_products api.dashboard_product[],
        revenue_by_country api.dashboard_country[],
        revenue_by_day api.dashboard_day[],
        change api.dashboard_change
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.dashboard is 'What a period brought the shop. Orders that were cancelled count nowhere.';
comment on column api.dashboard."from" is 'The first day of the period, in UTC.';
comment on column api.dashboard."to" is 'The last day of the period; it counts in full.';
comment on column api.dashboard.revenue is 'The sum of quantity times unit price.';
comment on column api.dashboard.orders is 'How many orders were placed.';
comment on column api.dashboard.average_order is 'Revenue by order, to the penny; null without orders.';
comment on column api.dashboard.units is 'How many pieces were ordered.';
comment on column api.dashboard.new_customers is 'How many users placed the first of their orders in the period.';
comment on column api.dashboard.top_products is 'The ten products with the highest revenue.';
comment on column api.dashboard.revenue_by_country is 'Every country with orders, the highest revenue first.';
comment on column api.dashboard.revenue_by_day is 'Every day of the period, also those without orders.';
comment on column api.dashboard.change is 'Against the equally long period just before.';

commit;
