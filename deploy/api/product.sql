-- Deploy api/product
-- requires: api/schema app/sku app/product_name app/description app/money app/stock

begin;

do $$
begin
    create type api.product as (
        id bigint,
        sku app.sku,
        name app.product_name,
        description app.description,
        price app.money,
        stock app.stock,
        is_active boolean,
        version integer,
        created_at timestamptz,
        updated_at timestamptz
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.product is 'A product of the shop.';
comment on column api.product.id is 'The product''s number.';
comment on column api.product.sku is 'The code by which the trade knows the product.';
comment on column api.product.name is 'What the product is called.';
comment on column api.product.description is 'What there is to say about the product.';
comment on column api.product.price is 'What one piece costs today.';
comment on column api.product.stock is 'How many pieces are there to sell.';
comment on column api.product.is_active is 'Whether the product is for sale.';
comment on column api.product.version is 'Counts the changes, stock taken by orders among them; send it back when you update.';
comment on column api.product.created_at is 'When the product was entered.';
comment on column api.product.updated_at is 'When the product was last changed.';

commit;
