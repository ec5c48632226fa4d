-- Deploy api/products_update
-- requires: api/product_change_row app/products_policy

begin;

create or replace function api.products_update()
    returns void
    volatile
    language plpgsql
as $$
begin
    -- In the order of ids: two lists with the same products wait for each other, never in a circle.
    perform
    from app.products as p
    where p.id in (select r.product_id from pg_temp.bulk_rows as r)
    order by p.id
    for no key update;

    with judged as (
        select
            r.line,
            r.version,
            case
                when p.id is null then 'product'
                when row_number() over (partition by r.product_id order by r.line) > 1 then 'twice'
                when p.version <> r.version then 'version'
                when t.id is not null
                    or r.sku is not null and row_number() over (partition by r.sku order by r.line) > 1
                    then 'sku'
            end as verdict
        from pg_temp.bulk_rows as r
        left join app.products as p on p.id = r.product_id
        left join app.products as t on t.sku = r.sku and t.id <> r.product_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select
        j.line,
        case when j.verdict in ('version', 'sku') then j.verdict else 'product_id' end,
        case j.verdict
            when 'product' then 'There is no such product.'
            when 'twice' then 'An earlier line has this product.'
            when 'version' then format('The product has changed since version %s: read it again.', j.version)
            else 'Another product has this SKU.'
        end
    from judged as j
    where j.verdict is not null;

    update app.products as p
    set sku = coalesce(r.sku, p.sku),
        name = coalesce(r.name, p.name),
        description = coalesce(r.description, p.description),
        price = coalesce(r.price, p.price),
        stock = coalesce(r.stock, p.stock),
        is_active = coalesce(r.is_active, p.is_active)
    from pg_temp.bulk_rows as r
    where p.id = r.product_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

comment on function api.products_update() is $$
Change many products. What is left out, or null, stays as it is.
A line with a version changes that version alone.

HTTP PATCH /products/bulk
@bulk api.product_change_row needs=product_id parts=10000 by=product_id
@timeout 120s
@tag products
$$;

grant execute on function api.products_update() to staff, admin;

commit;
