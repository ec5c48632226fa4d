-- Deploy api/products_replace
-- requires: api/product_row app/products_policy

begin;

create or replace function api.products_replace()
    returns void
    volatile
    language plpgsql
as $$
begin
    -- In the order of SKUs: two lists with the same products wait for each other, never in a circle.
    with rows as materialized (
        select r.*, row_number() over (partition by r.sku order by r.line) as nth
        from pg_temp.bulk_rows as r
    ),
    made as (
        insert into app.products as p (sku, name, price, description, stock, is_active)
        select
            r.sku, r.name, r.price,
            coalesce(r.description, ''), coalesce(r.stock, 0), coalesce(r.is_active, true)
        from rows as r
        where r.nth = 1
        order by r.sku
        on conflict (sku) do update
        set name = excluded.name,
            price = excluded.price,
            description = excluded.description,
            stock = excluded.stock,
            is_active = excluded.is_active
        where (p.name, p.price, p.description, p.stock, p.is_active)
            is distinct from (excluded.name, excluded.price, excluded.description, excluded.stock, excluded.is_active)
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select r.line, 'sku', 'An earlier line has this SKU.'
    from rows as r
    where r.nth > 1;
end
$$;

comment on function api.products_replace() is $$
Enter many products, or replace those whose SKU is there.
A product that is as its line says stays untouched. A line with the SKU of an earlier one is rejected.

HTTP PUT /products/bulk
@bulk api.product_row needs=sku,name,price parts=10000 by=sku
@timeout 120s
@tag products
$$;

grant execute on function api.products_replace() to staff, admin;

commit;
