-- Deploy app/stock_take
-- requires: app/stock_check

begin;

create or replace function app.stock_take(cart app.cart_line[])
    returns app.cart_line[]
    volatile
    language plpgsql
as $$
declare
    v_taken app.cart_line[];
begin
    -- In the order of ids: carts with the same products wait for each other, never in a circle.
    perform
    from app.products as p
    where p.id in (select c.product_id from unnest(stock_take.cart) as c)
    order by p.id
    for no key update;

    -- A new statement sees what those it waited for have left.
    perform app.stock_check(stock_take.cart);

    with taken as (
        update app.products as p
        set stock = p.stock - c.quantity
        from unnest(stock_take.cart) as c
        where p.id = c.product_id
        returning c.line_no, c.product_id, c.quantity, p.price
    )
    select array_agg(
        row(t.line_no, t.product_id, t.quantity, t.price)::app.cart_line
        order by t.line_no
    )
    into v_taken
    from taken as t;

    return v_taken;
end
$$;

comment on function app.stock_take(app.cart_line[]) is
    'Takes the stock for every line of a cart, or raises why it can''t. Gives the lines with today''s prices.';

-- The clerk's alone: by a call of their own, customers could empty the shelves.
grant execute on function app.stock_take(app.cart_line[]) to penstock_clerk;

commit;
