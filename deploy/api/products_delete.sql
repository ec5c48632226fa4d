-- Deploy api/products_delete
-- requires: api/product_id_row app/products_policy app/order_lines_policy

begin;

create or replace function api.products_delete()
    returns void
    volatile
    -- Else the orders of each row are looked up with a plan of its own: measured, a third of the time.
    set plan_cache_mode = force_generic_plan
    language plpgsql
as $$
begin
    -- Whoever orders one of them waits, or was first. In the order of ids, lest two wait in a circle.
    perform
    from app.products as p
    where p.id in (select r.product_id from pg_temp.bulk_rows as r)
    order by p.id
    for update;

    with judged as (
        select
            r.line,
            case
                when p.id is null then 'There is no such product.'
                when row_number() over (partition by r.product_id order by r.line) > 1
                    then 'An earlier line has this product.'
                when exists (select from app.order_lines as l where l.product_id = r.product_id)
                    then 'This product has been ordered, so it must be kept: make it inactive instead.'
            end as reason
        from pg_temp.bulk_rows as r
        left join app.products as p on p.id = r.product_id
    )
    insert into pg_temp.bulk_rejects (line, field, reason)
    select j.line, 'product_id', j.reason
    from judged as j
    where j.reason is not null;

    delete from app.products as p
    using pg_temp.bulk_rows as r
    where p.id = r.product_id
        and r.line not in (select x.line from pg_temp.bulk_rejects as x);
end
$$;

comment on function api.products_delete() is $$
Delete many products that nobody has ordered.

HTTP DELETE /products/bulk
@bulk api.product_id_row needs=product_id parts=10000 by=product_id
@timeout 120s
@tag products
$$;

grant execute on function api.products_delete() to staff, admin;

commit;
