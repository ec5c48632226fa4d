-- Deploy app/stock_check
-- requires: app/cart_line app/products_policy

begin;

create or replace function app.stock_check(cart app.cart_line[])
    returns void
    stable
    language plpgsql
as $$
declare
    v_line record;
begin
    select c.product_id, p.name, p.stock, coalesce(p.is_active, false) as is_for_sale
    into v_line
    from unnest(stock_check.cart) as c
    left join app.products as p on p.id = c.product_id
    where p.id is null
        or not p.is_active
        or p.stock < c.quantity
    order by c.line_no
    limit 1;

    if not found then
        return;
    end if;

    if not v_line.is_for_sale then
        raise exception using
            errcode = 'PT409',
            constraint = 'orders_product_is_for_sale',
            message = format('Product %s is not for sale.', v_line.product_id);
    end if;

    raise exception using
        errcode = 'PT409',
        constraint = 'orders_stock_suffices',
        message = case v_line.stock
            when 0 then format('"%s" is sold out.', v_line.name)
            else format('Only %s of "%s" are left.', v_line.stock, v_line.name)
        end;
end
$$;

comment on function app.stock_check(app.cart_line[]) is
    'Raises if a line of a cart is not for sale, or asks for more than there is.';

grant execute on function app.stock_check(app.cart_line[]) to penstock_clerk;

commit;
