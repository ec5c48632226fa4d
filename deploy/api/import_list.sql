-- Deploy api/import_list
-- requires: api/import_get api/page_size

begin;

create or replace function api.import_list(
    "limit" api.page_size default 20,
    cursor jsonb default null
)
    returns setof api.retail_report
    stable
    language sql
as $$
    select r.*
    from (
        select i.id
        from app.imports as i
        where i.id < (select coalesce((import_list.cursor ->> 'import_id')::bigint, 9223372036854775807))
        order by i.id desc
        limit import_list."limit"
    ) as i
    cross join lateral api.import_get(i.id) as r
    order by i.id desc
$$;

comment on function api.import_list(api.page_size, jsonb) is $$
The imports and what they did, the latest first.

HTTP GET /imports
@page import_id
@tag imports
$$;

grant execute on function api.import_list(api.page_size, jsonb) to staff, admin;

commit;
