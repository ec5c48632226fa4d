-- Deploy penstock/lint_audit
-- requires: audit/tables_policy

begin;

create or replace view penstock.lint_audit as
with tables as (
    select
        n.nspname || '.' || c.relname as name,
        -- Firing, as the auditor: a trigger that is disabled or somebody else's records nothing.
        (
            select count(*)
            from pg_catalog.pg_trigger as g
            join pg_catalog.pg_proc as p on p.oid = g.tgfoid
            join pg_catalog.pg_namespace as s on s.oid = p.pronamespace
            where g.tgrelid = c.oid
                and g.tgname in ('audit_insert', 'audit_update', 'audit_delete', 'audit_truncate')
                and g.tgenabled in ('O', 'A')
                and s.nspname = 'audit'
                and p.proname = ('record_' || n.nspname || '_' || c.relname)::name
                and pg_catalog.pg_get_userbyid(p.proowner) = 'penstock_auditor'
        ) as triggers,
        (
            select array_agg(a.attname::text order by a.attname::text)
            from pg_catalog.pg_attribute as a
            where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        ) as columns
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
        and not c.relispartition
        and pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname not in ('penstock', 'audit', 'sqitch')
)
select
    'audited' as rule,
    t.name as object,
    'Nobody said whether its changes are recorded: call audit.rows_record(…), or audit.rows_skip(…, ''why not'').' as message
from tables as t
where not exists (select from audit.tables as a where a.table_name = t.name)
union all
select
    'audit_fires',
    t.name,
    'Its changes should be recorded, but a trigger of the four is gone or disabled: call audit.rows_record(…) again.'
from tables as t
join audit.tables as a on a.table_name = t.name
where a.reason is null
    and t.triggers <> 4
union all
select
    'audit_columns',
    t.name,
    'Columns came or went since audit.rows_record(…) was called for it: call it again, with secrets named.'
from tables as t
join audit.tables as a on a.table_name = t.name
where a.columns <> t.columns;

comment on view penstock.lint_audit is 'Tables whose changes are not recorded as they should be.';
comment on column penstock.lint_audit.rule is 'The rule''s name.';
comment on column penstock.lint_audit.object is 'What breaks it.';
comment on column penstock.lint_audit.message is 'Why, and how to mend it.';

-- Belongs to the auditor, who sees as much of audit.tables as this needs.
grant create on schema penstock to penstock_auditor;
alter view penstock.lint_audit owner to penstock_auditor;
revoke create on schema penstock from penstock_auditor;
grant select on penstock.lint_audit to penstock_owner;

commit;
