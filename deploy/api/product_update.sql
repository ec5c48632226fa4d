-- Deploy api/product_update
-- requires: api/product_get

begin;

create or replace function api.product_update(
    product_id bigint,
    version integer,
    sku app.sku,
    name app.product_name,
    description app.description,
    price app.money,
    stock app.stock,
    is_active boolean
)
    returns api.product
    volatile
    language plpgsql
as $$
begin
    update app.products as p
    set sku = product_update.sku,
        name = product_update.name,
        description = product_update.description,
        price = product_update.price,
        stock = product_update.stock,
        is_active = product_update.is_active
    where p.id = product_update.product_id
        and p.version = product_update.version;

    if found then
        return (select p from api.product_get(product_update.product_id) as p);
    end if;

    if exists (select from app.products as p where p.id = product_update.product_id) then
        raise exception using
            errcode = 'PT412',
            constraint = 'products_version_current',
            message = format('The product has changed since version %s: read it again.', product_update.version);
    end if;

    raise exception using
        errcode = 'no_data_found',
        message = format('There is no product %s.', product_update.product_id);
end
$$;

comment on function api.product_update(bigint, integer, app.sku, app.product_name, app.description, app.money, app.stock, boolean) is $$
Replace a product, if it is still in the version that you have read.
An order that takes stock makes a new version too: no sale is overwritten by an older count.

HTTP PUT /products/{product_id}
@if_match version
@tag products
@error 409 Another product has this SKU.
@error 412 The product has changed since that version.
$$;

grant execute on function api.product_update(bigint, integer, app.sku, app.product_name, app.description, app.money, app.stock, boolean)
    to staff, admin;

commit;
