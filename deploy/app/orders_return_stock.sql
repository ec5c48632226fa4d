-- Deploy app/orders_return_stock
-- requires: app/orders_policy app/order_lines_policy app/products_policy

begin;

create or replace function app.orders_return_stock()
    returns trigger
    security definer
    set search_path = ''
    language plpgsql
as $$
begin
    -- In the order of ids, as app.stock_take locks them: those who wait never wait in a circle.
    perform
    from app.products as p
    where p.id in (select l.product_id from app.order_lines as l where l.order_id = new.id)
    order by p.id
    for no key update;

    update app.products as p
    set stock = p.stock + l.quantity
    from (
        select l.product_id, sum(l.quantity) as quantity
        from app.order_lines as l
        where l.order_id = new.id
        group by l.product_id
    ) as l
    where p.id = l.product_id;

    return null;
end
$$;

comment on function app.orders_return_stock() is
    'Trigger: an order that is cancelled gives its stock back, whoever cancels it.';

-- Belongs to the clerk, who may change stock: customers may cancel, but not touch products.
grant create on schema app to penstock_clerk;
alter function app.orders_return_stock() owner to penstock_clerk;
revoke create on schema app from penstock_clerk;

-- Imported orders are history: they took no stock, so they give none back.
create or replace trigger orders_return_stock after update of status on app.orders
    for each row
    when (new.status = 'cancelled' and old.status <> 'cancelled' and new.source_invoice is null)
    execute function app.orders_return_stock();

commit;
