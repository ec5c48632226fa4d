-- Deploy app/orders_emit
-- requires: app/orders penstock/emit

begin;

create or replace function app.orders_emit()
    returns trigger
    language plpgsql
as $$
begin
    perform penstock.emit(
        'order.' || new.status,
        jsonb_build_object('order_id', new.id, 'user_id', new.user_id, 'status', new.status, 'total', new.total),
        key => 'order:' || new.id,
        subject => new.user_id::text
    );

    return null;
end
$$;

comment on function app.orders_emit() is
    'Trigger: tells the customer, and whoever subscribed, that an order is placed, paid, shipped, delivered or cancelled.';

-- History that is entered is no news: orders that stand elsewhere already, and imported ones.
create or replace trigger orders_emit_new after insert on app.orders
    for each row
    when (new.status = 'placed' and new.source_invoice is null)
    execute function app.orders_emit();

create or replace trigger orders_emit_change after update of status on app.orders
    for each row
    when (new.status <> old.status and new.source_invoice is null)
    execute function app.orders_emit();

commit;
