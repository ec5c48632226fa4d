"""Long lists, whose function is called on some lines at a time."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import psycopg
import pytest

from api.parts import together
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running, within
from tests.api.test_bulk_rows import LENIENT, rejects

GATE = 4_712  # who holds this lock keeps the second part from being taken in
SQL = """
create schema lab;
grant usage on schema lab to anon, member;
create table lab.lamps (name text, watts int constraint lamps_watts check (watts < 1000));
create table lab.calls (n int generated always as identity, lines bigint[]);
grant all on lab.lamps, lab.calls to anon, member;
comment on constraint lamps_watts on lab.lamps is 'Too bright.';
create type lab.lamp as (name text, watts int);
create function lab.lamps_add() returns table (name text, line bigint) language plpgsql as $$
begin
    if exists (select from lab.calls) then
        perform pg_advisory_xact_lock_shared(4712);
    end if;
    insert into lab.calls (lines)
    select array_agg(r.line order by r.line) from pg_temp.bulk_rows as r;
    insert into pg_temp.bulk_rejects
    select r.line, 'name', 'No such lamp.' from pg_temp.bulk_rows as r where r.name = 'gone';
    if exists (select from pg_temp.bulk_rows as r where r.name = 'fire') then
        raise exception using errcode = 'PT409', message = 'There is a fire.';
    end if;
    insert into lab.lamps select r.name, r.watts from pg_temp.bulk_rows as r
    where r.line not in (select x.line from pg_temp.bulk_rejects as x);
    return query
    select r.name, r.line from pg_temp.bulk_rows as r where r.name <> 'gone' order by r.line;
end $$;
comment on function lab.lamps_add() is E'HTTP POST /lamps\n@bulk lab.lamp needs=watts parts=3';
create function lab.lamps_sort() returns void language sql as 'select lab.lamps_add()';
comment on function lab.lamps_sort() is
    E'HTTP PUT /lamps\n@bulk lab.lamp needs=name parts=3 by=name';
grant execute on all functions in schema lab to anon, member;
"""


@pytest.fixture(scope="module")
def lab(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(SQL)
        yield database


@pytest.fixture(scope="module")
def api(lab: Database) -> Iterator[Api]:
    with running(lab.serve_url, api_schemas=("api", "lab"), copy_size=2) as client:
        yield client


@pytest.fixture(autouse=True)
def dark(lab: Database) -> Iterator[None]:
    yield
    lab.psql("truncate lab.lamps, lab.calls")


def send(
    api: Api, names: str, method: str = "POST", watts: dict[str, Any] | None = None, **wish: str
) -> httpx.Response:
    """A lamp for each letter; its number in the list is its place."""
    lamps = [{"name": name, "watts": (watts or {}).get(name, 5)} for name in names.split()]
    return api.request(method, "/lamps", json=lamps, headers=wish)


def calls(lab: Database) -> list[list[int]]:
    """The lines of each call, in their order."""
    said = lab.psql("select coalesce(json_agg(lines order by n), '[]') from lab.calls")
    found: list[list[int]] = json.loads(said)
    return found


def names(lab: Database) -> str:
    return lab.psql("select string_agg(name, ' ' order by name) from lab.lamps").strip()


def test_it_is_called_on_part_after_part(api: Api, lab: Database) -> None:
    answer = send(api, "a b c d e f g h")

    assert answer.status_code == 200, answer.text
    assert calls(lab) == [[1, 2, 3], [4, 5, 6], [7, 8]]
    assert (answer.json()["lines"], answer.json()["accepted"]) == (8, 8)
    assert [each["name"] for each in answer.json()["result"]] == list("abcdefgh")
    assert [each["line"] for each in answer.json()["result"]] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert names(lab) == "a b c d e f g h"


@pytest.mark.parametrize("content", ["a", "a b c", ""])
def test_what_is_no_more_than_a_part_comes_at_once(api: Api, lab: Database, content: str) -> None:
    answer = send(api, content)

    assert answer.status_code == 200, answer.text
    assert len(calls(lab)) == 1
    assert [each["name"] for each in answer.json()["result"]] == content.split()


def test_what_belongs_together_is_never_apart_and_comes_in_its_order(
    api: Api, lab: Database
) -> None:
    answer = send(api, "d b a b b a c b a d", method="PUT")

    assert answer.status_code == 200, answer.text
    # a: 3 6 9, b: 2 4 5 8, c: 7, d: 1 10; nothing begins where the third part would.
    assert calls(lab) == [[3, 6, 9], [2, 4, 5, 8], [1, 7, 10]]


def test_rejects_of_all_parts_are_told_and_nothing_is_kept(api: Api, lab: Database) -> None:
    answer = send(api, "a gone c d e gone g x", watts={"x": "many"})

    assert answer.status_code == 422
    assert [each[:2] for each in rejects(answer)] == [(2, "name"), (6, "name"), (8, "watts")]
    assert answer.json()["lines"] == 8
    assert names(lab) == ""


def test_the_good_lines_of_all_parts_are_kept_where_that_is_wanted(api: Api, lab: Database) -> None:
    answer = send(api, "a gone c d e gone g x", watts={"x": "many"}, **LENIENT)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (5, 3)
    assert names(lab) == "a c d e g"


def test_what_a_constraint_refuses_is_told_by_line_in_any_part(api: Api, lab: Database) -> None:
    bright = {"b": 5000, "f": 4000}
    answer = send(api, "a b c d e f g h", watts=bright)

    assert answer.status_code == 422, answer.text
    assert [(each["line"], each["detail"]) for each in answer.json()["rejects"]] == [
        (2, "Too bright."), (6, "Too bright."),
    ]  # fmt: skip
    assert names(lab) == ""
    assert send(api, "a b c d e f g h", watts=bright, **LENIENT).status_code == 200
    assert names(lab) == "a c d e g h"


def test_what_is_raised_in_the_last_part_undoes_the_first(api: Api, lab: Database) -> None:
    answer = send(api, "a b c d e f fire")

    assert (answer.status_code, answer.json()["detail"]) == (409, "There is a fire.")
    assert names(lab) == ""


def test_a_job_says_how_many_lines_are_done(api: Api, lab: Database) -> None:
    with api.as_user(1, "member") as ada:
        with psycopg.connect(lab.superuser_url, autocommit=True) as gate:
            gate.execute("select pg_advisory_lock(%s)", (GATE,))
            answer = send(
                ada, "a b c d e x", watts={"x": "many"}, prefer="respond-async, handling=lenient"
            )
            assert answer.status_code == 202, answer.text
            assert (answer.json()["lines"], answer.json()["state"]) == (6, "running")
            place = answer.headers["location"].removeprefix(api.settings.api_prefix)

            # The first part, and the one that is no lamp.
            assert within(20, lambda: ada.get(place).json()["done"] == 4)
            assert ada.get(place).json()["state"] == "running"
            assert names(lab) == ""
        assert within(20, lambda: ada.get(place).json()["state"] == "done")

        assert (ada.get(place).json()["done"], ada.get(place).json()["lines"]) == (6, 6)
    assert names(lab) == "a b c d e"


def test_a_job_goes_on_where_nobody_can_be_told(api: Api, lab: Database) -> None:
    lab.psql("revoke execute on function penstock.long_call_advance(uuid, bigint) from member")
    try:
        with api.as_user(1, "member") as ada:
            answer = send(ada, "a b c d", prefer="respond-async")
            place = answer.headers["location"].removeprefix(api.settings.api_prefix)
            assert within(20, lambda: ada.get(place).json()["state"] == "done")
    finally:
        lab.psql("grant execute on function penstock.long_call_advance(uuid, bigint) to member")
    assert names(lab) == "a b c d"


@pytest.mark.parametrize(
    ("said", "whole"),
    [
        ([None, None], None),
        ([[b""], [b""]], [b""]),
        ([[b"[]"], [b"[]"]], [b"[]"]),
        ([[b"[1, 2]"]], [b"[1, 2]"]),
        ([[b"[1]"], [b"[]"], [b'[{"a": "]["},\n 2]']], [b'[1, {"a": "]["},\n 2]']),
    ],
)
def test_what_is_said_of_parts_is_put_together(
    said: list[list[bytes | None] | None], whole: list[bytes | None] | None
) -> None:
    assert together(said) == whole
