"""`Prefer: tx=rollback`: all is done and answered as it would be, and nothing of it stays."""

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from api.prefer import rolls_back
from db.database import Database
from tests.api.conftest import Api, running, within

DRY = {"prefer": "tx=rollback"}


@pytest.fixture(scope="module")
def api(shed: Database) -> Iterator[Api]:
    with running(shed.serve_url, api_schemas=("api", "shed")) as client:
        yield client


def everything(database: Database) -> dict[str, tuple[int, str]]:
    """How many rows each table has, and a digest of them; sequences are no part of it."""
    tables = database.rows(
        "select c.oid::regclass::text from pg_class as c"
        " join pg_namespace as n on n.oid = c.relnamespace"
        " where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema')"
        " and n.nspname not like 'pg_t%%' order by 1"
    )
    return {
        name: database.rows(
            f"select count(*)::int, md5(coalesce(string_agg(t::text, '|' order by t::text), ''))"
            f" from {name} as t"
        )[0]  # type: ignore[misc]
        for (name,) in tables
    }


def applied(answer: httpx.Response) -> bool:
    return answer.headers.get("preference-applied") == "tx=rollback"


def test_a_rehearsal_leaves_no_trace(api: Api, shed: Database) -> None:
    api.get("/tools")  # whatever a first request makes is there
    before = everything(shed)
    assert len(before) > 20

    added = api.post("/tools", json={"name": "dry"}, headers=DRY)
    keyed = api.post(
        "/tools", json={"name": "dry"}, headers={**DRY, "idempotency-key": str(uuid4())}
    )
    said = api.post("/tools/say", json={"name": "dry"}, headers=DRY)
    serial = api.post("/tools/serial", json={"name": "dry"}, headers=DRY)
    entered = api.post("/enter", json={"name": "dry", "password": "correct horse"}, headers=DRY)
    headers = {**DRY, "content-type": "text/csv"}
    file = api.post("/tools/import", content=b"name\ndry\ndry\n", headers=headers)
    call = {"method": "POST", "path": "/tools", "body": {"name": "dry"}}
    batch = api.post("/batch", json={"calls": [call, call]}, headers=DRY)

    assert everything(shed) == before
    assert added.status_code == keyed.status_code == 201
    assert added.json()["name"] == "dry"
    assert added.headers["location"] == f"/api/v1/tools/{added.json()['id']}"
    assert (said.status_code, said.headers["x-tool"]) == (202, "dry")
    assert (serial.status_code, entered.status_code) == (200, 200)
    assert (file.status_code, file.json()) == (200, 2)
    assert [each["status"] for each in batch.json()["results"]] == [201, 201]
    for answer in (added, keyed, said, serial, entered, file, batch):
        assert applied(answer)


def test_without_it_there_is_a_trace(api: Api, shed: Database) -> None:
    """The control of the one above."""
    before = everything(shed)

    answer = api.post("/tools", json={"name": "wet"}, headers={"prefer": "return=minimal"})

    assert not applied(answer)
    changed = {name for name, rows in everything(shed).items() if rows != before[name]}
    assert {"shed.tools", "penstock.touches"} <= changed


def test_an_order_is_not_placed(database: Database) -> None:
    ((user,),) = database.rows(
        "insert into app.users (email, username) values ('m@example.com', 'moe') returning id"
    )
    ((product,),) = database.rows(
        "insert into app.products (sku, name, price, stock)"
        " values ('LAMP-1', 'Lamp', 9.99, 10) returning id"
    )
    order = {"country": "France", "lines": [{"product_id": product, "quantity": 3}]}
    with running(database.serve_url) as api, api.as_user(user, "member") as member:
        member.get("/orders")
        before = everything(database)
        answer = member.post("/orders", json=order, headers=DRY)

        assert (answer.status_code, applied(answer)) == (201, True)
        assert everything(database) == before
        assert member.get("/orders").json() == []


def test_what_is_put_off_to_the_end_is_asked_all_the_same(api: Api, shed: Database) -> None:
    number = api.post("/tools", json={"name": "bad"}).json()["id"]

    late = api.post(f"/tools/{number}/seal", headers=DRY)
    raised = api.post("/tools/fail", json={"name": "fails"}, headers=DRY)

    assert (late.status_code, late.json()["type"]) == (422, "/problems/seals_good")
    assert (raised.status_code, raised.json()["type"]) == (409, "/problems/tools_fail")
    assert applied(late)
    assert applied(raised)
    # The connection that failed goes on to serve.
    assert api.post("/tools", json={"name": "next"}).status_code == 201


def test_the_cache_has_no_part_in_it(api: Api, shed: Database) -> None:
    number = api.post("/tools", json={"name": "cached"}).json()["id"]
    path = f"/tools/{number}"
    assert within(5, lambda: "hit" in api.get(path).headers["cache-status"])
    version = {"if-match": api.get(path).headers["etag"]}

    read = api.get(path, headers=DRY)
    again = api.get(path)
    renamed = api.put(path, json={"name": "other"}, headers={**version, **DRY})

    assert applied(read)
    assert "cache-status" not in read.headers
    assert "hit" in again.headers["cache-status"]
    assert (renamed.status_code, renamed.json()["name"]) == (200, "other")
    after = api.get(path)
    assert "hit" in after.headers["cache-status"]  # nothing was touched
    assert after.json()["name"] == "cached"


def test_a_rehearsed_read_is_not_kept(api: Api) -> None:
    other, number = (
        api.post("/tools", json={"name": name}).json()["id"] for name in ("read", "unread")
    )
    path = f"/tools/{number}"
    assert within(5, lambda: "bypass" not in api.get(f"/tools/{other}").headers["cache-status"])

    api.get(path, headers=DRY)

    assert "hit" not in api.get(path).headers["cache-status"]


def test_a_key_that_was_answered_is_answered_alike(api: Api, shed: Database) -> None:
    headers = {"idempotency-key": str(uuid4())}
    first = api.post("/tools", json={"name": "keyed"}, headers=headers)

    again = api.post("/tools", json={"name": "keyed"}, headers={**headers, **DRY})

    assert again.content == first.content
    assert again.headers["idempotency-replayed"] == "true"


def test_it_may_be_switched_off(shed: Database) -> None:
    with running(shed.serve_url, api_schemas=("api", "shed"), tx_rollback=False) as api:
        answer = api.post("/tools", json={"name": "off"}, headers=DRY)

    assert not applied(answer)
    assert shed.rows("select count(*) from shed.tools where name = 'off'") == [(1,)]


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        (b"tx=rollback", True),
        (b'TX = "rollback"', True),
        (b"return=minimal, tx=rollback", True),
        (b"tx=rollback; a=b", True),
        (b"tx=commit", False),
        (b"tx=commit, tx=rollback", False),
        (b"tx", False),
        (b"xtx=rollback", False),
        (b"return=representation", False),
        (b'\xff=,,;"', False),
        (b"", False),
    ],
)
def test_how_it_is_written(prefer: bytes, *, expected: bool) -> None:
    assert rolls_back(prefer) is expected
