-- Deploy api/order_ship
-- requires: api/order_get app/orders_status_moves_forward

begin;

create or replace function api.order_ship(order_id bigint)
    returns api.order
    volatile
    language plpgsql
as $$
begin
    update app.orders as o
    set status = 'shipped'
    where o.id = order_ship.order_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s.', order_ship.order_id);
    end if;

    return (select o from api.order_get(order_ship.order_id) as o);
end
$$;

comment on function api.order_ship(bigint) is $$
Send off an order that is paid.

HTTP POST /orders/{order_id}/ship
@tag orders
@error 409 The order stands where this can't follow.
$$;

grant execute on function api.order_ship(bigint) to staff, admin;

commit;
