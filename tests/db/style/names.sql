begin;

select plan(2);

-- Rules and endpoints have the names by which they are found.
create function pg_temp.misnamed() returns setof text language sql as $$
    -- The constraint of a table begins with the table's name, that of a domain with the domain's.
    select k.conname::text
    from pg_constraint as k
    left join pg_class as c on c.oid = k.conrelid
    left join pg_type as t on t.oid = k.contypid
    where k.connamespace in ('app'::regnamespace, 'auth'::regnamespace, 'api'::regnamespace)
        and not starts_with(k.conname, coalesce(c.relname, t.typname) || '_')
        and t.typname is distinct from 'page_size'
        and t.typname is distinct from 'password'
    union all
    -- A function of the store is noun_verb, all small letters.
    select p.oid::regprocedure::text
    from pg_proc as p
    where p.pronamespace in ('app'::regnamespace, 'auth'::regnamespace, 'api'::regnamespace)
        and p.proname !~ '^[a-z]+(_[a-z]+)+$'
$$;

select is_empty('select pg_temp.misnamed()', 'every rule and function is named as the house does');

-- Control
create domain app.planted as integer constraint positive check (value > 0);
create function app.planted() returns integer language sql as 'select 1';
select set_eq('select pg_temp.misnamed()', array['positive', 'app.planted()'], 'others are found');

select * from finish();

rollback;
