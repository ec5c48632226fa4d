-- Deploy api/dashboard_product
-- requires: api/schema app/sku app/product_name

begin;

do $$
begin
    create type api.dashboard_product as (
        product_id bigint,
        sku app.sku,
        name app.product_name,
        units bigint,
        revenue numeric
    );
exception
    when duplicate_object then null;  -- deployed before: a type has no "if not exists"
end
$$;

comment on type api.dashboard_product is 'What a product brought in a period.';
comment on column api.dashboard_product.product_id is 'The product.';
comment on column api.dashboard_product.sku is 'The code by which the trade knows it.';
comment on column api.dashboard_product.name is 'What it is called.';
comment on column api.dashboard_product.units is 'How many pieces were ordered.';
comment on column api.dashboard_product.revenue is 'The sum of quantity times unit price.';

commit;
