-- Deploy app/sales_blocks
-- requires: app/products

begin;

create table if not exists app.sales_blocks (
    product_id bigint not null,
    block date not null,
    units bigint not null,
    revenue numeric not null,
    ceiling numeric not null,
    constraint sales_blocks_pkey primary key (product_id, block),
    constraint sales_blocks_below_ceiling check (revenue <= ceiling)
) with (fillfactor = 80);

create index if not exists sales_blocks_by_ceiling
    on app.sales_blocks (block, ceiling desc, product_id);

comment on table app.sales_blocks is
    'Roll-up: app.sales_products in blocks of 16 days. In each block the best products come first in an index, which tells app.sales_top where to look.';
comment on column app.sales_blocks.product_id is 'The product.';
comment on column app.sales_blocks.block is 'The first day of the block, as app.sales_block tells it.';
comment on column app.sales_blocks.units is 'How many pieces were ordered, without cancelled orders.';
comment on column app.sales_blocks.revenue is 'The sum of quantity times unit price.';
comment on column app.sales_blocks.ceiling is
    'What the revenue is at most. It has some room, so that the index seldom changes when the revenue does.';
comment on constraint sales_blocks_below_ceiling on app.sales_blocks is
    'A product''s revenue is never above its ceiling.';

commit;
