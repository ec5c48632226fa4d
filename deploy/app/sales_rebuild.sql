-- Deploy app/sales_rebuild
-- requires: app/sales_fold
-- Runs as its caller, who must be able to lock the orders: the owner.

begin;

create or replace function app.sales_rebuild()
    returns void
    volatile
    language plpgsql
as $$
begin
    -- An older snapshot would miss what the locks waited for.
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception using
            errcode = 'feature_not_supported',
            message = 'The roll-ups can be made anew only at isolation level read committed.';
    end if;

    lock table app.orders, app.order_lines in share mode;
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('app.sales_fold', 0));

    delete from app.sales_days;
    delete from app.sales_countries;
    delete from app.sales_products;
    delete from app.sales_blocks;
    delete from app.sales_customers;
    delete from app.sales_moves;
    delete from app.sales_line_changes;

    -- As if every order and every line had just come.
    insert into app.sales_moves (order_id, user_id, side, day, country)
    select o.id, o.user_id, 1, app.sales_day(o.status, o.placed_at), o.country
    from app.orders as o;

    insert into app.sales_line_changes (order_id, product_id, lines, units, revenue)
    select l.order_id, l.product_id, 1, l.quantity, l.quantity * l.unit_price
    from app.order_lines as l;

    perform app.sales_fold();
end
$$;

comment on function app.sales_rebuild() is
    'Makes the roll-ups anew from the orders and their lines. Nobody writes orders meanwhile.';

commit;
