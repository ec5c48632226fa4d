-- What the catalogue says beside its functions: a JSON object for each type that they name and each
-- rule that an error can name, and what a database has of ours. Reads pg_catalog alone, as any role,
-- on any database.
--
-- schemas  text[]  schemas whose functions are endpoints
-- types    oid[]   types that the functions name
with recursive type_ids (oid) as (
    select unnest(%(types)s::oid[])
    union
    -- Types that @bulk names are in nobody's signature, so all composites of the schemas count.
    select t.oid
    from pg_catalog.pg_type as t
    join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
    join pg_catalog.pg_class as c on c.oid = t.typrelid
    where n.nspname = any (%(schemas)s) and c.relkind = 'c'
    union
    select part.oid
    from type_ids as i
    join pg_catalog.pg_type as t on t.oid = i.oid
    cross join lateral (
        select t.typbasetype where t.typtype = 'd'
        union all
        select t.typelem where t.typcategory = 'A'
        union all
        select a.atttypid
        from pg_catalog.pg_attribute as a
        where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
    ) as part (oid)
    where part.oid <> 0
),
type_rows as (
    select json_build_object(
        'oid', t.oid::bigint,
        'schema', n.nspname,
        'name', t.typname,
        'sql', pg_catalog.format_type(t.oid, null),
        'kind', t.typtype,
        'category', t.typcategory,
        'element', case when t.typcategory = 'A' then t.typelem::bigint end,
        'delimiter', t.typdelim,
        'base', nullif(t.typbasetype, 0)::bigint,
        'typmod', t.typtypmod,
        'not_null', t.typnotnull,
        'comment', pg_catalog.obj_description(t.oid, 'pg_type'),
        'labels', (
            select json_agg(e.enumlabel order by e.enumsortorder)
            from pg_catalog.pg_enum as e
            where e.enumtypid = t.oid
        ),
        'checks', (
            select json_agg(json_build_object(
                'name', k.conname,
                'expression', pg_catalog.pg_get_expr(k.conbin, 0),
                'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')
            ) order by k.conname)
            from pg_catalog.pg_constraint as k
            where k.contypid = t.oid and k.contype = 'c'
        ),
        'attributes', (
            select json_agg(json_build_object(
                'name', a.attname,
                'type', a.atttypid::bigint,
                'typmod', a.atttypmod,
                'not_null', a.attnotnull,
                'comment', pg_catalog.col_description(a.attrelid, a.attnum)
            ) order by a.attnum)
            from pg_catalog.pg_attribute as a
            where a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
        )
    ) as value
    from (select distinct i.oid from type_ids as i) as i
    join pg_catalog.pg_type as t on t.oid = i.oid
    join pg_catalog.pg_namespace as n on n.oid = t.typnamespace
),
-- What an error can name: constraints, and unique indexes that are no constraint.
rule_rows as (
    select json_build_object(
        'schema', n.nspname,
        'name', k.conname,
        'on', coalesce(c.relname, t.typname),
        'kind', k.contype,
        'columns', (
            select json_agg(a.attname order by u.position)
            from unnest(k.conkey) with ordinality as u (attnum, position)
            join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and a.attnum = u.attnum
        ),
        'comment', pg_catalog.obj_description(k.oid, 'pg_constraint')
    ) as value
    from pg_catalog.pg_constraint as k
    join pg_catalog.pg_namespace as n on n.oid = k.connamespace
    left join pg_catalog.pg_class as c on c.oid = k.conrelid
    left join pg_catalog.pg_type as t on t.oid = k.contypid
    where n.nspname not in ('pg_catalog', 'information_schema')
    union all
    select json_build_object(
        'schema', n.nspname,
        'name', c.relname,
        'on', tab.relname,
        'kind', 'u',
        'columns', (
            select json_agg(a.attname order by a.attnum)
            from pg_catalog.pg_depend as d
            join pg_catalog.pg_attribute as a
                on a.attrelid = i.indrelid and a.attnum = d.refobjsubid
            where d.classid = 'pg_catalog.pg_class'::regclass
                and d.objid = i.indexrelid
                and d.refclassid = 'pg_catalog.pg_class'::regclass
                and d.refobjid = i.indrelid
                and d.refobjsubid > 0
        ),
        'comment', pg_catalog.obj_description(c.oid, 'pg_class')
    )
    from pg_catalog.pg_index as i
    join pg_catalog.pg_class as c on c.oid = i.indexrelid
    join pg_catalog.pg_class as tab on tab.oid = i.indrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where i.indisunique
        and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
        and not exists (
            select from pg_catalog.pg_constraint as k where k.conindid = i.indexrelid
        )
)
select r.kind, r.value::text
from (
    select 'type', t.value from type_rows as t
    union all
    select 'rule', r.value from rule_rows as r
    union all
    -- Whether any function could set them, as one that an endpoint calls in turn.
    select 'sets_response', to_json(exists (
        select
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname not in ('pg_catalog', 'information_schema')
            and coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc)
                ~ 'response\.(status|headers)'
    ))
    union all
    -- Whether what a transaction touches may be put off to its end, and can be had before.
    select 'defers', to_json(
        exists (select from pg_catalog.pg_trigger as t where t.tginitdeferred and t.tgenabled <> 'D')
        and exists (
            select
            from pg_catalog.pg_proc as p
            join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
            where n.nspname = 'penstock' and p.proname = 'settle'
        )
    )
    union all
    -- Whether answers can be kept for those who send an Idempotency-Key.
    select 'keeps', to_json(exists (
        select
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'penstock' and p.proname = 'idempotency_keep'
    ))
    union all
    -- Whether calls may go on after their answer.
    select 'goes_on', to_json(exists (
        select
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'penstock' and p.proname = 'long_call_begin'
    ))
    union all
    -- What may be touched: the names of tags in functions that say so, or null where nobody listens.
    select 'touched', case
        -- Not by name: that asks for the right to look into the schema, which the agent has.
        when exists (
                select
                from pg_catalog.pg_class as c
                join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
                where n.nspname = 'penstock' and c.relname = 'touches'
            )
            and pg_catalog.pg_has_role(session_user, 'penstock_agent', 'member')
            then (
                select coalesce(json_agg(distinct found.parts[1]), '[]')
                from pg_catalog.pg_proc as p
                cross join lateral (
                    select coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), p.prosrc) as text
                ) as body
                cross join lateral regexp_matches(body.text, '''(\w+)(?::[^'']*)?''', 'g') as found (parts)
                where body.text ~ 'penstock\.touch\('
            )
        else 'null'
    end
) as r (kind, value)
