-- Deploy penstock/lint_policies
-- requires: penstock/schema

begin;

create or replace view penstock.lint_policies as
with once as (
    -- A sub-select without FROM is asked once a statement. Parentheses up to six deep.
    select
        '\( SELECT (?:(?!\sFROM\s)[^()]|\('
        || repeat('(?:[^()]|\(', 5) || '[^()]*' || repeat('\))*', 5)
        || '\))*\)' as spelt
),
policies as (
    select
        p.polrelid,
        p.polrelid::regclass || ' ' || p.polname as name,
        p.polroles,
        p.polcmd,
        pg_catalog.pg_get_expr(p.polqual, p.polrelid) as shows,
        pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as admits
    from pg_catalog.pg_policy as p
    join pg_catalog.pg_class as c on c.oid = p.polrelid
    join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
    where pg_catalog.pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and n.nspname <> 'sqitch'
)
select
    'caller_once' as rule,
    p.name as object,
    'It asks for the caller row by row, which costs ten times as much: write (select request.user_id()), never the bare call.' as message
from policies as p
cross join once
where regexp_replace(concat_ws(' ', p.shows, p.admits), once.spelt, '', 'g')
    ~ '\m(request\.\w+|current_setting)\('
union all
select
    'policy_roles',
    p.name,
    'It is for PUBLIC, so for every role there will ever be: name its roles with TO.'
from policies as p
where 0 = any (p.polroles)
union all
-- What a policy compares with the caller is what PostgreSQL looks rows up by. An index of some
-- rows doesn't count, and neither does one in which the column comes later.
select
    'policy_indexed',
    p.name,
    format(
        'It finds the caller''s rows by %1$I, which no index begins with: every statement reads the whole table. create index … on %2$s (%1$I).',
        a.attname,
        p.polrelid::regclass
    )
from policies as p
join pg_catalog.pg_attribute as a on a.attrelid = p.polrelid
join pg_catalog.pg_class as c on c.oid = p.polrelid
cross join lateral (
    select format(
        '(?<![\w.])(?:%s\.)?%s(?!\w)',
        c.relname,
        regexp_replace(quote_ident(a.attname), '(\W)', '\\\1', 'g')
    )
) as spelt (name)
cross join lateral (select format('(%s|SESSION_USER|CURRENT_USER)', once.spelt) from once) as caller (name)
where a.attnum > 0
    and not a.attisdropped
    and p.polcmd <> 'a'
    and p.shows ~ format('%1$s(\)?::[\w ]+)? = \(?%2$s|%2$s(\)?::[\w ]+)? = \(?%1$s', spelt.name, caller.name)
    and not exists (
        select
        from pg_catalog.pg_index as i
        where i.indrelid = p.polrelid
            and i.indkey[0] = a.attnum
            and i.indpred is null
            and i.indisvalid
    );

comment on view penstock.lint_policies is 'Policies that break the house''s rules: on how they ask for the caller, and for whom they are.';
comment on column penstock.lint_policies.rule is 'The rule''s name.';
comment on column penstock.lint_policies.object is 'What breaks it.';
comment on column penstock.lint_policies.message is 'Why, and how to mend it.';

commit;
