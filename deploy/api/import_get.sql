-- Deploy api/import_get
-- requires: api/retail_report app/imports_policy app/import_rejects_policy

begin;

create or replace function api.import_get(import_id bigint)
    returns setof api.retail_report
    stable
    rows 1
    language sql
as $$
    select
        i.id, i.made_by, i.made_at, i.lines, i.loaded, i.unchanged, i.rejected, i.revenue,
        i.new_customers, i.new_products, i.new_orders,
        array(
            select (r.reason, count(*))::api.import_reason
            from app.import_rejects as r
            where r.import_id = i.id
            group by r.reason
            order by r.reason
        )
    from app.imports as i
    where i.id = import_get.import_id
$$;

comment on function api.import_get(bigint) is $$
What an import did.

HTTP GET /imports/{import_id}
@single
@tag imports
$$;

grant execute on function api.import_get(bigint) to staff, admin;

commit;
