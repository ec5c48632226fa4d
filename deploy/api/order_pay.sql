-- Deploy api/order_pay
-- requires: api/order_get app/orders_status_moves_forward

begin;

create or replace function api.order_pay(order_id bigint)
    returns api.order
    volatile
    language plpgsql
as $$
begin
    update app.orders as o
    set status = 'paid'
    where o.id = order_pay.order_id
        and o.user_id = request.user_id();

    if not found then
        raise exception using
            errcode = 'no_data_found',
            message = format('There is no order %s of yours.', order_pay.order_id);
    end if;

    return (select o from api.order_get(order_pay.order_id) as o);
end
$$;

comment on function api.order_pay(bigint) is $$
Pay an order of your own that is placed.

HTTP POST /orders/{order_id}/pay
@tag orders
@error 409 The order stands where this can't follow.
$$;

grant execute on function api.order_pay(bigint) to member, staff, admin;

commit;
