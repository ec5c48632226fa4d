-- Deploy api/retail_import
-- requires: api/retail_line api/import_get app/retail_stage app/retail_load

begin;

create or replace function api.retail_import()
    returns api.retail_report
    language plpgsql
as $$
declare
    v_new_products integer;
    v_load record;
    v_import_id bigint;
    v_report api.retail_report;
begin
    -- One import at a time: of two at once, each would take the other's lines for new ones.
    perform pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('api.retail_import', 0));

    perform app.retail_stage();

    -- What history sold is not for sale until somebody says so. Its name is what most lines call
    -- it, its price what the latest line asks. Products that are there stay as they are.
    insert into app.products (sku, name, price, stock, is_active)
    select
        l.stock_code,
        coalesce(mode() within group (order by left(l.description, 200)), l.stock_code),
        (array_agg(l.unit_price order by l.placed_at desc, l.line desc))[1],
        0,
        false
    from pg_temp.retail_lines as l
    where l.reason is null
    group by l.stock_code
    order by l.stock_code
    on conflict do nothing;

    get diagnostics v_new_products = row_count;

    select loaded, revenue, new_customers, new_orders into v_load from app.retail_load();

    insert into app.imports (
        made_by, lines, loaded, unchanged, rejected, revenue,
        new_customers, new_products, new_orders
    )
    select
        request.user_id(),
        count(*),
        v_load.loaded,
        count(*) filter (where l.reason is null) - v_load.loaded,
        count(l.reason),
        v_load.revenue,
        v_load.new_customers,
        v_new_products,
        v_load.new_orders
    from pg_temp.retail_lines as l
    returning id into v_import_id;

    insert into app.import_rejects (import_id, line, reason, problem, raw)
    select v_import_id, l.line, l.reason, b.problem, b.raw
    from pg_temp.retail_lines as l
    join pg_temp.bulk_lines as b on b.line = l.line
    where l.reason is not null;

    select * into v_report from api.import_get(v_import_id);

    return v_report;
end
$$;

comment on function api.retail_import() is $$
Import a retail file.

Lines of goods with a customer, a quantity and a price become orders that were delivered; cancellations,
charges and whatever can't be read are rejected, and can be read back with their reasons. A line that
an earlier import brought is left as it is, so the same file may be sent again. No stock is touched.

HTTP POST /imports/retail
@bulk api.retail_line
@status 201
@location /imports/{import_id}
@timeout 120s
@tag imports
$$;

grant execute on function api.retail_import() to staff, admin;

commit;
