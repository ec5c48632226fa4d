-- Deploy penstock/lint_functions

begin;

create or replace view penstock.lint_functions as
with functions as (
    select p.*, p.oid::regprocedure::text as name
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
)
select
    'no_public_execute' as rule,
    f.name as object,
    'PUBLIC may execute it: revoke execute on function … from public.' as message
from functions as f
cross join lateral pg_catalog.aclexplode(
    coalesce(f.proacl, pg_catalog.acldefault('f', f.proowner))
) as a
where a.grantee = 0
union all
select
    'definer_search_path',
    f.name,
    'It is security definer without set search_path = '''': a caller''s pg_temp could hijack it.'
from functions as f
where f.prosecdef
    and 'search_path=""' <> all (coalesce(f.proconfig, '{}'))
union all
select
    'definer_owner',
    f.name,
    'It is security definer and belongs to the owner of everything: hand it to a narrow role.'
from functions as f
where f.prosecdef
    and pg_catalog.pg_get_userbyid(f.proowner) = 'penstock_owner'
union all
select
    'session_state',
    f.name,
    'It changes the session (set_config(…, false), a session advisory lock or LISTEN), which the next request on the connection would inherit.'
from functions as f
where f.prosrc ~* 'set_config\s*\([^()]*,\s*false\s*\)|pg_(try_)?advisory_lock|\mlisten\M\s+\w+\s*;';

comment on view penstock.lint_functions is 'Functions that break the house''s rules on who may run what.';
comment on column penstock.lint_functions.rule is 'The rule''s name.';
comment on column penstock.lint_functions.object is 'What breaks it.';
comment on column penstock.lint_functions.message is 'Why, and how to mend it.';

commit;
