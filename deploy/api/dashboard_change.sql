-- Deploy api/dashboard_change
-- requires: api/schema

begin;

do $$
begin
    create type api.dashboard_change as (
        revenue numeric,
        orders numeric,
        average_order numeric,
        units numeric,
        new_customers numeric
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.dashboard_change is 'How a period compares with the equally long one just before: 0.25 is a quarter more, -0.1 a tenth less; null where there was nothing to compare with.';
comment on column api.dashboard_change.revenue is 'The change in revenue.';
comment on column api.dashboard_change.orders is 'The change in orders.';
comment on column api.dashboard_change.average_order is 'The change in the average order.';
comment on column api.dashboard_change.units is 'The change in units.';
comment on column api.dashboard_change.new_customers is 'The change in new customers.';

commit;
