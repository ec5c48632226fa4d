-- Deploy api/product_row
-- requires: api/schema app/sku app/product_name app/description app/money app/stock

begin;

do $$
begin
    create type api.product_row as (
        sku app.sku,
        name app.product_name,
        price app.money,
        description app.description,
        stock app.stock,
        is_active boolean
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.product_row is 'A product, as a list of products has it.';
comment on column api.product_row.sku is 'The code by which the trade knows the product.';
comment on column api.product_row.name is 'What the product is called.';
comment on column api.product_row.price is 'What one piece costs.';
comment on column api.product_row.description is 'What there is to say about it; nothing, if it is left out.';
comment on column api.product_row.stock is 'How many pieces are there to sell; none, if it is left out.';
comment on column api.product_row.is_active is 'Whether it is for sale; it is, if that is left out.';

commit;
