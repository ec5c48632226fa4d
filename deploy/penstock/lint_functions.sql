-- Deploy penstock/lint_functions
-- requires: penstock/source_skeleton penstock/dynamic_sql_faults

begin;

create or replace view penstock.lint_functions as
with functions as (
    select
        p.oid,
        p.oid::regprocedure::text as name,
        p.proowner,
        p.proacl,
        p.proconfig,
        p.prosecdef,
        p.prosrc,
        l.lanname,
        -- What is searched is code: a message may speak of LISTEN. A `begin atomic` body has no source.
        coalesce(pg_catalog.pg_get_function_sqlbody(p.oid), penstock.source_skeleton(p.prosrc)) as code
    from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    join pg_catalog.pg_language as l on l.oid = p.prolang
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
    'It is security definer and belongs to ' || r.rolname || ', whom no policy stops: hand it to a narrow role.'
from functions as f
join pg_catalog.pg_roles as r on r.oid = f.proowner
where f.prosecdef
    and (r.rolname = 'penstock_owner' or r.rolsuper or r.rolbypassrls)
union all
select
    'session_state',
    f.name,
    'It changes the session (set_config(…, false), SET without LOCAL, a session advisory lock or LISTEN), which the next request on the connection would inherit: set_config(…, true), pg_advisory_xact_lock().'
from functions as f
where f.code ~* 'set_config\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*,\s*(is_local\s*(=>|:=)\s*)?(false|''f\w*''::boolean)\s*\)'
    or f.code ~* 'pg_(try_)?advisory_lock(_shared)?\s*\('
    or f.code ~* '(^|;|\m(begin|then|else|loop)\M)\s*listen\s+"?\w'
    or f.code ~* '(^|;|\m(begin|then|else|loop)\M)\s*set\s+(?!local\M|constraints\M|transaction\M)[\w."]+\s*(=|\mto\M|\w|'')'
    or f.prosrc ~* '\mexecute\s+(format\s*\(\s*)?''\s*(listen\s|set\s+(?!local\M|constraints\M|transaction\M))'
union all
select
    'dynamic_sql',
    f.name,
    format(
        'It executes a text that may hold a value nobody has quoted: %s. Use format() with %%I and %%L, quote_ident(), quote_literal(), or USING; if every part is quoted, say how in a comment: -- dynamic_sql: …',
        left(regexp_replace(d.expression, '\s+', ' ', 'g'), 80)
    )
from functions as f
cross join lateral penstock.dynamic_sql_faults(f.oid) as d (expression)
where f.lanname = 'plpgsql'
    and f.prosrc ~* '\mexecute\M'
    and f.prosrc !~ '-- dynamic_sql: \w';

comment on view penstock.lint_functions is 'Functions that break the house''s rules on who may run what.';
comment on column penstock.lint_functions.rule is 'The rule''s name.';
comment on column penstock.lint_functions.object is 'What breaks it.';
comment on column penstock.lint_functions.message is 'Why, and how to mend it.';

commit;
