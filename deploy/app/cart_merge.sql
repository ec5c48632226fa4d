-- Deploy app/cart_merge
-- requires: api/order_line_input app/cart_line

begin;

create or replace function app.cart_merge(lines api.order_line_input[])
    returns app.cart_line[]
    immutable
    language plpgsql
as $$
begin
    if coalesce(cardinality(cart_merge.lines), 0) = 0 then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_cart_not_empty',
            message = 'The cart is empty: an order has at least one line.';
    end if;

    if cardinality(cart_merge.lines) > 100 then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_cart_in_range',
            message = 'The cart is too long: an order has at most 100 lines.';
    end if;

    if exists (select from unnest(cart_merge.lines) as l where l.product_id is null or l.quantity is null) then
        raise exception using
            errcode = 'PT422',
            constraint = 'orders_line_complete',
            message = 'Each line of the cart needs a product_id and a quantity.';
    end if;

    return array(
        select row(row_number() over (order by min(l.place)), l.product_id, sum(l.quantity), null)::app.cart_line
        from unnest(cart_merge.lines) with ordinality as l (product_id, quantity, place)
        group by l.product_id
        order by min(l.place)
    );
end
$$;

comment on function app.cart_merge(api.order_line_input[]) is
    'A cart as the lines of an order: one for each product, in the order in which they were first named.';

grant execute on function app.cart_merge(api.order_line_input[]) to penstock_clerk;

commit;
