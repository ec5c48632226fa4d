-- Deploy api/product_change_row
-- requires: api/schema app/sku app/product_name app/description app/money app/stock

begin;

do $$
begin
    create type api.product_change_row as (
        product_id bigint,
        version integer,
        sku app.sku,
        name app.product_name,
        description app.description,
        price app.money,
        stock app.stock,
        is_active boolean
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.product_change_row is 'A change of a product. What is left out stays as it is.';
comment on column api.product_change_row.product_id is 'The product.';
comment on column api.product_change_row.version is 'The version that was read; if it is left out, any will do.';
comment on column api.product_change_row.sku is 'Its new SKU.';
comment on column api.product_change_row.name is 'Its new name.';
comment on column api.product_change_row.description is 'What there is to say about it now.';
comment on column api.product_change_row.price is 'What one piece costs now.';
comment on column api.product_change_row.stock is 'How many pieces are there now.';
comment on column api.product_change_row.is_active is 'Whether it is for sale now.';

commit;
