-- What the catalogue says about the functions of some schemas that may be endpoints: a JSON object
-- each. Reads pg_catalog alone, as any role, on any database.
--
-- schemas  text[]  schemas whose functions are endpoints
-- roles    text[]  roles whose right to execute matters
--
-- As a cursor's query: PostgreSQL sorts before it makes the objects then, and makes a few at a time.
select
    'function',
    json_build_object(
        'oid', f.oid::bigint,
        'schema', f.nspname,
        'name', f.proname,
        'comment', f.description,
        'kind', f.prokind,
        'volatility', f.provolatile,
        'returns_set', f.proretset,
        'return_type', f.prorettype::bigint,
        'variadic', f.provariadic <> 0,
        'arg_types', f.argtypes::bigint[],
        'arg_modes', f.proargmodes,
        'arg_names', f.proargnames,
        'defaults', (
            select json_agg(pg_catalog.pg_get_function_arg_default(f.oid, i) order by i)
            from generate_series(1, cardinality(f.argtypes)) as i
        ),
        'sets_response',
            coalesce(pg_catalog.pg_get_function_sqlbody(f.oid), f.prosrc)
                ~ 'response\.(status|headers)',
        'roles', array(
            select r.rolname
            from pg_catalog.pg_roles as r
            where r.rolname = any (%(roles)s)
                and pg_catalog.has_function_privilege(r.oid, f.oid, 'execute')
                and pg_catalog.has_schema_privilege(r.oid, f.nspname, 'usage')
        )
    )::text
from (
    select
        p.oid, n.nspname, p.proname, p.prokind, p.provolatile, p.proretset, p.prorettype,
        p.provariadic, p.proargmodes, p.proargnames, p.prosrc,
        coalesce(p.proallargtypes, p.proargtypes::oid[]) as argtypes,
        d.description
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    join pg_catalog.pg_description as d
        on d.classoid = 'pg_catalog.pg_proc'::regclass and d.objoid = p.oid and d.objsubid = 0
    where n.nspname = any (%(schemas)s)
        and d.description ~* '(^|\n)[ \t]*http'
) as f
order by f.nspname, f.proname, f.oid
