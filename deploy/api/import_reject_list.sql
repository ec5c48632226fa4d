-- Deploy api/import_reject_list
-- requires: api/import_reject api/page_size app/imports_policy app/import_rejects_policy

begin;

create or replace function api.import_reject_list(
    import_id bigint,
    reason app.reject_reason default null,
    "limit" api.page_size default 20,
    cursor jsonb default null
)
    returns setof api.import_reject
    stable
    language plpgsql
as $$
begin
    if not exists (select from app.imports as i where i.id = import_reject_list.import_id) then
        raise no_data_found using message = format('There is no import %s.', import_reject_list.import_id);
    end if;

    return query
    select r.line, r.reason, r.problem, r.raw
    from app.import_rejects as r
    where r.import_id = import_reject_list.import_id
        and (import_reject_list.reason is null or r.reason = import_reject_list.reason)
        and r.line > coalesce((import_reject_list.cursor ->> 'line')::bigint, 0)
    order by r.line
    limit import_reject_list."limit";
end
$$;

comment on function api.import_reject_list(bigint, app.reject_reason, api.page_size, jsonb) is $$
The lines that an import rejected, each with its reason, in the order of the file.

HTTP GET /imports/{import_id}/rejects
@page line
@tag imports
@error 404 There is no such import.
$$;

grant execute on function api.import_reject_list(bigint, app.reject_reason, api.page_size, jsonb)
    to staff, admin;

commit;
