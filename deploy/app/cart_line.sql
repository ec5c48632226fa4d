-- Deploy app/cart_line
-- requires: app/quantity app/money

begin;

do $$
begin
    create type app.cart_line as (
        line_no integer,
        product_id bigint,
        quantity app.quantity,
        unit_price app.money
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type app.cart_line is 'A line of a cart on its way to become an order''s line.';
comment on column app.cart_line.line_no is 'The line''s place in the order, from 1.';
comment on column app.cart_line.product_id is 'The product.';
comment on column app.cart_line.quantity is 'How many pieces, over all the cart''s lines with this product.';
comment on column app.cart_line.unit_price is 'What a piece costs, once the stock is taken.';

commit;
