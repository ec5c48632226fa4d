-- Deploy api/order_line
-- requires: api/schema app/sku app/product_name app/quantity app/money

begin;

do $$
begin
    create type api.order_line as (
        line_no integer,
        product_id bigint,
        sku app.sku,
        name app.product_name,
        quantity app.quantity,
        unit_price app.money,
        amount numeric
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.order_line is 'A line of an order.';
comment on column api.order_line.line_no is 'The line''s place in the order, from 1.';
comment on column api.order_line.product_id is 'The product.';
comment on column api.order_line.sku is 'The code by which the trade knows the product.';
comment on column api.order_line.name is 'What the product is called today.';
comment on column api.order_line.quantity is 'How many pieces.';
comment on column api.order_line.unit_price is 'What a piece cost when it was ordered.';
comment on column api.order_line.amount is 'Quantity times unit price.';

commit;
