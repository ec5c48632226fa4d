-- Deploy penstock/routes
-- What the API serves, as SQL: the same reading of the comments that the API makes, for those
-- who work in psql.

begin;

create or replace view penstock.routes as
select
    line.parts[1] as method,
    line.parts[2] as path,
    p.oid::regprocedure as function,
    case p.provolatile when 'v' then 'volatile' when 's' then 'stable' else 'immutable' end
        as volatility,
    array(
        select r.rolname
        from pg_catalog.pg_roles as r
        where r.rolname in ('anon', 'member', 'staff', 'admin')
            and pg_catalog.has_function_privilege(r.oid, p.oid, 'execute')
        order by r.rolname
    ) as roles
from pg_catalog.pg_proc as p
cross join lateral regexp_match(
    pg_catalog.obj_description(p.oid, 'pg_proc'),
    '^[ \t]*HTTP[ \t]+([A-Z]+)[ \t]+(/\S*)[ \t]*$',
    'n'
) as line (parts)
where p.pronamespace = 'api'::regnamespace
    and line.parts is not null;

comment on view penstock.routes is 'The endpoints: each function in api whose comment has an HTTP line.';
comment on column penstock.routes.method is 'The HTTP method.';
comment on column penstock.routes.path is 'The path below the API''s prefix, with {argument} in braces.';
comment on column penstock.routes.function is 'The function that answers.';
comment on column penstock.routes.volatility is 'Stable and immutable functions run read-only.';
comment on column penstock.routes.roles is 'The roles that may call it: those that hold EXECUTE.';

grant select on penstock.routes to penstock_agent;

commit;
