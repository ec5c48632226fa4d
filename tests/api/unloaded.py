"""A schema of lists beside the store, for the tests of exports; and reading what comes of them."""

import csv
import io
import json
from typing import Any

ODD_NAMES = ("a,b", 'say "hi"', "two\nlines", " spaced ", "größe", "next", "line", "page", "r", "p")

LISTS = r"""
create schema lab;
grant usage on schema lab to anon, member, staff, admin;

-- A function in FROM would be read to its end before its first row is seen.
create function lab.numbers(n integer, width integer default 20)
    returns table (number integer, text text) stable language sql
    as $$ select i, repeat('x', numbers.width)
        from (select generate_series(1, numbers.n)) as g (i) $$;
comment on function lab.numbers is 'HTTP GET /numbers';

-- Fails at that row.
create function lab.breaks(place integer)
    returns table (number integer, share numeric) stable language sql
    as $$ select i, 1.0 / (breaks.place - i) from (select generate_series(1, 1000000)) as g (i) $$;
comment on function lab.breaks is 'HTTP GET /breaks/{place}';

create function lab.refuses() returns setof integer stable language plpgsql
    as $$ begin raise exception using errcode = 'PT418', message = 'Not today.'; end $$;
comment on function lab.refuses is 'HTTP GET /refuses';

-- A row, and then nothing for a long time.
create function lab.waits(after integer default 0) returns table (number integer, nothing text)
    stable language sql
    as $$ select i, case when i > waits.after then pg_sleep(60)::text end
        from (select generate_series(1, 1000000)) as g (i) $$;
comment on function lab.waits is 'HTTP GET /waits';

create function lab.naps() returns table (number integer, nothing text) stable language sql
    as $$ select i, pg_sleep(0.1)::text from generate_series(1, 5) as i $$;
comment on function lab.naps is 'HTTP GET /naps';

create function lab.brief() returns table (number integer, nothing text)
    stable language sql
    as $$ select i, pg_sleep(60)::text from generate_series(1, 10) as i $$;
comment on function lab.brief is 'HTTP GET /brief
@timeout 300ms';

create function lab.words(words text[]) returns setof text stable language sql
    as $$ select w from unnest(words.words) as w $$;
comment on function lab.words is 'HTTP GET /words';

create function lab.echo(said text default null, sizes integer[] default null)
    returns table (said text, sizes integer[]) stable language sql
    as $$ select echo.said, echo.sizes $$;
comment on function lab.echo is 'HTTP GET /echo';

create function lab.posted(said jsonb) returns table (said jsonb, caller text) stable language sql
    as $$ select posted.said, current_user::text $$;
comment on function lab.posted is 'HTTP POST /posted';

create function lab.headers() returns table (name text, value text) stable language sql
    as $$ select * from json_each_text(current_setting('request.headers')::json) $$;
comment on function lab.headers is 'HTTP GET /headers
@headers';

create function lab.none() returns table (number integer, text text) stable language sql
    as $$ select 1, 'x' where false $$;
comment on function lab.none is 'HTTP GET /none';

create function lab.odd() returns table (
    "a,b" integer, U&"say \0022hi\0022" text, "two
lines" text, " spaced " text, "größe" text, "next" text, "line" text, "page" text, "r" text,
    "p" text
) stable language sql
    as $$ values (
        1, 'say "hi"', E'two\nlines', ' spaced ', 'größe', E'\\.', ',', '', null, E'\r'
    ) $$;
comment on function lab.odd is 'HTTP GET /odd';

create type lab.colour as enum ('red', 'very, "green"');
create type lab.point as (x integer, label text, raw json);
create domain lab.moment as timestamptz;
create domain lab.yes as boolean check (value);
create domain lab.spot as lab.point;
create function lab.types() returns table (
    "int" integer, "big" bigint, "num" numeric, "real" double precision, "bool" boolean,
    "yes" lab.yes, "text" text, "char" char(3), "bytes" bytea, "uuid" uuid, "date" date,
    "time" time, "timetz" timetz, "stamp" timestamp, "instant" timestamptz, "moment" lab.moment,
    "interval" interval, "json" json, "jsonb" jsonb, "ints" integer[], "texts" text[],
    "point" lab.point, "points" lab.point[], "spot" lab.spot, "colour" lab.colour,
    "range" int4range, "multi" int4multirange, "inet" inet, "bit" bit(3), "xml" xml,
    "moments" timestamptz[]
) stable language sql as $$
    values (
        1, 9007199254740993, 1.10, 0.1, true, true::lab.yes, E'a "b", c\n\\.', 'ab'::char(3),
        '\x00ff'::bytea, '1b4e28ba-2fa1-41d2-883f-0016d3cca427'::uuid, date '2026-01-01',
        time '12:00', timetz '12:00+02', timestamp '2026-01-01 12:00:00.5',
        timestamptz '2026-01-01 12:00Z', '2026-01-01 12:00Z'::lab.moment, interval '1 day 2 h',
        E'{"a":\r\n  [1, 2]}'::json, '{"b": "c\nd"}'::jsonb, '{1,null,3}'::int[],
        array['a,b', null, E'"\n'], row(1, E'x\ny', E'[\n1]')::lab.point,
        array[row(1, 'x', null)]::lab.point[], row(2, 'y', '2')::lab.spot,
        'very, "green"'::lab.colour, '[1,5)'::int4range, '{[1,2),[5,6)}'::int4multirange,
        '10.0.0.0/8'::inet, b'101', '<a>b</a>'::xml, array[timestamptz 'infinity']
    ), (
        null, -1, 'NaN', 'Infinity', false, null, '', '', '', null, 'infinity', null, null,
        '0044-03-15 BC', '-infinity', null, null, 'null', '"x"', '{}', '{}', null, '{}', null,
        'red', 'empty', '{}', null, null, null, null
    )
$$;
comment on function lab.types is 'HTTP GET /types';

create table lab.things (id bigint primary key, name text not null, at timestamptz not null);
grant all on lab.things to anon, member, staff, admin;
insert into lab.things
select i, 'thing ' || i, timestamptz '2026-01-01' + i % 7 * interval '1 us'
from generate_series(1, 1050) as i;

create domain lab.page as integer check (value between 1 and 50);
create function lab.thing_list("limit" lab.page default 20, cursor jsonb default null)
    returns setof lab.things stable language sql
    as $$ select t.* from lab.things as t
        where (t.at, t.id) > (
            coalesce((thing_list.cursor ->> 'at')::timestamptz, '-infinity'),
            coalesce((thing_list.cursor ->> 'id')::bigint, 0))
        order by t.at, t.id limit thing_list."limit" $$;
comment on function lab.thing_list is 'HTTP GET /things
@page at, id';

-- Without a ceiling, with its columns in a table, in plpgsql.
create function lab.thing_table("limit" integer default 30, cursor jsonb default null)
    returns table (id bigint, name text) stable language plpgsql as $$ begin
        return query select t.id, t.name from lab.things as t
        where t.id > coalesce((thing_table.cursor ->> 'id')::bigint, 0)
        order by t.id limit thing_table."limit";
    end $$;
comment on function lab.thing_table is 'HTTP GET /thing-tables
@page id';

-- One column, and a page that is never full.
create function lab.thing_ids("limit" integer default 5000, cursor jsonb default null)
    returns table (id bigint) stable language sql
    as $$ select t.id from lab.things as t
        where t.id > coalesce((thing_ids.cursor ->> 'id')::bigint, 0)
        order by t.id limit thing_ids."limit" $$;
comment on function lab.thing_ids is 'HTTP GET /thing-ids
@page id';

-- Wide rows, so that no socket holds them all.
create function lab.wide_list("limit" lab.page default 20, cursor jsonb default null)
    returns table (id bigint, name text) stable language sql
    as $$ select t.id, repeat(t.name, 2000) from lab.things as t
        where t.id > coalesce((wide_list.cursor ->> 'id')::bigint, 0)
        order by t.id limit wide_list."limit" $$;
comment on function lab.wide_list is 'HTTP GET /wide
@page id';

create function lab.kept() returns setof lab.things stable language sql
    as $$ select t.* from lab.things as t where t.id <= 3 order by t.id $$;
comment on function lab.kept is 'HTTP GET /kept
@cache 1min vary=none';

create function lab.one() returns lab.things stable language sql
    as $$ select t.* from lab.things as t where t.id = 1 $$;
comment on function lab.one is 'HTTP GET /one';

create function lab.added(n integer) returns setof integer volatile language sql
    as $$ select i from generate_series(1, added.n) as i $$;
comment on function lab.added is 'HTTP POST /added';

grant execute on all functions in schema lab to anon, member, staff, admin;
"""


def exactly(text: str | bytes) -> Any:
    """A JSON text with all digits of its numbers."""
    return json.loads(text, parse_float=_Digits, parse_int=_Digits)


class _Digits(str):
    """A number as it was written, which is no string."""

    __slots__ = ()


def records(text: str) -> list[list[str]]:
    """The records of a CSV file."""
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def same_cell(cell: str, value: Any) -> bool:
    """Whether a cell says what a JSON value says, as the guide has it."""
    if value is None:
        return cell in ("", "null")
    if isinstance(value, bool):
        return cell == str(value).lower()
    if isinstance(value, (list, dict)):
        return bool(exactly(cell) == value)
    return cell in (value, json.dumps(value, ensure_ascii=False))


def csv_says(text: str, rows: list[Any], names: list[str]) -> bool:
    """Whether a CSV file holds just these JSON rows, in order."""
    header, *lines = records(text)
    found = [[*row.values()] if isinstance(row, dict) else [row] for row in rows]
    return (
        header == names
        and len(lines) == len(found)
        and all(
            len(line) == len(row) and all(map(same_cell, line, row))
            for line, row in zip(lines, found, strict=True)
        )
    )
