-- Deploy app/products
-- requires: app/sku app/product_name app/description app/money app/stock app/row_touch app/row_count_version

begin;

create table if not exists app.products (
    id bigint generated always as identity,
    sku app.sku not null,
    name app.product_name not null,
    description app.description not null default '',
    price app.money not null,
    stock app.stock not null default 0,
    is_active boolean not null default true,
    version integer not null default 1,
    search tsvector not null generated always as (
        setweight(to_tsvector('english', name), 'A')
        || setweight(to_tsvector('simple', sku), 'A')
        || setweight(to_tsvector('english', description), 'B')
    ) stored,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint products_pkey primary key (id),
    constraint products_sku_unique unique (sku)
);

-- One index for each order of the list, and one for its search.
create index if not exists products_by_name on app.products (name, id);
create index if not exists products_by_price on app.products (price, id);
create index if not exists products_by_age on app.products (created_at desc, id desc);
create index if not exists products_search on app.products using gin (search);

create or replace trigger touch before update on app.products
    for each row execute function app.row_touch();
create or replace trigger count_version before update on app.products
    for each row execute function app.row_count_version();

comment on table app.products is 'What the shop sells.';
comment on column app.products.id is 'The product''s number.';
comment on column app.products.sku is 'The code by which the trade knows the product.';
comment on column app.products.name is 'What the product is called.';
comment on column app.products.description is 'What there is to say about the product.';
comment on column app.products.price is 'What one piece costs today.';
comment on column app.products.stock is 'How many pieces are there to sell.';
comment on column app.products.is_active is 'Whether the product is for sale.';
comment on column app.products.version is 'Counts the changes: a client sends it back to show which state it has seen.';
comment on column app.products.search is 'The words of name, SKU and description, for the search.';
comment on column app.products.created_at is 'When the product was entered.';
comment on column app.products.updated_at is 'When the product was last changed.';
comment on constraint products_sku_unique on app.products is 'Another product has this SKU.';

commit;
