-- Deploy penstock/lint_comments

begin;

create or replace view penstock.lint_comments as
with rooms as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace as n
    where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
),
objects as (
    select 'pg_namespace'::regclass as classoid, r.oid as objoid, 0 as objsubid, r.nspname::text as name
    from rooms as r
    union all
    select 'pg_class'::regclass, c.oid, 0, c.oid::regclass::text
    from pg_catalog.pg_class as c
    join rooms as r on r.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm')
    union all
    -- Columns of tables and views, and attributes of composite types.
    select 'pg_class'::regclass, c.oid, a.attnum, c.oid::regclass || '.' || a.attname
    from pg_catalog.pg_class as c
    join rooms as r on r.oid = c.relnamespace
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid
    where c.relkind in ('r', 'p', 'v', 'm', 'c')
        and a.attnum > 0
        and not a.attisdropped
    union all
    select 'pg_proc'::regclass, p.oid, 0, p.oid::regprocedure::text
    from pg_catalog.pg_proc as p
    join rooms as r on r.oid = p.pronamespace
    union all
    select 'pg_type'::regclass, t.oid, 0, t.oid::regtype::text
    from pg_catalog.pg_type as t
    join rooms as r on r.oid = t.typnamespace
    left join pg_catalog.pg_class as c on c.oid = t.typrelid
    where t.typtype in ('d', 'e')
        or c.relkind = 'c'
    union all
    -- What a check forbids is said to clients in the words of its comment.
    select 'pg_constraint'::regclass, k.oid, 0, k.conname::text
    from pg_catalog.pg_constraint as k
    join rooms as r on r.oid = k.connamespace
    where k.contype = 'c'
)
select
    'commented' as rule,
    o.name as object,
    'It has no comment: comments are the manual, and what clients and analysts read.' as message
from objects as o
left join pg_catalog.pg_description as d using (classoid, objoid, objsubid)
where d.description is null;

comment on view penstock.lint_comments is 'Objects without a comment.';
comment on column penstock.lint_comments.rule is 'The rule''s name.';
comment on column penstock.lint_comments.object is 'What breaks it.';
comment on column penstock.lint_comments.message is 'Why, and how to mend it.';

commit;
