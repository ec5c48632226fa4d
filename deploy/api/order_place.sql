-- Deploy api/order_place
-- requires: api/order_get app/cart_merge app/stock_take app/users_policy

begin;

create or replace function api.order_place(lines api.order_line_input[], country app.country)
    returns api.order
    volatile
    security definer
    set search_path = ''
    language plpgsql
as $$
declare
    v_lines app.cart_line[];
    v_total numeric;
    v_order_id bigint;
begin
    -- A token outlives its user's account by some minutes.
    if not exists (select from app.users as u where u.id = request.user_id() and u.is_active) then
        raise exception using
            errcode = 'insufficient_privilege',
            constraint = 'orders_customer_is_active',
            message = 'Your account is not active, so you can''t order.';
    end if;

    v_lines := app.stock_take(app.cart_merge(order_place.lines));

    select sum(l.quantity * l.unit_price)
    into v_total
    from unnest(v_lines) as l;

    if v_total > 9999999999.99 then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_total_in_range',
            message = 'The total of an order is at most 9,999,999,999.99.';
    end if;

    insert into app.orders as o (user_id, country, total)
    values (request.user_id(), order_place.country, v_total)
    returning o.id into v_order_id;

    insert into app.order_lines (order_id, line_no, product_id, quantity, unit_price)
    select v_order_id, l.line_no, l.product_id, l.quantity, l.unit_price
    from unnest(v_lines) as l;

    return (select o from api.order_get(v_order_id) as o);
end
$$;

-- Belongs to the clerk: customers may neither take stock nor say what a product costs.
grant create on schema api to penstock_clerk;
alter function api.order_place(api.order_line_input[], app.country) owner to penstock_clerk;
revoke create on schema api from penstock_clerk;

comment on function api.order_place(api.order_line_input[], app.country) is $$
Order the products in a cart, at today's prices.
The stock is taken for every line or for none. Lines with the same product become one.

HTTP POST /orders
@status 201
@location /orders/{id}
@idempotent
@tag orders
@error 409 A product is not for sale, or there is too little of it.
$$;

grant execute on function api.order_place(api.order_line_input[], app.country)
    to member, staff, admin;

commit;
