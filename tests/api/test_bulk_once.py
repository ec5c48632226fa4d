"""Lists with an Idempotency-Key, and lists that are rehearsed."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from db.database import Database
from tests.api.conftest import Api, running

SQL = """
create schema lab;
grant usage on schema lab to member;
create type lab.lamp as (name text, watts integer);
create table lab.lamps (name text, watts integer);
grant select, insert, delete on lab.lamps to member;
create function lab.lamps_add() returns bigint language plpgsql as $$
declare
    v_count bigint;
begin
    insert into lab.lamps select b.name, b.watts from pg_temp.bulk_rows as b;
    get diagnostics v_count = row_count;
    return v_count;
end $$;
comment on function lab.lamps_add is
    E'HTTP POST /lamps\\n@bulk lab.lamp needs=name,watts\\n@idempotent\\n@status 201';
create function lab.lamps_put() returns void language sql set check_function_bodies = off
    as 'insert into lab.lamps select b.name, b.watts from pg_temp.bulk_rows as b';
comment on function lab.lamps_put is
    E'HTTP PUT /lamps\\n@bulk lab.lamp needs=name\\n@idempotent required';
create function lab.lines_count() returns bigint language sql set check_function_bodies = off
    as 'insert into lab.lamps (name) select b.name from pg_temp.bulk_lines as b; select 7';
comment on function lab.lines_count is E'HTTP POST /lines\\n@bulk lab.lamp\\n@idempotent';
grant execute on all functions in schema lab to member;
"""
GOOD = "name,watts\na,5\nb,7\n"
BAD = "name,watts\na,5\nb,many\n"


@pytest.fixture
def api(database: Database) -> Iterator[Api]:
    database.psql(SQL)
    with (
        running(database.serve_url, api_schemas=("api", "lab")) as served,
        served.as_user(1, "member") as caller,
    ):
        yield caller


def send(api: Api, content: str, method: str = "POST", path: str = "/lamps", **headers: str) -> Any:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.request(
        method, path, content=content.encode(), headers={"content-type": "text/csv", **given}
    )


def lamps(database: Database) -> int:
    ((count,),) = database.rows("select count(*) from lab.lamps")
    return int(count)


def told(answer: httpx.Response) -> tuple[int, bytes, str | None]:
    return answer.status_code, answer.content, answer.headers.get("preference-applied")


def replayed(answer: httpx.Response) -> bool:
    return answer.headers.get("idempotency-replayed") == "true"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/lamps", 201), ("PUT", "/lamps", 200), ("POST", "/lines", 200)],
)
def test_a_list_with_a_key_is_taken_once(
    api: Api, database: Database, method: str, path: str, status: int
) -> None:
    first, again = (send(api, GOOD, method, path, idempotency_key="k") for _ in range(2))

    assert first.status_code == status
    assert told(again) == told(first)
    assert (replayed(first), replayed(again)) == (False, True)
    assert lamps(database) == 2


def test_what_is_told_of_a_list_is_told_again(api: Api, database: Database) -> None:
    answers = [send(api, BAD, idempotency_key="k", prefer="handling=lenient") for _ in range(2)]

    assert told(answers[1]) == told(answers[0])
    assert answers[1].json()["rejected"] == 1
    assert answers[1].json()["result"] == 1
    assert lamps(database) == 1


def test_another_list_with_the_same_key_is_422(api: Api, database: Database) -> None:
    assert send(api, GOOD, idempotency_key="k").status_code == 201
    for content, headers in ((GOOD + "c,9\n", {}), (GOOD, {"prefer": "handling=lenient"})):
        answer = send(api, content, idempotency_key="k", **headers)
        assert answer.status_code == 422
        assert answer.json()["type"] == "/problems/idempotency-key-reused"
    assert lamps(database) == 2


def test_a_list_that_was_refused_keeps_no_key(api: Api, database: Database) -> None:
    assert send(api, BAD, idempotency_key="k").status_code == 422
    assert send(api, GOOD, idempotency_key="k").status_code == 201
    assert lamps(database) == 2


def test_a_list_without_the_key_it_needs_is_400(api: Api) -> None:
    assert send(api, GOOD, "PUT").json()["type"] == "/problems/idempotency-key-needed"


def test_a_list_is_rehearsed(api: Api, database: Database) -> None:
    dry = send(api, GOOD, idempotency_key="k", prefer="tx=rollback")

    assert told(dry)[::2] == (201, "tx=rollback")
    assert dry.json()["result"] == 2
    assert lamps(database) == 0
    assert not replayed(send(api, GOOD, idempotency_key="k"))
    assert lamps(database) == 2
