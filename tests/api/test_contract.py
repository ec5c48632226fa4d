"""From a function's signature to an endpoint, or to a sentence; on a database with both kinds."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running

TYPES = """
create type public.mood as enum ('sad', 'ok');
create type public.inner_one as (label varchar(3), price numeric(5,2));
create type public.outer_one as (
    one public.inner_one, moods public.mood[], many public.inner_one[]
);
create domain public.labelled as public.inner_one check ((value).label is not null);
create domain public.ints as integer[] check (cardinality(value) <= 2);
create type public."Odd Type" as ("Key One" integer, "größe" text);
"""
# What is broken: the function, its comment, and a part of the sentence about it.
BROKEN = {
    "b_volatile_get": (
        "create function {}() returns int volatile language sql as 'select 1'",
        "HTTP GET /b/volatile", "is volatile, so it can't answer GET",
    ),
    "b_no_such_argument": (
        "create function {}(a int) returns int immutable language sql as 'select 1'",
        "HTTP GET /b/{b}", "has {b} in its path, which is none of its arguments",
    ),
    "b_argument_twice": (
        "create function {}(a int) returns int immutable language sql as 'select 1'",
        "HTTP GET /b/{a}/{a}", "has one argument twice in its path",
    ),
    "b_bad_path": (
        "create function {}() returns int immutable language sql as 'select 1'",
        "HTTP GET /b//x", "has the path /b//x, which is not of the form",
    ),
    "b_spoilt_braces": (
        "create function {}(a int) returns int immutable language sql as 'select 1'",
        "HTTP GET /b/x{a}", "is not of the form",
    ),
    "b_record": (
        "create function {}() returns record stable language sql as 'select 1, 2'",
        "HTTP GET", "returns record without saying its columns",
    ),
    "b_trigger": (
        "create function {}() returns trigger language plpgsql as 'begin return new; end'",
        "HTTP POST", "returns trigger, which has no form in JSON",
    ),
    "b_polymorphic": (
        "create function {}(a anyelement) returns int immutable language sql as 'select 1'",
        "HTTP GET", "takes anyelement, which clients have no form for",
    ),
    "b_polymorphic_array": (
        "create function {}(a anyarray) returns int immutable language sql as 'select 1'",
        "HTTP GET", "takes anyarray",
    ),
    "b_unnamed": (
        "create function {}(int) returns int immutable language sql as 'select 1'",
        "HTTP GET", "has no name for argument 1",
    ),
    "b_unnamed_second": (
        "create function {}(a int, json) returns int immutable language sql as 'select 1'",
        "HTTP POST", "has no name for argument 2",
    ),
    "b_unnamed_json_in_query": (
        "create function {}(json) returns int immutable language sql as 'select 1'",
        "HTTP GET", "has no name for argument 1",
    ),
    "b_page_without_cursor": (
        'create function {}("limit" int) returns table (a int) stable language sql as $$select 1$$',
        "HTTP GET\n@page a", "has @page but no argument `cursor jsonb default null`",
    ),
    "b_page_without_limit": (
        "create function {}(cursor jsonb) returns table (id int) stable language sql as 'select 1'",
        "HTTP GET\n@page id", 'has @page but no argument `"limit"`',
    ),
    "b_page_with_text_cursor": (
        ('create function {}("limit" int, cursor text) returns table (id int) stable language sql'
        " as 'select 1'"),
        "HTTP GET\n@page id", "has @page but no argument `cursor jsonb default null`",
    ),
    "b_page_of_nothing": (
        ('create function {}("limit" int, cursor jsonb) returns table (id int) stable language sql'
        " as 'select 1'"),
        "HTTP GET\n@page price", "has @page with price, which the answer has not",
    ),
    "b_page_of_arrays": (
        ('create function {}("limit" int, cursor jsonb) returns table (ids int[])'
        " stable language sql as 'select array[1]'"),
        "HTTP GET\n@page ids", "has @page with ids, an array, which no cursor holds",
    ),
    "b_page_of_values": (
        ('create function {}("limit" int, cursor jsonb) returns setof int stable language sql'
        " as 'select 1'"),
        "HTTP GET\n@page id", "has @page but does not return a set of rows",
    ),
    "b_page_posted": (
        ('create function {}("limit" int, cursor jsonb) returns table (id int) stable language sql'
        " as 'select 1'"),
        "HTTP POST\n@page id", "has @page, which is for GET",
    ),
    "b_location_of_list": (
        "create function {}() returns table (id int, n int) stable language sql as 'select 1, 1'",
        "HTTP GET\n@location /x/{{id}}", "has @location but does not answer with one object",
    ),
    "b_location_unknown": (
        "create function {}() returns public.inner_one stable language sql as 'select null, 1'",
        "HTTP GET\n@location /x/{{id}}", "has @location with id, which the answer has not",
    ),
    "b_void_201": (
        "create function {}() returns void language sql as 'select 1'",
        "HTTP POST\n@status 201", "returns void, so it can't answer @status 201",
    ),
    "b_bulk_get": (
        "create function {}() returns int stable language sql as 'select 1'",
        "HTTP GET\n@bulk public.inner_one", "has @bulk, which is for volatile functions",
    ),
    "b_bulk_needs": (
        "create function {}() returns int language sql as 'select 1'",
        "HTTP POST\n@bulk public.inner_one needs=nothing", "needs=nothing, which",
    ),
    "b_bulk_unknown": (
        "create function {}() returns int language sql as 'select 1'",
        "HTTP POST\n@bulk public.nothing", "has @bulk public.nothing, which is no composite type",
    ),
    "b_bulk_alike": (
        ("create type public.alike as (a_b text, ab text);"
        "create function {}() returns int language sql as 'select 1'"),
        "HTTP POST\n@bulk public.alike", "differ only in case and punctuation",
    ),
    "b_bulk_parts": (
        "create function {}() returns int language sql as 'select 1'",
        "HTTP POST\n@bulk public.inner_one needs=label parts=10", "with parts=, which is for",
    ),
    "b_bulk_by": (
        "create function {}() returns void language sql as ''",
        "HTTP POST\n@bulk public.inner_one needs=label parts=10 by=price", "is not among its",
    ),
    "b_bulk_unordered": (
        ("create type public.dark as (said json);"
        "create function {}() returns void language sql as ''"),
        "HTTP POST\n@bulk public.dark needs=said parts=10 by=said",
        "has @bulk with by=said, of the type json",
    ),
    "b_bulk_ours": (
        ("create type public.parted as (bulk_part int);"
        "create function {}() returns void language sql as ''"),
        "HTTP POST\n@bulk public.parted", "with the attribute bulk_part, our own there",
    ),
    "b_procedure": (
        "create procedure {}() language sql as 'select 1'",
        "HTTP POST", "procedures and aggregates can't be endpoints",
    ),
    "b_unknown_annotation": (
        "create function {}() returns int immutable language sql as 'select 1'",
        "HTTP GET\n@nonsense", "has the unknown annotation @nonsense",
    ),
    "b_npgsqlrest": (
        "create function {}() returns int immutable language sql as 'select 1'",
        "HTTP GET\nauthorize admin", "has the NpgsqlRest annotation 'authorize'",
    ),
    "b_openapi": (
        "create function {}() returns int immutable language sql as 'select 1'",
        "HTTP GET /openapi.json", "takes the path /openapi.json, which is the API's own",
    ),
    "b_login": (
        "create function {}() returns int language sql as 'select 1'",
        "HTTP POST /auth/login", "takes the path /auth/login, which is the API's own",
    ),
    "b_ambiguous": (
        ("create function {}(a int) returns int immutable language sql as 'select 1';"
        "create function {}(a int, b int default 2) returns int immutable language sql"
        " as 'select 2'"),
        "HTTP GET /b/ambiguous", "",
    ),
}  # fmt: skip
GOOD = """
create function public.first_taker(a int) returns text immutable language sql
    as $$ select 'first' $$;
comment on function public.first_taker is 'HTTP GET /taken/{a}';
create function public.second_taker(b int) returns text immutable language sql
    as $$ select 'second' $$;
comment on function public.second_taker is 'HTTP GET /taken/{b}';
create function public.third_taker(a int) returns text volatile language sql
    as $$ select 'third' $$;
comment on function public.third_taker is 'HTTP POST /taken/{a}';
create function public.literal_taker() returns text immutable language sql
    as $$ select 'literal' $$;
comment on function public.literal_taker is 'HTTP GET /taken/literal';

create function public.over(a int) returns text immutable language sql as $$ select 'int ' || a $$;
comment on function public.over(int) is 'HTTP GET /over/int';
create function public.over(a text) returns text immutable language sql
    as $$ select 'text ' || a $$;
comment on function public.over(text) is 'HTTP GET /over/text';

create function public.joined(prefix text, glue text default '-',
    variadic parts int[] default '{7}')
    returns text immutable language sql
    as $$ select prefix || glue || array_to_string(parts, glue) $$;
comment on function public.joined is 'HTTP GET /joined';
create function public.bare(variadic parts int[]) returns int immutable language sql
    as $$ select cardinality(parts) $$;
comment on function public.bare is 'HTTP GET /bare';

create function public.middle(a int, b int default 20, c int default 300)
    returns int immutable language sql as $$ select a + b + c $$;
comment on function public.middle is 'HTTP GET /middle/{a}';

create function public.reserved("limit" int, "from" text,
    "order" text default 'o', "user" text default 'u', "select" int default 1)
    returns table ("limit" int, "from" text, "order" text, "user" text, "select" int)
    immutable language sql
    as $$ select "limit", "from", "order", "user", "select" $$;
comment on function public.reserved is 'HTTP GET /reserved/{from}';

create schema "Odd Room";
grant usage on schema "Odd Room" to public;
create function "Odd Room"."It's a ""name""; drop"("First One" int, "größe" text, "a.b"
    int default 0)
    returns table ("Result One" int, "größe" text, "a'b""c" int) immutable language sql
    as $$ select "First One", "größe", "a.b" $$;
comment on function "Odd Room"."It's a ""name""; drop" is 'HTTP GET /odd';
create function public."UPPER"() returns int immutable language sql as $$ select 1 $$;
comment on function public."UPPER" is 'HTTP';
create function public.of_odd(v public."Odd Type") returns public."Odd Type" immutable language sql
    as $$ select v $$;
comment on function public.of_odd is 'HTTP POST /of-odd';

create function public.dom_composite(v public.labelled) returns public.labelled
    immutable language sql
    as $$ select v $$;
comment on function public.dom_composite is 'HTTP POST /dom-composite';
create function public.dom_array(v public.ints) returns public.ints immutable language sql
    as $$ select v $$;
comment on function public.dom_array is 'HTTP GET /dom-array';
create function public.dom_array_posted(v public.ints) returns public.ints immutable language sql
    as $$ select v $$;
comment on function public.dom_array_posted is 'HTTP POST /dom-array';
create function public.nested(v public.outer_one) returns public.outer_one immutable language sql
    as $$ select v $$;
comment on function public.nested is 'HTTP POST /nested';
create function public.nested_list(v public.outer_one) returns setof public.outer_one
    immutable language sql
    as $$ select v union all select null $$;
comment on function public.nested_list is 'HTTP POST /nested-list';
create function public.arrays(moods public.mood[], grid int[], docs json[]) returns json
    immutable language sql
    as $$ select json_build_object('moods', moods, 'grid', grid, 'docs', docs) $$;
comment on function public.arrays is 'HTTP POST /arrays';

create function public.named_r() returns table (r int, page text, "rows" int) stable language sql
    as $$ select 1, 'p', 2 $$;
comment on function public.named_r is 'HTTP GET /named-r';
create function public.one_field() returns table (n int) stable language sql as $$ select 7 $$;
comment on function public.one_field is E'HTTP GET /one-field\n@single';
create function public.one_r(out r int, out x int) stable language sql as $$ select 1, 2 $$;
comment on function public.one_r is 'HTTP GET /one-r';
create function public.values_r() returns setof public.mood stable language sql
    as $$ select 'sad'::public.mood union all select null $$;
comment on function public.values_r is 'HTTP GET /values-r';
create function public.json_list() returns setof json stable language sql
    as $$ select '{"a":1}'::json union all select '2' $$;
comment on function public.json_list is 'HTTP GET /json-list';
create function public.single_of_set() returns setof int stable language sql
    as $$ select n from generate_series(5, 9) n $$;
comment on function public.single_of_set is E'HTTP GET /single-of-set\n@single';
create function public.none_of_set() returns setof int stable language sql
    as $$ select 1 where false $$;
comment on function public.none_of_set is E'HTTP GET /none-of-set\n@single';
create function public.null_value() returns int stable language sql as $$ select null::int $$;
comment on function public.null_value is 'HTTP GET /null-value';
create function public.null_json() returns json stable language sql as $$ select null::json $$;
comment on function public.null_json is 'HTTP GET /null-json';
create function public.inout(inout a int, inout b int default 5) immutable language sql
    as $$ select a + 1, b + 1 $$;
comment on function public.inout is 'HTTP GET /inout';
create function public.big_argument(n bigint) returns bigint immutable language sql
    as $$ select n $$;
comment on function public.big_argument is 'HTTP GET /big/{n}';
create sequence public.calls;
grant usage on sequence public.calls to public;
create function public.values_x(out x int) returns setof int stable language sql
    as $$ select n from generate_series(1, 2) n $$;
comment on function public.values_x is 'HTTP GET /values-x';
create function public.counted() returns table (n bigint, m bigint) volatile language sql
    as $$ select nextval('public.calls'), 0 $$;
comment on function public.counted is 'HTTP POST /counted';
create function public.counted_one(out n bigint, out m bigint) volatile language sql
    as $$ select nextval('public.calls'), 0 $$;
comment on function public.counted_one is 'HTTP POST /counted-one';
create function public.paged("limit" int default 2, cursor jsonb default null)
    returns table (id int) stable language sql

    as $$ select n from generate_series(1, 5) n
    where cursor is null or n > (cursor ->> 'id')::int order by n limit "limit" $$;
comment on function public.paged is E'HTTP GET /paged\n@page id';
create function public.anything(word text) returns text immutable language sql as $$ select word $$;
comment on function public.anything is 'HTTP GET /{word}';
create function public.located(name text) returns table (name text, n int) volatile language sql
    as $$ select located.name, 1 $$;
comment on function public.located
    is E'HTTP POST /located\n@single\n@status 201\n@location /things/{name}/{n}';
"""


def create(name: str, sql: str, comment: str) -> str:
    text = comment.replace("{{", "{").replace("}}", "}")
    kind = "procedure" if "create procedure" in sql else "function"
    made = sql.format(*[f"public.{name}"] * 2)
    if name == "b_ambiguous":
        return (
            f"{made}; comment on function public.{name}(int) is '{text}/1';"
            f"comment on function public.{name}(int, int) is '{text}/2';"
        )
    return f"{made}; comment on {kind} public.{name} is '{text}';"


@pytest.fixture(scope="module")
def served(bed: Testbed) -> Iterator[Api]:
    with bed.database("template0") as database:
        broken = "".join(create(name, sql, said) for name, (sql, said, _) in BROKEN.items())
        database.psql(TYPES + GOOD + broken)
        with running(
            database.serve_url, api_schemas=("public", "Odd Room"), api_prefix=""
        ) as client:
            yield client


@pytest.mark.parametrize("name", [name for name, broken in BROKEN.items() if broken[2]])
def test_what_is_broken_is_named_in_a_sentence(served: Api, name: str) -> None:
    sentences = [each for each in served.ready()["errors"] if each.startswith(f"public.{name} ")]

    assert len(sentences) == 1
    assert BROKEN[name][2] in sentences[0]
    assert sentences[0].endswith(".")


def test_two_functions_on_one_route_are_named_and_the_first_is_served(served: Api) -> None:
    sentences = [each for each in served.ready()["errors"] if "_taker" in each]

    assert sentences == [
        "public.second_taker answers GET /taken/{b}, which is public.first_taker's already."
    ]
    assert served.get("/taken/1").json() == "first"
    assert served.post("/taken/1").json() == "third"
    assert served.get("/taken/literal").json() == "literal"


def test_a_literal_path_hides_a_placeholder_for_every_method(served: Api) -> None:
    """As OpenAPI has it: the description of that path names GET alone."""
    answer = served.post("/taken/literal")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_calls_that_could_mean_two_functions_are_named(served: Api) -> None:
    sentences = [each for each in served.ready()["errors"] if "b_ambiguous" in each]

    assert len(sentences) == 2
    assert all("could mean either of two functions" in each for each in sentences)


def test_at_a_cold_start_the_good_ones_are_served_but_it_is_not_ready(served: Api) -> None:
    answer = httpx.get(served.origin + "/readyz")

    assert answer.status_code == 503
    assert len(answer.json()["errors"]) == len(BROKEN) + 2
    assert served.get("/middle/1").status_code == 200


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/over/int?a=1", "int 1"),
        ("/over/text?a=1", "text 1"),
        ("/joined?prefix=a&parts=1&parts=2", "a-1-2"),
        ("/joined?prefix=a", "a-7"),
        ("/joined?prefix=a&glue=%2B&parts=1&parts=2", "a+1+2"),
        ("/joined?parts=1&prefix=a&glue=", "a1"),
        ("/bare?parts=1&parts=2", 2),
        ("/bare", 0),
        ("/middle/1", 321),
        ("/middle/1?c=5", 26),
        ("/middle/1?b=2&c=5", 8),
        (
            "/reserved/x?limit=1&select=2",
            [{"limit": 1, "from": "x", "order": "o", "user": "u", "select": 2}],
        ),
        (
            "/odd?First%20One=1&gr%C3%B6%C3%9Fe=x&a.b=3",
            [{"Result One": 1, "größe": "x", "a'b\"c": 3}],
        ),
        ("/UPPER", 1),
        ("/dom-array?v=1&v=2", [1, 2]),
        ("/named-r", [{"r": 1, "page": "p", "rows": 2}]),
        ("/one-r", {"r": 1, "x": 2}),
        ("/one-field", {"n": 7}),
        ("/values-r", ["sad", None]),
        ("/values-x", [1, 2]),
        ("/json-list", [{"a": 1}, 2]),
        ("/single-of-set", 5),
        ("/null-value", None),
        ("/null-json", None),
        ("/inout?a=1", {"a": 2, "b": 6}),
        ("/paged?limit=1", [{"id": 1}]),
    ],
)
def test_each_good_one_answers(served: Api, path: str, expected: object) -> None:
    answer = served.get(path)

    assert answer.status_code == 200, answer.text
    assert answer.json() == expected


INNER = {"label": "abc", "price": 123.45}
POSTS = [
    ("/dom-composite", {"v": INNER}, INNER),
    ("/dom-array", {"v": [1, 2]}, [1, 2]),
    ("/nested", {"v": {"one": INNER, "moods": ["ok", None], "many": [INNER, None]}}, {
        "one": INNER, "moods": ["ok", None], "many": [INNER, None],
    }),
    ("/nested-list", {"v": {"one": INNER}}, [
        {"one": INNER, "moods": None, "many": None}, {"one": None, "moods": None, "many": None},
    ]),
    ("/arrays", {"moods": ["sad"], "grid": [[1, 2], [3, 4]], "docs": [[1], {"a": None}, 2, "x"]}, {
        "moods": ["sad"], "grid": [[1, 2], [3, 4]], "docs": [[1], {"a": None}, 2, "x"],
    }),
    ("/of-odd", {"v": {"Key One": 1, "größe": "x"}}, {"Key One": 1, "größe": "x"}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "given", "expected"), POSTS)
def test_each_type_comes_back(served: Api, path: str, given: object, expected: object) -> None:
    answer = served.post(path, json=given)

    assert answer.status_code == 200, answer.text
    assert answer.json() == expected


@pytest.mark.parametrize(
    ("path", "given", "pointer"),
    [
        ("/dom-composite", {"v": {"price": 1}}, "/v"),
        ("/dom-composite", {"v": {"label": "abcd"}}, "/v"),
        ("/dom-composite", {"v": {"label": "a", "price": 1000}}, "/v"),
        ("/dom-array", {"v": [1, 2, 3]}, "/v"),
        ("/dom-array", {"v": [1, "2"]}, "/v/1"),
        ("/nested", {"v": {"moods": ["ok", "cross"]}}, "/v/moods/1"),
        ("/nested", {"v": {"many": [{"label": 1}]}}, "/v/many/0/label"),
        ("/nested", {"v": {"one": {"label": "toolong"}}}, "/v"),
        ("/arrays", {"moods": [], "grid": [[1], [2, 3]], "docs": []}, "/grid"),
        ("/of-odd", {"v": {"key one": 1}}, "/v/key one"),
    ],
)
def test_what_a_type_refuses_is_422_with_a_pointer(
    served: Api, path: str, given: object, pointer: str
) -> None:
    answer = served.post(path, json=given)

    assert answer.status_code == 422, answer.text
    assert answer.json()["pointer"] == pointer


def test_a_bad_value_for_an_argument_with_a_dot_in_its_name_is_422(served: Api) -> None:
    answer = served.get("/odd", params={"First One": "1", "größe": "x", "a.b": "0x"})

    assert answer.status_code == 422, answer.text
    assert answer.json()["pointer"] == "/a.b"


def test_a_missing_argument_is_named_beside_a_wrong_one_that_begins_alike(served: Api) -> None:
    problem = served.get("/reserved/x?limitless=1").json()

    assert [each["pointer"] for each in problem["errors"]] == ["/limitless", "/limit"]


def test_single_without_a_row_is_404(served: Api) -> None:
    assert served.get("/none-of-set").status_code == 404


@pytest.mark.parametrize("path", ["/counted", "/counted-one"])
def test_a_function_is_called_once_a_request(served: Api, path: str) -> None:
    def now() -> int:
        answer = served.post(path).json()
        return int((answer[0] if isinstance(answer, list) else answer)["n"])

    before = now()

    assert now() == before + 1


def test_an_endpoint_of_everything_does_not_hide_what_is_the_apis_own(served: Api) -> None:
    assert served.get("/anything-else").json() == "anything-else"
    assert served.get("/healthz").text == "ok\n"
    assert "text/html" in served.get("/docs").headers["content-type"]
    assert served.get("/openapi.json").json()["openapi"] == "3.1.0"


def test_a_location_is_made_of_the_answer_and_quoted(served: Api) -> None:
    answer = served.post("/located", json={"name": "a/b ü\r\nX: y"})

    assert answer.status_code == 201
    assert answer.headers["location"] == "/things/a%2Fb%20%C3%BC%0D%0AX%3A%20y/1"


def test_an_empty_page_has_no_next_one(served: Api) -> None:
    assert "link" in served.get("/paged").headers
    assert "link" not in served.get("/paged?limit=0").headers
    assert "link" not in served.get("/paged?limit=9").headers


def test_every_operation_has_a_name_of_its_own(served: Api) -> None:
    paths = served.get("/openapi.json").json()["paths"]
    names = [op["operationId"] for item in paths.values() for op in item.values()]

    assert len(set(names)) == len(names)


def test_a_mended_one_makes_it_ready(empty_database: Database, serve: Callable[..., Api]) -> None:
    name = "b_volatile_get"
    empty_database.psql(create(name, *BROKEN[name][:2]))
    api = serve(empty_database.serve_url, api_schemas=("public",), api_prefix="")
    assert not api.ready()["ready"]
    empty_database.psql(f"alter function public.{name} stable")

    for _ in range(30):
        if api.ready()["ready"]:
            break
        time.sleep(0.1)

    assert api.get("/b/volatile").json() == 1
    assert api.ready()["errors"] == []
