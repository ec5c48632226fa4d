begin;

select plan(3);

-- What the catalogue can tell of an endpoint that would not do.
create function pg_temp.faults() returns setof text language sql as $$
    select r.function || ': GET is for functions that only read'
    from penstock.routes as r
    where r.method = 'GET'
        and r.volatility = 'volatile'
    union all
    select r.function || ': nobody may call it'
    from penstock.routes as r
    where r.roles = '{}'
    union all
    select min(r.function::text) || ': two functions on one route'
    from penstock.routes as r
    group by r.method, regexp_replace(r.path, '\{\w+\}', '{}', 'g')
    having count(*) > 1
    union all
    select r.function || ': {' || field.name[1] || '} is no argument'
    from penstock.routes as r
    join pg_proc as p on p.oid = r.function
    cross join lateral regexp_matches(r.path, '\{(\w+)\}', 'g') as field (name)
    where field.name[1] <> all (coalesce(p.proargnames, '{}'))
    union all
    select p.oid::regprocedure || ': lives in api, but answers to no path'
    from pg_proc as p
    where p.pronamespace = 'api'::regnamespace
        and not exists (select from penstock.routes as r where r.function = p.oid)
$$;

select is_empty('select pg_temp.faults()', 'every endpoint will do');

-- Control
create function api.planted_get(post_id bigint) returns void language sql as '';
select results_eq('select pg_temp.faults()', array['api.planted_get(bigint): lives in api, but answers to no path'], 'no path');
revoke execute on function api.planted_get(bigint) from public;
comment on function api.planted_get(bigint) is e'Plants.\nHTTP GET /posts/{other_id}';
select set_eq('select pg_temp.faults()', array[
    'api.planted_get(bigint): GET is for functions that only read',
    'api.planted_get(bigint): nobody may call it',
    'api.planted_get(bigint): two functions on one route',
    'api.planted_get(bigint): {other_id} is no argument'
], 'all that can be wrong with one');

select * from finish();

rollback;
