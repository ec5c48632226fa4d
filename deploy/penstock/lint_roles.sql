-- Deploy penstock/lint_roles
-- requires: penstock/schema

begin;

create or replace view penstock.lint_roles as
with recursive roots as (
    select r.oid, r.rolname, r.rolname not in ('penstock_owner', 'penstock_deployer') as serves
    from pg_catalog.pg_roles as r
    where r.rolname in ('penstock_owner', 'penstock_deployer', 'authenticator', 'reporter')
        -- An analyst's login.
        or exists (
            select
            from pg_catalog.pg_auth_members as m
            where m.member = r.oid
                and pg_catalog.pg_get_userbyid(m.roleid) = 'reporter'
        )
),
-- What each of them may become.
within_reach as (
    select r.oid, r.rolname as root, r.serves
    from roots as r
    union
    select m.roleid, w.root, w.serves
    from within_reach as w
    join pg_catalog.pg_auth_members as m on m.member = w.oid
)
select
    'role_power' as rule,
    r.rolname::text as object,
    format(
        'It %s, and no policy or grant stops it: alter role %I nosuperuser nobypassrls nocreaterole noreplication.',
        concat_ws(
            ' and ',
            case when r.rolsuper then 'is a superuser' end,
            case when r.rolbypassrls then 'has BYPASSRLS' end,
            case when r.rolcreaterole then 'has CREATEROLE' end,
            case when r.rolreplication then 'has REPLICATION' end
        ),
        r.rolname
    ) as message
from pg_catalog.pg_roles as r
where (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolreplication)
    and exists (select from within_reach as w where w.oid = r.oid)
union all
select
    'role_reach',
    w.root::text,
    format(
        'It may act as %s: revoke %I from it, or from what it belongs to.',
        case
            when r.rolname in ('penstock_owner', 'penstock_deployer') then r.rolname || ', who owns every object'
            else r.rolname || ', who reads or writes past every grant'
        end,
        r.rolname
    )
from within_reach as w
join pg_catalog.pg_roles as r on r.oid = w.oid
where r.rolname <> w.root
    and (
        (w.serves and r.rolname in ('penstock_owner', 'penstock_deployer'))
        or r.rolname in (
            'pg_read_all_data', 'pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
            'pg_execute_server_program'
        )
    )
union all
select
    'role_inherits',
    r.rolname::text,
    'The API would have the rights of every role at once before it becomes one: alter role authenticator noinherit.'
from pg_catalog.pg_roles as r
where r.rolname = 'authenticator'
    and r.rolinherit
union all
select
    'default_privileges',
    'penstock_owner',
    'PUBLIC may execute every function that it will make: alter default privileges for role penstock_owner revoke execute on functions from public.'
where not exists (
    select
    from pg_catalog.pg_default_acl as d
    where pg_catalog.pg_get_userbyid(d.defaclrole) = 'penstock_owner'
        and d.defaclnamespace = 0
        and d.defaclobjtype = 'f'
        and not exists (select from pg_catalog.aclexplode(d.defaclacl) as a where a.grantee = 0)
)
union all
select
    'default_privileges',
    pg_catalog.pg_get_userbyid(d.defaclrole)::text,
    format(
        'PUBLIC is given %s on what it will make in %s: alter default privileges … revoke … from public.',
        a.privilege_type,
        coalesce(n.nspname, 'every schema')
    )
from pg_catalog.pg_default_acl as d
left join pg_catalog.pg_namespace as n on n.oid = d.defaclnamespace
cross join lateral pg_catalog.aclexplode(d.defaclacl) as a
where a.grantee = 0
    and (d.defaclnamespace <> 0 or d.defaclobjtype <> all ('{f,T}'::"char"[]))
    and exists (select from within_reach as w where w.oid = d.defaclrole)
union all
select
    'no_public_schema',
    n.nspname::text,
    format('PUBLIC has %s on it: revoke all on schema %I from public.', a.privilege_type, n.nspname)
from pg_catalog.pg_namespace as n
cross join lateral pg_catalog.aclexplode(n.nspacl) as a
where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
    and n.nspname <> 'sqitch'
    and a.grantee = 0;

comment on view penstock.lint_roles is 'Roles that may do more than they should, and what PUBLIC is given beforehand.';
comment on column penstock.lint_roles.rule is 'The rule''s name.';
comment on column penstock.lint_roles.object is 'What breaks it.';
comment on column penstock.lint_roles.message is 'Why, and how to mend it.';

commit;
