begin;

select plan(3);

-- Deleting what a foreign key points to looks for who points: by an index.
create function pg_temp.without_index() returns setof text language sql as $$
    select k.conname::text
    from pg_constraint as k
    where k.contype = 'f'
        and k.connamespace in ('app'::regnamespace, 'auth'::regnamespace)
        and not exists (
            select
            from pg_index as i
            where i.indrelid = k.conrelid
                and i.indpred is null
                and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey
        )
$$;

select is_empty('select pg_temp.without_index()', 'every foreign key has its index');

-- Control
create table app.planted (
    part integer,
    user_id bigint constraint planted_fkey references app.users (id)
);
create index planted_behind on app.planted (part, user_id);
create index planted_partial on app.planted (user_id) where part = 1;
select results_eq('select pg_temp.without_index()', array['planted_fkey'], 'one that has it behind or in part is found');
create index planted_whole on app.planted (user_id);
select is_empty('select pg_temp.without_index()', 'one that leads is what it takes');

select * from finish();

rollback;
