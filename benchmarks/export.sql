-- A million lines of a shop's history, and the list that is written to a file; as the owner.

create table bench.lines (
    line bigint primary key,
    sku text not null,
    name text not null,
    quantity integer not null,
    unit_price numeric(12, 2) not null,
    placed_at timestamptz not null,
    country text not null,
    note text
);

insert into bench.lines
select
    n,
    'SKU-' || n % 4000,
    'Thing number ' || n % 4000 || ', of "ordinary" length',
    1 + n % 12,
    (n % 9000) / 100.0,
    timestamptz '2025-01-01' + n * interval '31 seconds',
    (array['United Kingdom', 'France', 'Germany', 'Spain'])[1 + n % 4],
    case when n % 5 = 0 then 'gift, wrapped' end
from generate_series(1, current_setting('bench.rows')::integer) as n;

grant select on bench.lines to staff;

create function bench.line_export()
    returns setof bench.lines
    stable
    language sql
as $$
    select l.* from bench.lines as l
$$;

comment on function bench.line_export() is 'HTTP GET /bench/lines';

create domain bench.page as integer check (value between 1 and 100);

create function bench.line_list("limit" bench.page default 20, cursor jsonb default null)
    returns setof bench.lines
    stable
    language sql
as $$
    select l.*
    from bench.lines as l
    where l.line > (select coalesce((line_list.cursor ->> 'line')::bigint, 0))
    order by l.line
    limit line_list."limit"
$$;

comment on function bench.line_list(bench.page, jsonb) is 'HTTP GET /bench/line-pages
@page line';

grant execute on function bench.line_export(), bench.line_list(bench.page, jsonb) to staff;
