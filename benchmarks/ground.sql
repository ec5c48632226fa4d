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

create table bench.records (
    id integer primary key,
    code text not null,
    label text not null,
    is_open boolean not null,
    amount numeric not null,
    ratio double precision not null,
    small smallint not null,
    big bigint not null,
    day date not null,
    moment timestamp not null,
    instant timestamptz not null,
    seen_at timestamptz not null,
    price numeric(10, 2) not null,
    key uuid not null,
    tags text[] not null,
    sizes integer[] not null,
    extra jsonb not null,
    note text not null,
    nothing text,
    letters char(3) not null
);

insert into bench.records
select
    n,
    'C-' || n,
    'Label of record ' || n,
    n % 2 = 0,
    n * 1.25,
    n / 7.0::double precision,
    n % 100,
    n * 10000000000,
    date '2026-01-01' + n,
    timestamp '2026-01-01 12:00' + n * interval '1 minute',
    timestamptz '2026-01-01 12:00Z' + n * interval '1 minute',
    timestamptz '2026-02-01 08:30Z' + n * interval '1.5 seconds',
    n * 9.75,
    md5(n::text)::uuid,
    array['red', 'green', 'blue'],
    array[n, n + 1],
    jsonb_build_object('n', n, 'deep', jsonb_build_array(1, 2, 3)),
    repeat('word ', 8),
    null,
    'abc'
from generate_series(1, 1000) as n;

grant select on bench.records to anon, member, staff, admin;

create function bench.record_list(records integer)
    returns table (
        id integer, code text, label text, is_open boolean, amount numeric, ratio double precision,
        small smallint, big bigint, day date, moment timestamp, instant timestamptz,
        seen_at timestamptz, price numeric(10, 2), key uuid, tags text[], sizes integer[],
        extra jsonb, note text, nothing text, letters char(3)
    )
    stable
    language sql
as $$
    select *
    from bench.records as r
    where r.id <= record_list.records
    order by r.id
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

create function bench.notice_get(notice_id integer)
    returns table (id integer, code text, label text, amount numeric, at timestamptz, note text)
    stable
    language sql
as $$
    select r.id, r.code, r.label, r.amount, r.instant, repeat(r.note, 3)
    from bench.records as r
    where r.id = notice_get.notice_id
$$;

comment on function bench.notice_get(integer) is $$
What all may know, and may be a moment old.

HTTP GET /bench/notices/{notice_id}
@single
@cache 1min vary=none local=200ms
$$;

grant execute on all functions in schema bench to anon, member, staff, admin;

analyze app.users, app.products, bench.records;
