"""What is granted: every object of ours and every role, as PostgreSQL answers when asked."""

from itertools import groupby

from db.database import Database

ROLES = (
    *("anon", "member", "staff", "admin", "analyst", "authenticator"),
    *(
        "gatekeeper",
        "penstock_agent",
        "penstock_clerk",
        "penstock_auditor",
        "report_owner",
        "public",
    ),
)
# Tables with their columns, functions with what they run as, schemas: each with what every role
# may do. What a role may do with some columns is listed with them.
QUERY = """
with rooms as (
    select n.oid, n.nspname
    from pg_namespace as n
    where pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
),
roles as (
    select r.name, r.nth
    from unnest(%s::text[]) with ordinality as r (name, nth)
),
objects as (
    select 1 as place, n.oid, 'schema' as kind, n.nspname::text as name, '' as remark
    from rooms as n
    union all
    select
        2,
        c.oid,
        case c.relkind when 'v' then 'view' when 'm' then 'materialised view'
            when 'S' then 'sequence' else 'table' end,
        format('%%I.%%I', n.nspname, c.relname),
        case when pg_get_userbyid(c.relowner) <> 'penstock_owner' then
            ' of ' || pg_get_userbyid(c.relowner) else '' end
        || case when coalesce(c.reloptions::text, '') ~ 'security_invoker=(true|on)' then
            ' that runs as its reader' else '' end
    from pg_class as c
    join rooms as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f')
        or (c.relkind = 'S' and c.relacl is not null)
    union all
    select
        3,
        p.oid,
        case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end,
        format('%%I.%%I(%%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)),
        case when p.prosecdef then ' that runs as ' || pg_get_userbyid(p.proowner) else '' end
    from pg_proc as p
    join rooms as n on n.oid = p.pronamespace
),
held as (
    select o.place, o.oid, r.name as role, 1 as nth, 'usage' as privilege
    from objects as o, roles as r
    where o.place = 1 and has_schema_privilege(r.name, o.oid, 'usage')
    union all
    select o.place, o.oid, r.name, 2, 'create'
    from objects as o, roles as r
    where o.place = 1 and has_schema_privilege(r.name, o.oid, 'create')
    union all
    select o.place, o.oid, r.name, v.nth, v.name
    from objects as o
    cross join roles as r
    cross join unnest(array['usage', 'select', 'update']) with ordinality as v (name, nth)
    where o.kind = 'sequence' and has_sequence_privilege(r.name, o.oid, v.name)
    union all
    select o.place, o.oid, r.name, v.nth,
        case when has_table_privilege(r.name, o.oid, v.name) then v.name
            else format('%%s (%%s)', v.name, a.columns) end
    from objects as o
    cross join roles as r
    cross join unnest(
        array['select', 'insert', 'update', 'references', 'delete', 'truncate', 'trigger']
    ) with ordinality as v (name, nth)
    left join lateral (
        select string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
        from pg_attribute as a
        where a.attrelid = o.oid
            and a.attnum > 0
            and not a.attisdropped
            and v.nth <= 4
            and has_column_privilege(
                r.name, o.oid, a.attnum, case when v.nth <= 4 then v.name else 'select' end
            )
    ) as a on true
    where o.place = 2
        and o.kind <> 'sequence'
        and (has_table_privilege(r.name, o.oid, v.name) or a.columns is not null)
    union all
    select o.place, o.oid, r.name, 1, 'execute'
    from objects as o, roles as r
    where o.place = 3 and has_function_privilege(r.name, o.oid, 'execute')
),
lines as (
    select o.place, o.name, o.kind || ' ' || o.name || o.remark as object, r.name as role, r.nth,
        string_agg(h.privilege, ', ' order by h.nth) as privileges
    from objects as o
    cross join roles as r
    left join held as h on h.place = o.place and h.oid = o.oid and h.role = r.name
    group by o.place, o.name, o.kind, o.remark, r.name, r.nth
)
select
    l.object,
    string_agg(l.role, ', ' order by l.nth) as roles,
    l.privileges
from lines as l
group by l.place, l.object, l.name, l.privileges
having l.privileges is not null or count(*) = (select count(*) from roles)
order by l.place, l.name collate "C", min(l.nth)
"""


# The owner may do all; what reporters may do is shown as the analyst's.
_OTHERWISE = ("penstock_owner", "reporter")


def strangers(database: Database) -> list[str]:
    """Roles that hold a privilege on something of ours and are not among ROLES."""
    known = [*ROLES, *_OTHERWISE]
    rows = database.rows(
        """
        with rooms as (
            select n.oid, n.nspacl
            from pg_namespace as n
            where pg_get_userbyid(n.nspowner) = 'penstock_owner'
                and n.nspname <> 'sqitch'
        ),
        lists as (
            select n.nspacl as acl from rooms as n
            union all
            select c.relacl from pg_class as c join rooms as n on n.oid = c.relnamespace
            union all
            select a.attacl
            from pg_attribute as a
            join pg_class as c on c.oid = a.attrelid
            join rooms as n on n.oid = c.relnamespace
            union all
            select p.proacl from pg_proc as p join rooms as n on n.oid = p.pronamespace
        )
        select distinct r.rolname::text
        from lists as l
        cross join lateral aclexplode(l.acl) as a
        join pg_roles as r on r.oid = a.grantee
        where r.rolname <> all (%s::text[])
        order by r.rolname::text
        """,
        known,
    )
    return [name for (name,) in rows]


def render(database: Database) -> str:
    """The page: an object a paragraph, and those who may do the same with it a line."""
    rows = database.rows(QUERY.strip(), [*ROLES, *strangers(database)])
    lines = []
    for name, found in groupby(rows, key=lambda row: row[0]):
        lines.append(f"\n{name}\n")
        lines += (
            f"    {roles}: {privileges}\n" if privileges else "    nobody\n"
            for _, roles, privileges in found
        )
    return "".join(lines)
