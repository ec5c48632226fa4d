-- Deploy api/product_get
-- requires: api/product app/products_policy

begin;

create or replace function api.product_get(product_id bigint)
    returns setof api.product
    stable
    rows 1
    language sql
as $$
    select
        p.id, p.sku, p.name, p.description, p.price, p.stock, p.is_active, p.version, p.created_at,
        p.updated_at
    from app.products as p
    where p.id = product_get.product_id
$$;

comment on function api.product_get(bigint) is $$
One product by its id.
Everybody finds what is for sale; staff and admins find the rest too.

HTTP GET /products/{product_id}
@single
@etag version
@cache 5min tags=product:{product_id} vary=role
@tag products
$$;

grant execute on function api.product_get(bigint) to anon, member, staff, admin;

commit;
