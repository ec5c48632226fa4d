-- Deploy api/order_line_input
-- requires: api/schema app/quantity

begin;

do $$
begin
    create type api.order_line_input as (
        product_id bigint,
        quantity app.quantity
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.order_line_input is 'A line of a cart.';
comment on column api.order_line_input.product_id is 'The product.';
comment on column api.order_line_input.quantity is 'How many pieces.';

commit;
