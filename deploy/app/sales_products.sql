-- Deploy app/sales_products
-- requires: app/products

begin;

-- The product first: what one sold in a period lies together in the index.
create table if not exists app.sales_products (
    product_id bigint not null,
    day date not null,
    units bigint not null,
    revenue numeric not null,
    constraint sales_products_pkey primary key (product_id, day)
) with (fillfactor = 80);

comment on table app.sales_products is
    'Roll-up: sales by product and day. Add app.sales_pending; rows without units mean nothing.';
comment on column app.sales_products.product_id is 'The product.';
comment on column app.sales_products.day is 'The day, in UTC.';
comment on column app.sales_products.units is 'How many pieces were ordered, without cancelled orders.';
comment on column app.sales_products.revenue is 'The sum of quantity times unit price.';

commit;
