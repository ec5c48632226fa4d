begin;

select plan(2);

-- What plpgsql finds only when a line runs, plpgsql_check finds by reading, where it is installed.
select exists (select from pg_extension as e where e.extname = 'plpgsql_check') as installed
\gset

\if :installed
create function pg_temp.faults() returns setof text language sql as $$
    select p.oid::regprocedure || ': ' || f.message
    from pg_proc as p
    join pg_namespace as n on n.oid = p.pronamespace
    left join lateral (
        -- One function may serve several events, each with its transition tables.
        select t.tgrelid, max(t.tgoldtable::text)::name as old_table, max(t.tgnewtable::text)::name as new_table
        from pg_trigger as t
        where t.tgfoid = p.oid
            and t.tgparentid = 0
        group by t.tgrelid
    ) as t on true
    cross join lateral plpgsql_check_function_tb(
        p.oid, coalesce(t.tgrelid, 0), other_warnings => false, extra_warnings => false,
        oldtable => t.old_table, newtable => t.new_table
    ) as f
    where p.prolang = (select l.oid from pg_language as l where l.lanname = 'plpgsql')
        and pg_get_userbyid(n.nspowner) = 'penstock_owner'
        and f.level = 'error'
        and f.message !~ '^relation "pg_temp\.'  -- made only when the function runs
$$;

select is_empty('select pg_temp.faults()', 'every plpgsql function would run');

-- Control
create function app.planted() returns void language plpgsql as $$begin perform u.no_such_column from app.users as u; end$$;
select results_eq('select pg_temp.faults()', array['app.planted(): column u.no_such_column does not exist'], 'one that would not is found');
\else
select skip('plpgsql_check is not installed', 2);
\endif

select * from finish();

rollback;
