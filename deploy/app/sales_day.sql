-- Deploy app/sales_day
-- requires: app/order_status

begin;

create or replace function app.sales_day(status app.order_status, placed_at timestamptz)
    returns date
    immutable
    parallel safe
    language sql
as $$
    select case
        when sales_day.status <> 'cancelled' then (sales_day.placed_at at time zone 'UTC')::date
    end
$$;

comment on function app.sales_day(app.order_status, timestamptz) is
    'The day, in UTC, on which an order counts as a sale; null if it counts nowhere.';

grant execute on function app.sales_day(app.order_status, timestamptz) to staff, admin, penstock_clerk;

commit;
