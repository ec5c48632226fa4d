-- Deploy app/orders_status_moves_forward
-- requires: app/orders app/order_transitions_policy

begin;

create or replace function app.orders_status_moves_forward()
    returns trigger
    language plpgsql
as $$
begin
    if exists (
        select
        from app.order_transitions as t
        where t.from_status = old.status
            and t.to_status = new.status
    ) then
        return new;
    end if;

    raise exception using
        errcode = 'PT409',
        constraint = 'orders_status_moves_forward',
        message = case
            when new.status = old.status then format('Order %s is %s already.', old.id, old.status)
            else format('Order %s is %s: it can''t become %s.', old.id, old.status, new.status)
        end;
end
$$;

comment on function app.orders_status_moves_forward() is
    'Trigger: an order''s status changes only in the ways that app.order_transitions lists.';

create or replace trigger orders_status_moves_forward before update of status on app.orders
    for each row execute function app.orders_status_moves_forward();

commit;
