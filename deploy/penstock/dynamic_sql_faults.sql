-- Deploy penstock/dynamic_sql_faults
-- requires: penstock/source_skeleton penstock/dynamic_sql_quoted

begin;

create or replace function penstock.dynamic_sql_faults(function oid)
    returns setof text
    stable
    language sql
as $$
    with source as (
        select
            penstock.source_skeleton(p.prosrc) as code,
            array(
                select p.proargnames[a.nth]
                from unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality as a (type, nth)
                where a.type::regtype::text ~ '^(reg\w+|oid|smallint|integer|bigint|boolean|uuid|date)$'
            ) as arguments
        from pg_catalog.pg_proc as p
        where p.oid = dynamic_sql_faults.function
    ),
    harmless as (
        select s.arguments || array(
            select d.name[1]
            from regexp_matches(
                s.code,
                '(\w+)\s+(?:constant\s+)?(?:reg\w+|oid|smallint|integer|int|bigint|boolean|uuid|date)\s*(?:;|:=|\mnot\M)',
                'gi'
            ) as d (name)
        ) as names
        from source as s
    ),
    executed as (
        select
            btrim(regexp_replace(
                regexp_replace(e.statement, '^.*?\mexecute\M', '', 'i'),
                '\m(using|into|loop)\M.*', '', 'i'
            ), e' \n\t') as expression
        from source as s
        cross join lateral regexp_split_to_table(s.code, ';') as e (statement)
        where e.statement ~* '\mexecute\M(?!\s+(function|procedure|on)\M)'
    )
    select e.expression
    from executed as e
    cross join harmless as h
    cross join source as s
    where not penstock.dynamic_sql_quoted(e.expression, h.names)
        -- A variable is what is assigned to it, each time.
        and not (
            e.expression ~ '^\w+$'
            and coalesce((
                select bool_and(penstock.dynamic_sql_quoted(a.value[1], h.names || e.expression))
                from regexp_matches(
                    s.code, '\m' || e.expression || '\M[^;:=()|]*(?::=|\mdefault\M)([^;]*)', 'gi'
                ) as a (value)
            ), false)
            and s.code !~* ('\minto\M[^;]*\m' || e.expression || '\M')
        )
$$;

comment on function penstock.dynamic_sql_faults(oid) is
    'What a plpgsql function executes that may hold a value nobody has quoted.';

grant execute on function penstock.dynamic_sql_faults(oid) to penstock_agent;

commit;
