-- Deploy api/order_row
-- requires: api/schema app/quantity app/country

begin;

do $$
begin
    create type api.order_row as (
        order_no text,
        product_id bigint,
        quantity app.quantity,
        country app.country
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.order_row is 'A line of an order in a sheet of orders.';
comment on column api.order_row.order_no is 'What the sheet calls the order: lines with the same belong together.';
comment on column api.order_row.product_id is 'The product.';
comment on column api.order_row.quantity is 'How many pieces.';
comment on column api.order_row.country is 'The country the order goes to, the same in all of its lines.';

commit;
