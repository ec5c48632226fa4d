-- Deploy penstock/lint_views
-- requires: penstock/schema

begin;

create or replace view penstock.lint_views as
with views as (
    select c.oid, c.oid::regclass::text as name, c.relkind, c.relacl, c.reloptions, r.rolname as owner,
        r.rolname = 'penstock_owner' or r.rolsuper or r.rolbypassrls as sees_everything
    from pg_catalog.pg_class as c
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    join pg_catalog.pg_roles as r on r.oid = c.relowner
    where c.relkind in ('v', 'm')
        and pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
)
-- A view reads tables as its owner. Views that it reads are judged by themselves, and what stands
-- in the catalogue is everybody's.
select
    'view_owner' as rule,
    v.name as object,
    format(
        'It reads %s as %s, whom no policy hides a row from, for whoever reads it: alter view … set (security_invoker = true), or hand it to a narrow role with policies of its own, as report_owner.',
        string_agg(distinct t.oid::regclass::text, ', '),
        v.owner
    ) as message
from views as v
join pg_catalog.pg_rewrite as w on w.ev_class = v.oid
join pg_catalog.pg_depend as d
    on d.classid = 'pg_rewrite'::regclass
    and d.objid = w.oid
    and d.refclassid = 'pg_class'::regclass
join pg_catalog.pg_class as t on t.oid = d.refobjid
where v.relkind = 'v'
    and v.sees_everything
    and not coalesce((
        select o.option_value::boolean
        from pg_catalog.pg_options_to_table(v.reloptions) as o
        where o.option_name = 'security_invoker'
    ), false)
    and t.relkind in ('r', 'p', 'f', 'm')
    and t.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
group by v.name, v.owner
union all
-- Policies don't reach what is kept, so nobody reads it who is not trusted with all of it.
select
    'view_kept',
    v.name,
    format(
        'A materialised view knows no policies, so %s reads every row of it: revoke it, and let a view or function of a narrow role show what each may see.',
        case when a.grantee = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(a.grantee)::text end
    )
from views as v
cross join lateral pg_catalog.aclexplode(v.relacl) as a
left join pg_catalog.pg_roles as g on g.oid = a.grantee
where v.relkind = 'm'
    and a.privilege_type = 'SELECT'
    and (
        a.grantee = 0
        or g.rolcanlogin
        or g.rolname in ('anon', 'member', 'staff', 'admin', 'reporter')
    );

comment on view penstock.lint_views is 'Views that show more than their reader may see.';
comment on column penstock.lint_views.rule is 'The rule''s name.';
comment on column penstock.lint_views.object is 'What breaks it.';
comment on column penstock.lint_views.message is 'Why, and how to mend it.';

commit;
