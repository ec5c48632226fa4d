begin;

select plan(4);

-- A policy asks for the caller once a statement: (select request.user_id()), never the bare call.
create function pg_temp.calls_per_row() returns setof text language sql as $$
    select p.polrelid::regclass || ' ' || p.polname
    from pg_policy as p
    cross join lateral concat_ws(
        ' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
    ) as expression
    where regexp_replace(expression, '\( SELECT request\.\w+\(\) AS \w+\)', '', 'g') ~ 'request\.'
$$;

select is_empty('select pg_temp.calls_per_row()', 'no policy calls for each row');

-- Control
create policy planted on app.posts for select to member using (author_id = request.user_id());
select results_eq('select pg_temp.calls_per_row()', array['app.posts planted'], 'one that does is found');

-- A policy names its roles: without, it is for everybody who will ever be.
create function pg_temp.for_everybody() returns setof text language sql as
    'select p.polname::text from pg_policy as p where 0 = any (p.polroles)';
select is_empty('select pg_temp.for_everybody()', 'no policy is for everybody');
create policy planted_public on app.posts for select using (true);
select results_eq('select pg_temp.for_everybody()', array['planted_public'], 'one that is is found');

select * from finish();

rollback;
