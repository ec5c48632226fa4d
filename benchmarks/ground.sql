-- What the benchmarks add to a deployed database with demo data: run once, as the owner.

insert into app.users (email, username, full_name)
select
    format('bench.%s@example.org', n),
    format('bench.%s', n),
    format('Bench %s', n)
from generate_series(1, 10000) as n;

insert into app.products (sku, name, description, price, stock)
select
    format('BNC-%s', n),
    format('Bench thing %s', n),
    'One of many things to choose from. It has a description of ordinary length.',
    1 + n % 90,
    1000000
from generate_series(1, 10000) as n;

-- As in somebody else's database: functions that Penstock serves and did not make.
create schema bench;

grant usage on schema bench to anon, member, staff, admin;

create function bench.record_list(records integer)
    returns table (
        id integer, code text, label text, is_open boolean, amount numeric, ratio double precision,
        small smallint, big bigint, day date, moment timestamp, instant timestamptz, clock time,
        span interval, key uuid, tags text[], sizes integer[], extra jsonb, note text, nothing text,
        letter char(3)
    )
    stable
    language sql
as $$
    select
        n,
        'C-' || n,
        'Label of record ' || n,
        n % 2 = 0,
        n * 1.25,
        n / 7.0::double precision,
        (n % 100)::smallint,
        n * 10000000000,
        date '2026-01-01' + n,
        timestamp '2026-01-01 12:00' + n * interval '1 minute',
        timestamptz '2026-01-01 12:00Z' + n * interval '1 minute',
        time '08:30' + n * interval '1 second',
        n * interval '1 hour',
        md5(n::text)::uuid,
        array['red', 'green', 'blue'],
        array[n, n + 1],
        jsonb_build_object('n', n, 'deep', jsonb_build_array(1, 2, 3)),
        repeat('word ', 8),
        null::text,
        'abc'
    from generate_series(1, record_list.records) as n
$$;

comment on function bench.record_list(integer) is $$
Twenty columns of mixed types.

HTTP GET /bench/records
$$;

create function bench.sleep(seconds double precision)
    returns void
    stable
    language sql
as $$
    select pg_sleep(sleep.seconds)
$$;

comment on function bench.sleep(double precision) is $$
Take a while.

HTTP GET /bench/sleep
$$;

grant execute on all functions in schema bench to anon, member, staff, admin;

analyze app.users, app.products;
