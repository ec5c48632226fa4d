-- Deploy api/product_create
-- requires: api/product_get

begin;

create or replace function api.product_create(
    sku app.sku,
    name app.product_name,
    price app.money,
    description app.description default '',
    stock app.stock default 0,
    is_active boolean default true
)
    returns api.product
    volatile
    language plpgsql
as $$
declare
    v_product_id bigint;
begin
    insert into app.products as p (sku, name, price, description, stock, is_active)
    values (
        product_create.sku, product_create.name, product_create.price,
        product_create.description, product_create.stock, product_create.is_active
    )
    returning p.id into v_product_id;

    return (select p from api.product_get(v_product_id) as p);
end
$$;

comment on function api.product_create(app.sku, app.product_name, app.money, app.description, app.stock, boolean) is $$
Enter a product.

HTTP POST /products
@status 201
@location /products/{id}
@idempotent
@tag products
@error 409 Another product has this SKU.
$$;

grant execute on function api.product_create(app.sku, app.product_name, app.money, app.description, app.stock, boolean)
    to staff, admin;

commit;
