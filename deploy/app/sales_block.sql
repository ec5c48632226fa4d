-- Deploy app/sales_block
-- requires: app/schema

begin;

create or replace function app.sales_block(day date)
    returns date
    immutable
    parallel safe
    language sql
as $$
    select case
        when isfinite(sales_block.day)
            then sales_block.day - ((sales_block.day - date '2000-01-01') % 16 + 16) % 16
        else sales_block.day
    end
$$;

comment on function app.sales_block(date) is 'The first of the 16 days, counted from 2000-01-01, among which a day lies.';

grant execute on function app.sales_block(date) to staff, admin, penstock_clerk;

commit;
