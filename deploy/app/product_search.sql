-- Deploy app/product_search
-- requires: api/product app/products_policy app/search_query

begin;

create or replace function app.product_search(
    search text,
    price_from numeric,
    price_to numeric,
    is_active boolean,
    of_staff boolean
)
    returns setof api.product
    stable
    language sql
as $$
    select
        p.id, p.sku, p.name, p.description, p.price, p.stock, p.is_active, p.version, p.created_at,
        p.updated_at
    from app.products as p
    where (p.is_active or product_search.of_staff)
        and (product_search.is_active is null or p.is_active = product_search.is_active)
        and (product_search.price_from is null or p.price >= product_search.price_from)
        and (product_search.price_to is null or p.price <= product_search.price_to)
        and (
            product_search.search is null
            or p.search @@ app.search_query(product_search.search)
        )
$$;

comment on function app.product_search(text, numeric, numeric, boolean, boolean) is
    'The products that a list shows, in no order yet. PostgreSQL inlines it into api.product_list.';

grant execute on function app.product_search(text, numeric, numeric, boolean, boolean)
    to penstock_clerk;

commit;
