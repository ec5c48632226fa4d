-- Deploy api/order_deliver
-- requires: api/order_get app/orders_status_moves_forward

begin;

create or replace function api.order_deliver(order_id bigint)
    returns api.order
    volatile
    language plpgsql
as $$
begin
    update app.orders as o
    set status = 'delivered'
    where o.id = order_deliver.order_id;

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s.', order_deliver.order_id);
    end if;

    return (select o from api.order_get(order_deliver.order_id) as o);
end
$$;

comment on function api.order_deliver(bigint) is $$
Note that an order that was shipped has arrived.

HTTP POST /orders/{order_id}/deliver
@tag orders
@error 409 The order stands where this can't follow.
$$;

grant execute on function api.order_deliver(bigint) to staff, admin;

commit;
