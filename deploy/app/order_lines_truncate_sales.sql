-- Deploy app/order_lines_truncate_sales
-- requires: app/orders_note_sales app/order_lines_note_sales app/sales_rebuild
-- Orders can't be truncated without their lines, so this trigger is enough.

begin;

create or replace function app.order_lines_truncate_sales()
    returns trigger
    language plpgsql
as $$
begin
    perform app.sales_rebuild();

    return null;
end
$$;

comment on function app.order_lines_truncate_sales() is
    'Trigger: TRUNCATE tells nobody which rows went, so the roll-ups are made anew.';

create or replace trigger order_lines_truncate_sales after truncate on app.order_lines
    for each statement execute function app.order_lines_truncate_sales();

-- All three triggers are there now, and no order has been written since the first came: what the
-- shop sold before is counted here.
select app.sales_rebuild();

commit;
