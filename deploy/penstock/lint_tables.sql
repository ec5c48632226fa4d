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
    'PUBLIC has a privilege on it: revoke all on … from public.'
from pg_catalog.pg_class as c
join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join lateral pg_catalog.aclexplode(c.relacl) as a
where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
    and n.nspname <> 'sqitch'
    and a.grantee = 0;

comment on view penstock.lint_tables is 'Tables that break the house''s rules on row-level security.';
comment on column penstock.lint_tables.rule is 'The rule''s name.';
comment on column penstock.lint_tables.object is 'What breaks it.';
comment on column penstock.lint_tables.message is 'Why, and how to mend it.';

commit;
