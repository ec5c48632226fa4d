-- Deploy penstock/lint_endpoints
-- requires: penstock/routes

begin;

create or replace view penstock.lint_endpoints as
with functions as (
    select
        p.oid,
        p.oid::regprocedure::text as name,
        n.nspname,
        pg_catalog.obj_description(p.oid, 'pg_proc') ~ '(^|\n)[ \t]*HTTP[ \t]+[A-Z]+[ \t]+/' as is_route
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
)
select
    'endpoint_route' as rule,
    f.name as object,
    'It lives in api, but answers to no path: write HTTP METHOD /path in its comment, or move it to the domain''s schema.' as message
from functions as f
where f.nspname = 'api'
    and not exists (select from penstock.routes as r where r.function = f.oid)
union all
select
    'endpoint_schema',
    f.name,
    'Its comment has an HTTP line, but it is not in api, so it is not served: move it there, or take the line out.'
from functions as f
where f.nspname <> 'api'
    and f.is_route
union all
select
    'endpoint_roles',
    r.function::text,
    format('It answers to %s %s, but nobody may call it: grant execute on function … to …', r.method, r.path)
from penstock.routes as r
where r.roles = '{}'
union all
-- A route that no function answers to.
select
    'endpoint_function',
    c.oid::regclass::text,
    'Its comment has an HTTP line, but only functions are served: write one that reads it.'
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm')
    and pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
    and n.nspname <> 'sqitch'
    and pg_catalog.obj_description(c.oid, 'pg_class') ~ '(^|\n)[ \t]*HTTP[ \t]+[A-Z]+[ \t]+/';

comment on view penstock.lint_endpoints is 'Functions and comments that look like endpoints and are none.';
comment on column penstock.lint_endpoints.rule is 'The rule''s name.';
comment on column penstock.lint_endpoints.object is 'What breaks it.';
comment on column penstock.lint_endpoints.message is 'Why, and how to mend it.';

commit;
