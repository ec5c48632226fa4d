begin;

select plan(6);

select function_returns('penstock', 'dynamic_sql_faults', array['oid'], 'setof text');

create function pg_temp.faults(function regprocedure) returns setof text language sql as
    $$select btrim(f) from penstock.dynamic_sql_faults(faults.function) as f$$;

create function pg_temp.planted(a text, b regclass) returns setof text language plpgsql as $$
declare
    v_text text := 'select ' || a;
begin
    execute 'select ' || a;
    execute format('select from %s where a = %s', b, a) using a;
    execute v_text;
    execute a;
    for v_text in execute format('select %s', a) loop
        null;
    end loop;
    return query execute 'select ' || v_text;
end
$$;
select results_eq(
    $$select pg_temp.faults('pg_temp.planted(text, regclass)')$$,
    array[
        $$'' || a$$, $$format('%s%s', b, a)$$, 'v_text', 'a', $$format('%s', a)$$, $$'' || v_text$$
    ],
    'each way of executing what nobody quoted'
);

-- Near misses
create function pg_temp.careful(a text, b regclass) returns void language plpgsql as $$
declare
    v_text text := 'select ' || quote_literal(a);
    v_count integer := 3;
    v_row record;
begin
    -- execute a
    raise notice 'execute %', a;
    execute v_text into v_row;
    v_text := format('select from %s where a = $1 limit %s', b, v_count);
    execute v_text using a || 'x';
    for v_row in execute 'table ' || b loop
        null;
    end loop;
    grant execute on function pg_catalog.now() to anon;
    create trigger planted before update on pg_temp.t for each row execute function pg_temp.t();
end
$$;
select is_empty($$select pg_temp.faults('pg_temp.careful(text, regclass)')$$, 'what is quoted, or is no SQL');

-- A variable is what is assigned to it, each time; of what comes by INTO nothing is known.
create function pg_temp.twice(a text) returns void language plpgsql as $$
declare
    v_text text := 'select 1';
begin
    execute v_text;
    v_text := 'select ' || a;
end
$$;
select results_eq($$select pg_temp.faults('pg_temp.twice(text)')$$, array['v_text'], 'one assignment is enough');
create function pg_temp.fetched() returns void language plpgsql as $$
declare
    v_text text;
begin
    select t.a into v_text from pg_temp.t;
    execute v_text;
end
$$;
select results_eq($$select pg_temp.faults('pg_temp.fetched()')$$, array['v_text'], 'what comes from a table');
create function pg_temp.grown(a text) returns void language plpgsql as $$
declare
    v_text text := '';
begin
    v_text := v_text || format(' and %I = $1', a);
    execute v_text;
end
$$;
select is_empty($$select pg_temp.faults('pg_temp.grown(text)')$$, 'what grows out of quoted pieces');

select * from finish();

rollback;
