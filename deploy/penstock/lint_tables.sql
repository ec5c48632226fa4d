-- Deploy penstock/lint_tables

begin;

create or replace view penstock.lint_tables as
with tables as (
    select c.oid, c.oid::regclass::text as name, c.relrowsecurity, c.relforcerowsecurity, c.relowner
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
        and pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
)
select
    'rls_forced' as rule,
    t.name as object,
    'Row-level security is not enabled and forced: alter table … enable row level security, force row level security.' as message
from tables as t
where not (t.relrowsecurity and t.relforcerowsecurity)
union all
select
    'owner_policy',
    t.name,
    'The owner has no policy using (true) with check (true): its own migrations would see no rows.'
from tables as t
where not exists (
    select
    from pg_catalog.pg_policy as p
    where p.polrelid = t.oid
        and p.polcmd = '*'
        and t.relowner = any (p.polroles)
        and pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true'
        and pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) = 'true'
)
union all
select
    'no_public_table',
    c.oid::regclass::text,
    'PUBLIC has a privilege on it, or on a column: revoke all on … from public.'
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
    and n.nspname <> 'sqitch'
    and (
        exists (select from pg_catalog.aclexplode(c.relacl) as a where a.grantee = 0)
        or exists (
            select
            from pg_catalog.pg_attribute as t
            cross join lateral pg_catalog.aclexplode(t.attacl) as a
            where t.attrelid = c.oid
                and a.grantee = 0
        )
    )
union all
-- Deleting what a foreign key points to looks for who points. The key's columns lead the index,
-- in any order; an index of some rows doesn't count.
select
    'foreign_key_indexed',
    t.name,
    format(
        'Foreign key %s has no index: a delete of what it points to reads the whole table. create index … on %s (%s).',
        k.conname,
        t.name,
        (
            select string_agg(quote_ident(a.attname), ', ' order by array_position(k.conkey, a.attnum))
            from pg_catalog.pg_attribute as a
            where a.attrelid = k.conrelid
                and a.attnum = any (k.conkey)
        )
    )
from tables as t
join pg_catalog.pg_constraint as k on k.conrelid = t.oid
where k.contype = 'f'
    and not exists (
        select
        from pg_catalog.pg_index as i
        where i.indrelid = k.conrelid
            and i.indpred is null
            and i.indisvalid
            and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
    );

comment on view penstock.lint_tables is
    'Tables that break the house''s rules on row-level security, on PUBLIC and on the indexes of foreign keys.';
comment on column penstock.lint_tables.rule is 'The rule''s name.';
comment on column penstock.lint_tables.object is 'What breaks it.';
comment on column penstock.lint_tables.message is 'Why, and how to mend it.';

commit;
