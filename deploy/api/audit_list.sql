-- Deploy api/audit_list
-- requires: api/audit_change api/page_size audit/changes_policy

begin;

create or replace function api.audit_list(
    "limit" api.page_size default 20,
    cursor jsonb default null,
    "table" text default null,
    key jsonb default null,
    subject text default null,
    since timestamptz default null,
    until timestamptz default null
)
    returns setof api.audit_change
    stable
    security definer
    set search_path = ''
    set plan_cache_mode = force_custom_plan  -- which index pays depends on the arguments
    language plpgsql
as $$
begin
    if audit_list.key is not null and audit_list."table" is null then
        raise exception using
            errcode = 'PT422',
            constraint = 'audit_key_of_table',
            message = 'A key is that of a table: name the table as well.';
    end if;

    if audit_list.key is not null then
        return query
        select
            c.at, c.id, c.xid::text, c.login, c.role, c.subject, c.session, c.method, c.path,
            c.table_name, c.operation, c.key, c.before, c.after
        from audit.changes as c
        where c.table_name = audit_list."table"
            and c.key = audit_list.key
            and (audit_list.subject is null or c.subject = audit_list.subject)
            and (audit_list.since is null or c.at >= audit_list.since)
            and (audit_list.until is null or c.at < audit_list.until)
            and (
                audit_list.cursor is null
                or (c.at, c.id) < ((audit_list.cursor ->> 'at')::timestamptz, (audit_list.cursor ->> 'id')::bigint)
            )
        order by c.key desc, c.at desc, c.id desc  -- jsonb has to lead: see the conventions
        limit audit_list."limit";
    else
        return query
        select
            c.at, c.id, c.xid::text, c.login, c.role, c.subject, c.session, c.method, c.path,
            c.table_name, c.operation, c.key, c.before, c.after
        from audit.changes as c
        where (audit_list."table" is null or c.table_name = audit_list."table")
            and (audit_list.subject is null or c.subject = audit_list.subject)
            and (audit_list.since is null or c.at >= audit_list.since)
            and (audit_list.until is null or c.at < audit_list.until)
            and (
                audit_list.cursor is null
                or (c.at, c.id) < ((audit_list.cursor ->> 'at')::timestamptz, (audit_list.cursor ->> 'id')::bigint)
            )
        order by c.at desc, c.id desc
        limit audit_list."limit";
    end if;
end
$$;

-- Belongs to the auditor, who alone reads what was recorded: so nobody has a right on the table.
grant create on schema api to penstock_auditor;
alter function api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz)
    owner to penstock_auditor;
revoke create on schema api from penstock_auditor;

comment on function api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz) is $$
Who changed what, the latest change first: by this API or by SQL, in any table of the domain and of logins.
Narrowed by table (app.products), and with it the row's key ({"id": 7}), by the user who called, and by time.
Of passwords it shows only that they changed. A change that was rolled back is no change.

HTTP GET /audit
@page at, id
@tag audit
@error 422 A key is given without its table.
$$;

grant execute on function api.audit_list(api.page_size, jsonb, text, jsonb, text, timestamptz, timestamptz)
    to admin;

commit;
