-- Deploy api/products_create
-- requires: api/product_row app/products_policy

begin;

create or replace function api.products_create()
    returns void
    volatile
    language plpgsql
as $$
begin
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
        order by r.line
        on conflict (sku) do nothing
        returning p.sku
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        r.line,
        'sku',
        case when r.nth > 1 then 'An earlier line has this SKU.' else 'Another product has this SKU.' end
    from rows as r
    left join made as m on m.sku = r.sku and r.nth = 1
    where m.sku is null;
end
$$;

comment on function api.products_create() is $$
Enter many products.
One whose SKU is taken is rejected, and so is a line with the SKU of an earlier one.

HTTP POST /products/bulk
@bulk api.product_row needs=sku,name,price parts=10000 by=sku
@timeout 120s
@tag products
$$;

grant execute on function api.products_create() to staff, admin;

commit;
