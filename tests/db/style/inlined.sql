begin;

select plan(17);

-- Reads that must be fast are planned as the query in their body.
create function pg_temp.inlined(call text)
    returns boolean
    language plpgsql
as $$
declare
    v_line text;
begin
    for v_line in execute 'explain (costs off) select * from ' || inlined.call loop
        if v_line like '%Function Scan%' then
            return false;
        end if;
    end loop;

    return true;
end
$$;

-- Every sql function that answers a GET, called with nulls and with its default arguments.
select ok(
    pg_temp.inlined(format(
        '%s(%s)',
        p.oid::regproc,
        (select string_agg('null::' || format_type(t.oid, null), ', ' order by t.place)
        from unnest(p.proargtypes) with ordinality as t (oid, place))
    )),
    r.path || ' is inlined'
)
from penstock.routes as r
join pg_proc as p on p.oid = r.function
join pg_language as l on l.oid = p.prolang
where r.method = 'GET'
    and obj_description(p.oid, 'pg_proc') !~ '(?n)^@events '  -- asked now and then, not by the request
    and l.lanname = 'sql'
    and p.proretset
order by r.path;

-- Control: what keeps a function from it.
create function api.planted() returns setof integer stable language sql as 'select 1';
select ok(pg_temp.inlined('api.planted()'), 'a plain one is');
alter function api.planted() volatile;
select ok(not pg_temp.inlined('api.planted()'), 'a volatile one is not');
alter function api.planted() stable set search_path = '';
select ok(not pg_temp.inlined('api.planted()'), 'nor one with a setting of its own');
alter function api.planted() reset search_path;
alter function api.planted() security definer;
select ok(not pg_temp.inlined('api.planted()'), 'nor a definer');

select * from finish();

rollback;
