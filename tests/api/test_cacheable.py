"""Which `@cache`, `@etag` and `@if_match` lines fit their functions, and what is said of others."""

from collections.abc import Iterator

import pytest

from api.cacheable import _integer, _uuid
from api.check import read
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api
from tests.api.lab import LAB

# A function's head and result, its comment, and a part of the sentence about it.
BROKEN = {
    "untouched": (
        "(id int) returns int stable",
        "HTTP GET /x/{id}\n@cache 1s tags=lmaps",
        "lmaps, which nothing touches",
    ),
    "optional": (
        "(id int default 1) returns int stable",
        "HTTP GET /x\n@cache 1s tags=lamp:{id}",
        "no required argument",
    ),
    "unknown": (
        "() returns int stable",
        "HTTP GET /x\n@cache 1s tags=lamp:{id}",
        "no required argument",
    ),
    "many_forms": (
        "(id date) returns int stable",
        "HTTP GET /x/{id}\n@cache 1s tags=lamp:{id}",
        "can be written in several ways",
    ),
    "shortened": (
        "(id lab.short) returns int stable",
        "HTTP GET /x/{id}\n@cache 1s tags=lamp:{id}",
        "can be written in several ways",
    ),
    "nobody_s": (
        "() returns int stable",
        "HTTP GET /x\n@cache 1s tags=lamp:{sub} vary=role",
        "vary=role",
    ),
    "for_none": (
        "() returns int stable",
        "HTTP GET /x\n@cache 1s vary=none",
        "so anon runs it for everybody, who may not",
    ),
    "posted": ("() returns int volatile", "HTTP POST /x\n@cache 1s", "is for GET"),
    "all_headers": (
        "() returns int stable",
        "HTTP GET /x\n@cache 1s\n@headers",
        "depend on every header",
    ),
    "no_time": (
        "() returns int stable",
        "HTTP GET /x\n@cache tags=lamps",
        "it takes a time and tags=, vary=",
    ),
    "zero": ("() returns int stable", "HTTP GET /x\n@cache 0s", "it takes a time"),
    "odd_option": ("() returns int stable", "HTTP GET /x\n@cache 1s size=3", "it takes a time"),
    "twice": (
        "() returns int stable",
        "HTTP GET /x\n@cache 1s tags=lamps tags=lamps",
        "it takes a time",
    ),
    "odd_vary": ("() returns int stable", "HTTP GET /x\n@cache 1s vary=moon", "it takes a time"),
    "odd_tag": ("() returns int stable", "HTTP GET /x\n@cache 1s tags=lamp:7", "it takes a time"),
    "etag_of_many": (
        "() returns setof lab.lamps stable",
        "HTTP GET /x\n@etag id",
        "@etag, which is for a GET of one row",
    ),
    "etag_of_nothing": (
        "() returns lab.lamps stable",
        "HTTP GET /x\n@etag version",
        "@etag with version, which the answer has not",
    ),
    "etag_unnamed": ("() returns lab.lamps stable", "HTTP GET /x\n@etag", "without the field"),
    "if_match_get": ("(id int) returns int stable", "HTTP GET /x\n@if_match id", "is for changes"),
    "if_match_none": (
        "() returns int volatile",
        "HTTP POST /x\n@if_match id",
        "no argument to be given so",
    ),
    "if_match_path": (
        "(id int) returns int volatile",
        "HTTP PUT /x/{id}\n@if_match id",
        "no argument to be given so",
    ),
    "if_match_unnamed": (
        "() returns int volatile",
        "HTTP POST /x\n@if_match",
        "without the argument",
    ),
}
SOUND = {
    "plain": ("() returns int stable", "HTTP GET /y/plain\n@cache 1min"),
    "by_number": (
        "(id bigint) returns int stable",
        "HTTP GET /y/number/{id}\n@cache 1s tags=lamp:{id}",
    ),
    "by_uuid": ("(id uuid) returns int stable", "HTTP GET /y/uuid/{id}\n@cache 1s tags=lamp:{id}"),
    "by_text": ("(id text) returns int stable", "HTTP GET /y/text/{id}\n@cache 1s tags=lamp:{id}"),
    "by_enum": (
        "(id app.user_role) returns int stable",
        "HTTP GET /y/enum/{id}\n@cache 1s tags=lamp:{id}",
    ),
    "of_two": (
        "(id app.sku) returns int stable",
        "HTTP GET /y/two/{id}\n@cache 500ms tags=lamps,lamp:{id} stale=1min local=1s",
    ),
}


@pytest.fixture(scope="module")
def lab(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(LAB + "create domain lab.short as varchar(3);")
        for name, (head, comment, *_) in {**BROKEN, **SOUND}.items():
            returned = "(null::lab.lamps).*" if "lab.lamps" in head else "1"
            database.psql(
                f"create function lab.{name}{head} language sql as 'select {returned}';"
                f"comment on function lab.{name} is '{comment}';"
                f"revoke all on function lab.{name} from public;"
                f"grant execute on function lab.{name} to member"
            )
        yield database


@pytest.mark.parametrize("name", BROKEN)
def test_what_does_not_fit_is_named_in_a_sentence(lab: Database, name: str) -> None:
    _, errors = read(lab.serve_url, ("lab",))

    of_it = [each for each in errors if each.startswith(f"lab.{name} ")]
    assert len(of_it) == 1
    assert BROKEN[name][2] in of_it[0]


@pytest.mark.parametrize("name", SOUND)
def test_what_fits_is_served(lab: Database, name: str) -> None:
    endpoints, errors = read(lab.serve_url, ("lab",))

    assert [each for each in errors if f"lab.{name} " in each] == []
    assert [each.cache is not None for each in endpoints if each.function.name == name] == [True]


def test_a_database_where_nobody_listens_can_have_no_tags(empty_database: Database) -> None:
    for name, line in (("tagged", "@cache 1s tags=lamps"), ("timed", "@cache 1s")):
        empty_database.psql(
            f"create function public.{name}() returns int stable language sql as 'select 1';"
            f"comment on function public.{name}() is E'HTTP GET /{name}\\n{line}'"
        )

    endpoints, errors = read(empty_database.superuser_url, ("public",))

    assert [each.path for each in endpoints] == ["/timed"]
    assert len(errors) == 1
    assert "has no penstock.touch() that the API may listen to" in errors[0]


ODD = ["0x7f", "0b1", "1_000", "1e3", "-1e999999", "+7", "9" * 30, "\uff11", "1.0", "ff"]


@pytest.mark.parametrize("text", ODD)
def test_a_number_in_an_odd_form_is_postgresql_s_to_judge(shared_api: Api, text: str) -> None:
    """It is also the name of a tag, and there is no failing in that."""
    assert shared_api.get(f"/products/{text}").status_code in (404, 422)


def test_one_number_has_one_tag_however_it_is_written() -> None:
    assert {_integer(text) for text in ("127", "0127", "+127", " 127", "0x7f", "0b1111111")} == {
        "127"
    }
    assert _integer("1e3") == "1e3"
    assert _uuid("{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}") == "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"
    assert _uuid("ff") == "ff"
