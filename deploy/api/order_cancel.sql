-- Deploy api/order_cancel
-- requires: api/order_get app/orders_status_moves_forward app/orders_return_stock

begin;

create or replace function api.order_cancel(order_id bigint)
    returns api.order
    volatile
    language plpgsql
as $$
begin
    update app.orders as o
    set status = 'cancelled'
    where o.id = order_cancel.order_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s.', order_cancel.order_id);
    end if;

    return (select o from api.order_get(order_cancel.order_id) as o);
end
$$;

comment on function api.order_cancel(bigint) is $$
Cancel an order that is placed or paid, and give its stock back.
Members cancel their own; staff and admins any.

HTTP POST /orders/{order_id}/cancel
@tag orders
@error 409 The order stands where this can't follow.
$$;

grant execute on function api.order_cancel(bigint) to member, staff, admin;

commit;
