"""Somebody else's database: annotated functions, nothing of Penstock installed."""

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running

FUNCTIONS = """
create type public.mood as enum ('sad', 'ok', 'happy');
create type public.point3 as (x integer, y numeric, label text);
create domain public.percent as numeric check (value >= 0 and value <= 100);

create function public.echo_types(
    _int integer, _big bigint, _num numeric, _text text, _bool boolean, _uuid uuid,
    _date date, _stamp timestamptz, _span interval, _json jsonb, _ints integer[], _texts text[],
    _mood public.mood, _point public.point3, _points public.point3[], _range int4range,
    _bytes bytea, _double double precision, _percent public.percent, _net inet
) returns table (
    "int" integer, big bigint, num numeric, "text" text, bool boolean, uuid uuid,
    "date" date, stamp timestamptz, span interval, json jsonb, ints integer[], texts text[],
    mood public.mood, point public.point3, points public.point3[], range int4range,
    bytes bytea, double double precision, percent public.percent, net inet
) immutable language sql as $$
    select _int, _big, _num, _text, _bool, _uuid, _date, _stamp, _span, _json, _ints, _texts,
        _mood, _point, _points, _range, _bytes, _double, _percent, _net
$$;
comment on function public.echo_types is 'HTTP POST /echo-types';

create function public.get_series(_count integer default 3)
    returns table (n integer) stable language sql
as $$ select generate_series(1, _count) $$;
comment on function public.get_series is 'HTTP';

create function public.numbers(_from integer, _to integer)
    returns setof integer immutable language sql
as $$ select generate_series(_from, _to) $$;
comment on function public.numbers is 'HTTP GET /numbers';

create function public.tags(_tags text[]) returns text immutable language sql
as $$ select array_to_string(_tags, '|', '<null>') $$;
comment on function public.tags is 'HTTP GET /tags';

create function public.add_all(variadic _numbers integer[]) returns bigint immutable language sql
as $$ select sum(n) from unnest(_numbers) as n $$;
comment on function public.add_all is 'HTTP GET /sum';

create function public.whole(jsonb) returns jsonb immutable language sql
as $$ select jsonb_build_object('got', $1) $$;
comment on function public.whole is 'HTTP POST /whole';

create function public.outs(_a integer, out doubled integer, out tripled integer)
    immutable language sql as $$ select _a * 2, _a * 3 $$;
comment on function public.outs is 'HTTP GET /outs/{_a}';

create function public.nothing() returns void volatile language sql as $$ select 1 $$;
comment on function public.nothing is 'HTTP DELETE /nothing';

create function public.maybe(_there boolean) returns public.point3 stable language plpgsql as $$
declare v_point public.point3;
begin
    if _there then v_point := (1, null, null); end if;
    return v_point;
end $$;
comment on function public.maybe is 'HTTP GET /maybe';

create function public.teapot() returns text volatile language plpgsql as $$
begin
    perform set_config('response.status', '418', true);
    perform set_config(
        'response.headers',
        '[{"X-Tea": "green"}, {"Content-Type": "application/tea+json"}]',
        true
    );
    return 'short and stout';
end $$;
comment on function public.teapot is 'HTTP POST /teapot';

create function public.made() returns text volatile language sql
    begin atomic select set_config('response.status', '201', true); end;
comment on function public.made is 'HTTP POST /made';

create function public.who() returns json stable language sql as $$
    select json_build_object(
        'role', current_user,
        'method', current_setting('request.method'),
        'path', current_setting('request.path'),
        'read_only', current_setting('transaction_read_only'),
        'claims', nullif(current_setting('request.jwt.claims', true), '')
    )
$$;
comment on function public.who is 'HTTP GET /who';

create function public.not_exposed() returns text stable language sql as $$ select 'secret' $$;
comment on function public.not_exposed is 'Nothing to see over HTTP here.';

create function public.many(
    _a1 int, _a2 int, _a3 int, _a4 int, _a5 int, _a6 int, _a7 int, _a8 int, _a9 int, _a10 int,
    _a11 int, _a12 int, _a13 int, _a14 int, _a15 int, _a16 int, _a17 int, _a18 int, _a19 int,
    _a20 int default 20
) returns int immutable language sql as $$
    select _a1 + _a2 + _a3 + _a4 + _a5 + _a6 + _a7 + _a8 + _a9 + _a10
        + _a11 + _a12 + _a13 + _a14 + _a15 + _a16 + _a17 + _a18 + _a19 + _a20
$$;
comment on function public.many is 'HTTP GET /many';
"""


@pytest.fixture(scope="module")
def foreign(bed: Testbed) -> Iterator[Api]:
    with bed.database("template0") as database:
        database.psql(FUNCTIONS)
        with running(
            database.superuser_url, api_schemas=("public",), api_prefix="", jwt_secret=None
        ) as client:
            yield client


ECHO = {
    "_int": -2147483648,
    "_big": 9223372036854775807,
    "_num": 12345678901234567890.123456789,
    "_text": 'quotes " and \\ and {braces}, NULL, Ünïcode 🙂\nnewline',
    "_bool": True,
    "_uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "_date": "2024-02-29",
    "_stamp": "2024-02-29T12:34:56.789+02:00",
    "_span": "P1DT2H3M",
    "_json": {"a": [1, 2.50, None, "x"], "b": {"c": True}},
    "_ints": [1, None, 3],
    "_texts": ["", "NULL", 'a"b\\c', "{x,y}", None],
    "_mood": "happy",
    "_point": {"x": 1, "y": 2.50, "label": 'say "hi", (ok)'},
    "_points": [{"x": 1, "label": "a,b"}, None, {"y": 3}],
    "_range": "[1,5)",
    "_bytes": "\\xc0ffee",
    "_double": 1e-300,
    "_percent": 99.5,
    "_net": "10.0.0.1/8",
}


def test_twenty_arguments_of_all_kinds_come_back_as_they_were(foreign: Api) -> None:
    content = json.dumps(ECHO).replace("1.2345678901234567e+19", "12345678901234567890.123456789")

    answer = foreign.post(
        "/echo-types", content=content, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 200, answer.text
    assert "12345678901234567890.123456789" in answer.text
    (row,) = answer.json()
    assert row["text"] == ECHO["_text"]
    assert row["texts"] == ECHO["_texts"]
    assert row["ints"] == [1, None, 3]
    assert row["json"] == ECHO["_json"]
    assert row["point"] == ECHO["_point"]
    assert row["points"] == [
        {"x": 1, "y": None, "label": "a,b"},
        None,
        {"x": None, "y": 3, "label": None},
    ]
    assert row["stamp"] == "2024-02-29T10:34:56.789+00:00"
    assert row["span"] == "P1DT2H3M"
    assert (row["big"], row["int"], row["double"]) == (2**63 - 1, -(2**31), 1e-300)
    assert (row["mood"], row["range"], row["bytes"]) == ("happy", "[1,5)", "\\xc0ffee")


def test_names_work_without_their_underscores_too(foreign: Api) -> None:
    content = {name.lstrip("_"): value for name, value in ECHO.items()}

    answer = foreign.post("/echo-types", json=content)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/get-series", [{"n": 1}, {"n": 2}, {"n": 3}]),
        ("/get-series?_count=1", [{"n": 1}]),
        ("/get-series?count=0", []),
        ("/numbers?_from=1&_to=3", [1, 2, 3]),
        ("/tags?_tags=a%20b&_tags=%22c%22&_tags=", 'a b|"c"|'),
        ("/sum?_numbers=1&_numbers=2&_numbers=3", 6),
        ("/outs/7", {"doubled": 14, "tripled": 21}),
        ("/maybe?_there=true", {"x": 1, "y": None, "label": None}),
        ("/many?" + "&".join(f"_a{i}=1" for i in range(1, 20)), 39),
    ],
)
def test_each_shape_of_result(foreign: Api, path: str, expected: object) -> None:
    answer = foreign.get(path)

    assert answer.status_code == 200, answer.text
    assert answer.json() == expected


def test_a_row_of_nulls_is_not_found(foreign: Api) -> None:
    assert foreign.get("/maybe?_there=false").status_code == 404


def test_void_is_204_without_a_body(foreign: Api) -> None:
    answer = foreign.delete("/nothing")

    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


def test_one_unnamed_json_argument_takes_the_whole_body(foreign: Api) -> None:
    answer = foreign.post("/whole", content='[1, {"a": null}, 1.10]')

    assert answer.status_code == 415

    answer = foreign.post("/whole", json=[1, {"a": None}])

    assert answer.json() == {"got": [1, {"a": None}]}


def test_a_function_may_set_status_and_headers(foreign: Api) -> None:
    answer = foreign.post("/teapot")

    assert (answer.status_code, answer.json()) == (418, "short and stout")
    assert answer.headers["x-tea"] == "green"
    assert answer.headers["content-type"] == "application/tea+json"


def test_a_body_that_is_no_text_may_do_so_too(foreign: Api) -> None:
    assert foreign.post("/made").status_code == 201


def test_a_get_is_read_only_and_knows_its_request(foreign: Api) -> None:
    who = foreign.get("/who").json()

    assert who == {
        "role": "anon", "method": "GET", "path": "/who", "read_only": "on", "claims": None,
    }  # fmt: skip


def test_head_and_options(foreign: Api) -> None:
    head, options = foreign.head("/numbers?from=1&to=9"), foreign.options("/who")

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(foreign.get("/numbers?from=1&to=9").content)
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


def test_what_is_not_annotated_is_not_there(foreign: Api) -> None:
    assert foreign.get("/not-exposed").status_code == 404


REFUSED = [
    ({"_stamp": "yesterday-ish"}, "/_stamp"),
    ({"_mood": "angry"}, "/_mood"),
    ({"_percent": 101}, "/_percent"),
    ({"_uuid": "not-a-uuid"}, "/_uuid"),
    ({"_points": [{"x": 1.5}]}, "/_points/0/x"),
    ({"_range": "[5,1)"}, "/_range"),
]


@pytest.mark.parametrize(("change", "pointer"), REFUSED)
def test_what_a_type_refuses_is_422_with_a_pointer(
    foreign: Api, change: dict[str, object], pointer: str
) -> None:
    answer = foreign.post("/echo-types", json={**ECHO, **change})

    assert answer.status_code == 422, answer.text
    assert answer.json()["pointer"] == pointer


def test_anon_is_the_role_that_is_configured(
    empty_database: Database, serve: Callable[..., Api]
) -> None:
    empty_database.psql(FUNCTIONS)

    api = serve(
        empty_database.superuser_url, api_schemas=("public",), api_prefix="/x", anon_role="reporter"
    )

    assert api.get("/who").json()["role"] == "reporter"


def test_a_role_that_is_not_there_is_said_at_readyz(
    empty_database: Database, serve: Callable[..., Api]
) -> None:
    api = serve(empty_database.serve_url, api_schemas=("public",), anon_role="nobody_at_all")

    answer = httpx.get(api.origin + "/readyz")

    assert answer.status_code == 503
    assert "ANON_ROLE names nobody_at_all" in answer.json()["errors"][0]


def test_documentation_is_made_of_it_all(foreign: Api) -> None:
    paths = foreign.get("/openapi.json").json()["paths"]

    assert set(paths["/many"]["get"]["parameters"][0]) >= {"name", "in", "required", "schema"}
    assert "/not-exposed" not in paths
