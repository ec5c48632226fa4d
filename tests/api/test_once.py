"""A request with an Idempotency-Key is done once, and answered as often as it is sent."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.check import read
from db.database import Database
from tests.api.conftest import Api, running

SCHEMAS = ("api", "shed")
WAIT_MS = 400
_PLENTY_MS = 4_000


@pytest.fixture(scope="module")
def api(shed: Database) -> Iterator[Api]:
    with running(shed.serve_url, api_schemas=SCHEMAS, idempotency_wait=_PLENTY_MS) as client:
        yield client


@pytest.fixture(scope="module")
def other(shed: Database) -> Iterator[Api]:
    """Another server on the same database: nothing but that is common to both."""
    with running(shed.serve_url, api_schemas=SCHEMAS, idempotency_wait=_PLENTY_MS) as client:
        yield client


@pytest.fixture
def ada(api: Api) -> Iterator[Api]:
    with api.as_user(1, "member") as client:
        yield client


@pytest.fixture
def ada_there(other: Api) -> Iterator[Api]:
    with other.as_user(1, "member") as client:
        yield client


def send(
    api: Api, key: str | None, path: str = "/tools", method: str = "POST", **body: Any
) -> httpx.Response:
    headers = {} if key is None else {"idempotency-key": key}
    return api.request(method, path, json=body or None, headers=headers)


def fresh() -> str:
    return str(uuid4())


def tools(shed: Database, name: str) -> int:
    return int(shed.rows("select count(*) from shed.tools where name = %s", name)[0][0])


def kept(shed: Database) -> int:
    return int(shed.rows("select count(*) from penstock.idempotency_keys")[0][0])


def called(shed: Database) -> int:
    return int(shed.rows("select nextval('shed.calls')")[0][0])


def slug(answer: httpx.Response) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


def test_fifty_at_once_are_one(ada: Api, ada_there: Api, shed: Database) -> None:
    """Through two servers: what they have in common is the database."""
    key, before = fresh(), called(shed)

    def post(number: int) -> httpx.Response:
        return send((ada, ada_there)[number % 2], key, name="fifty", seconds=0.2)

    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(post, range(50)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({(answer.content, answer.headers["location"]) for answer in answers}) == 1
    replayed = Counter(answer.headers.get("idempotency-replayed") for answer in answers)
    assert replayed == {None: 1, "true": 49}
    assert tools(shed, "fifty") == 1
    assert called(shed) == before + 2  # this look counts too


def test_a_replay_is_the_first_answer(ada: Api, shed: Database) -> None:
    key = fresh()

    first, second = send(ada, key, name="replay"), send(ada, key, name="replay")

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["location"] == second.headers["location"]
    assert first.headers["location"] == f"/api/v1/tools/{first.json()['id']}"
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert tools(shed, "replay") == 1


def test_what_the_function_said_is_said_again(ada: Api) -> None:
    key = fresh()

    answers = [send(ada, key, "/tools/say", name="said") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [202, 202]
    assert [answer.headers["x-tool"] for answer in answers] == ["said", "said"]
    assert [answer.json() for answer in answers] == ["said", "said"]


def test_nothing_to_say_is_kept_too(ada: Api, shed: Database) -> None:
    key, number = fresh(), send(ada, None, name="to drop").json()["id"]
    before = called(shed)

    answers = [send(ada, key, f"/tools/{number}", "DELETE") for _ in range(2)]

    assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 2
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert called(shed) == before + 2


def test_what_was_done_is_not_done_again_though_it_says_404(ada: Api, shed: Database) -> None:
    key = fresh()

    answers = [send(ada, key, "/tools/hide", name="hidden") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[1].headers["idempotency-replayed"] == "true"
    assert tools(shed, "hidden") == 1


def test_a_version_that_has_passed_since_is_no_hindrance(ada: Api, shed: Database) -> None:
    """The first answer, not 412: it was this very request that changed the version."""
    key, number = fresh(), send(ada, None, name="old").json()["id"]
    etag = ada.get(f"/tools/{number}").headers["etag"]
    headers = {"idempotency-key": key, "if-match": etag}

    answers = [ada.put(f"/tools/{number}", json={"name": "new"}, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert shed.rows("select version from shed.tools where id = %s", number) == [(2,)]


def test_a_snapshot_that_is_too_old_to_see_the_key(
    ada: Api, ada_there: Api, shed: Database
) -> None:
    key = fresh()
    with ThreadPoolExecutor(2) as threads:
        posts = [
            threads.submit(send, each, key, "/tools/serial", name="serial")
            for each in (ada, ada_there)
        ]
        answers = [post.result() for post in posts]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert tools(shed, "serial") == 1


def test_a_file_is_loaded_once(ada: Api, shed: Database) -> None:
    key = fresh()

    def post(content: bytes) -> httpx.Response:
        headers = {"content-type": "text/csv", "idempotency-key": key}
        return ada.post("/tools/import", content=content, headers=headers)

    first, second, another = (
        post(b"name\nfile\n"), post(b"name\nfile\n"), post(b"name\nfile\nfile\n")
    )  # fmt: skip

    assert [first.json(), second.json()] == [1, 1]
    assert second.headers["idempotency-replayed"] == "true"
    assert (another.status_code, slug(another)) == (422, "idempotency-key-reused")
    assert tools(shed, "file") == 1


def test_in_flight_it_waits_and_is_answered_alike(ada: Api, ada_there: Api) -> None:
    key = fresh()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(send, ada, key, name="waits", seconds=0.6)
        time.sleep(0.2)
        began = time.monotonic()
        second = send(ada_there, key, name="waits", seconds=0.6)
        waited = time.monotonic() - began

    assert second.status_code == 201
    assert second.content == first.result().content
    assert waited > 0.2


@pytest.mark.parametrize("there", [False, True], ids=["the same server", "another server"])
def test_in_flight_for_longer_is_409(shed: Database, *, there: bool) -> None:
    key, name = fresh(), f"long {there}"
    with (
        running(shed.serve_url, api_schemas=SCHEMAS, idempotency_wait=WAIT_MS) as here,
        running(shed.serve_url, api_schemas=SCHEMAS, idempotency_wait=WAIT_MS) as elsewhere,
        here.as_user(1, "member") as one,
        (elsewhere if there else here).as_user(1, "member") as two,
        ThreadPoolExecutor(1) as threads,
    ):
        first = threads.submit(send, one, key, name=name, seconds=2)
        time.sleep(0.3)
        second = send(two, key, name=name, seconds=2)
        assert (second.status_code, slug(second)) == (409, "idempotency-key-busy")
        assert second.headers["retry-after"] == "1"
        assert first.result().status_code == 201
        third = send(two, key, name=name, seconds=2)

    assert third.content == first.result().content
    assert tools(shed, name) == 1


# ── Whose, and for what ──────────────────────────────────────────────────────────────────────────


def test_nobody_gets_what_was_another_s(api: Api, shed: Database) -> None:
    key = fresh()
    callers = [
        api.as_user(1, "member"), api.as_user(2, "member"), api.as_user(1, "staff"), api
    ]  # fmt: skip

    answers = [send(caller, key, name="whose") for caller in callers]

    assert [answer.status_code for answer in answers] == [201] * 4
    assert all("idempotency-replayed" not in answer.headers for answer in answers)
    assert [answer.json()["made_by"] for answer in answers] == ["1", "2", "1", None]
    assert tools(shed, "whose") == 4


def test_a_key_counts_for_one_route(ada: Api, shed: Database) -> None:
    key = fresh()

    assert send(ada, key, name="route").status_code == 201
    assert send(ada, key, "/tools/must", name="route").status_code == 200
    assert tools(shed, "route") == 2


def test_another_request_with_the_same_key_is_422(ada: Api, shed: Database) -> None:
    key, number = fresh(), send(ada, None, name="one").json()["id"]
    assert send(ada, key, name="first").status_code == 201
    assert send(ada, key, f"/tools/{number}", "DELETE").status_code == 204

    body = send(ada, key, name="second")
    path = send(ada, key, f"/tools/{number + 1}", "DELETE")

    for answer in (body, path):
        assert (answer.status_code, slug(answer)) == (422, "idempotency-key-reused")
    assert tools(shed, "second") == 0


def test_the_same_request_may_be_written_otherwise(ada: Api) -> None:
    headers = {"idempotency-key": fresh(), "content-type": "application/json"}

    first = ada.post("/tools", content=b'{"name":"lines","seconds":0}', headers=headers)
    second = ada.post("/tools", content=b'{ "seconds": 0,\n "name": "lines"}', headers=headers)

    assert (second.status_code, second.content) == (201, first.content)


def test_passwords_are_in_nothing_that_is_kept(ada: Api, shed: Database) -> None:
    key = fresh()

    first = send(ada, key, "/enter", name="enters", password="correct horse")
    second = send(ada, key, "/enter", name="enters", password="battery staple")

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.headers["idempotency-replayed"] == "true"
    assert tools(shed, "enters") == 1


def test_where_it_is_not_declared_it_does_nothing(ada: Api, shed: Database) -> None:
    key = fresh()

    answers = [send(ada, key, "/tools/plain", name="plain") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert "idempotency-replayed" not in answers[1].headers
    assert tools(shed, "plain") == 2
    assert send(ada, '"', "/tools/plain", name="plain").status_code == 200


# ── What is kept ─────────────────────────────────────────────────────────────────────────────────


def test_what_fails_keeps_nothing_and_runs_again(ada: Api, shed: Database) -> None:
    number = send(ada, None, name="bad").json()["id"]
    before, calls = kept(shed), called(shed)
    key, sealed, long = fresh(), fresh(), fresh()

    raised = [send(ada, key, "/tools/fail", name="fails").status_code for _ in range(2)]
    late = [send(ada, sealed, f"/tools/{number}/seal").status_code for _ in range(2)]
    checked = send(ada, long, name="x" * 100).status_code
    wrong = send(ada, long, unknown=1).status_code

    assert (raised, late, checked, wrong) == ([409, 409], [422, 422], 422, 422)
    assert kept(shed) == before
    assert called(shed) == calls + 4  # both that failed, the one that broke a rule, and this look
    assert send(ada, long, name="short enough").status_code == 201
    shed.rows("update shed.tools set name = 'good' where id = %s", number)
    assert send(ada, sealed, f"/tools/{number}/seal").status_code == 204
    assert send(ada, sealed, f"/tools/{number}/seal").status_code == 204


def test_after_a_day_a_key_is_as_good_as_new(ada: Api, shed: Database) -> None:
    key, lasting = fresh(), fresh()
    first = send(ada, key, name="day")
    send(ada, lasting, name="lasting")
    shed.rows(
        "update penstock.idempotency_keys set kept_at = now() - interval '25 hours'"
        " where (body::json ->> 'id')::bigint = %s",
        first.json()["id"],
    )

    ((gone,),) = shed.rows("select penstock.idempotency_prune()")
    second = send(ada, key, name="day")

    assert gone == 1
    assert second.json()["id"] != first.json()["id"]
    assert send(ada, lasting, name="lasting").headers["idempotency-replayed"] == "true"


# ── The header ───────────────────────────────────────────────────────────────────────────────────


def test_where_it_is_required_it_must_be_sent(ada: Api, shed: Database) -> None:
    answer = send(ada, None, "/tools/must", name="must")

    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-needed")
    assert tools(shed, "must") == 0
    assert send(ada, fresh(), "/tools/must", name="must").status_code == 200


@pytest.mark.parametrize(
    "key",
    [
        "", "two words", '"', '"open', '""', '"two words"', '"a";b=1',
        '"a\\b"', "a\tb", "é", "x" * 256, '"' + "x" * 256 + '"', "a, b",
    ],
)  # fmt: skip
def test_a_key_that_is_none_is_400(ada: Api, shed: Database, key: str) -> None:
    headers = [("idempotency-key", key.encode("latin-1"))]
    answer = ada.post("/tools", json={"name": "no key"}, headers=headers)  # type: ignore[arg-type]

    assert (answer.status_code, slug(answer)) == (400, "idempotency-key-malformed")


def test_two_keys_are_none(ada: Api) -> None:
    headers = [("idempotency-key", "a"), ("idempotency-key", "b")]
    answer = ada.post("/tools", json={"name": "two"}, headers=headers)  # type: ignore[arg-type]

    assert slug(answer) == "idempotency-key-malformed"


def test_quoted_or_not_it_is_the_same_key(ada: Api) -> None:
    key = fresh() + '"\\'
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')

    first, second = send(ada, key, name="quoted"), send(ada, f'"{escaped}"', name="quoted")

    assert second.content == first.content
    assert send(ada, "x" * 255, name="longest").status_code == 201


# ── Where it may stand ───────────────────────────────────────────────────────────────────────────


def test_a_comment_that_can_not_be_honoured_is_an_error(
    database: Database, empty_database: Database
) -> None:
    sql = (
        "create function {0}.reads() returns int stable language sql as 'select 1';"
        "comment on function {0}.reads() is E'HTTP GET /reads\\n@idempotent';"
        "create function {0}.writes() returns int language sql as 'select 1';"
        "comment on function {0}.writes() is E'HTTP POST /writes\\n@idempotent';"
        "create function {0}.odd() returns int language sql as 'select 1';"
        "comment on function {0}.odd() is E'HTTP POST /odd\\n@idempotent always';"
    )
    database.psql("create schema lab;" + sql.format("lab"))
    empty_database.psql(sql.format("public"))

    endpoints, errors = read(database.superuser_url, ("lab",))
    _, elsewhere = read(empty_database.superuser_url, ("public",))

    assert [each.path for each in endpoints] == ["/writes"]
    assert any("lab.reads has @idempotent, which is for changes" in each for each in errors)
    assert any("lab.odd has @idempotent always" in each for each in errors)
    assert any("no penstock.idempotency_keep()" in each for each in elsewhere)


def test_the_description_says_so(api: Api) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    may, must = paths["/api/v1/tools"]["post"], paths["/api/v1/tools/must"]["post"]

    (parameter,) = may["parameters"]
    assert (parameter["name"], parameter["required"]) == ("Idempotency-Key", False)
    assert must["parameters"][0]["required"] is True
    assert {"400", "409", "422"} <= may["responses"].keys()
    assert "Idempotency-Replayed" in may["responses"]["201"]["headers"]
    assert "parameters" not in paths["/api/v1/tools/plain"]["post"]


def test_an_order_is_placed_once(database: Database) -> None:
    ((user,), (product,)) = (
        database.rows(
            "insert into app.users (email, username) values ('m@example.com', 'moe') returning id"
        )[0],
        database.rows(
            "insert into app.products (sku, name, price, stock)"
            " values ('LAMP-1', 'Lamp', 9.99, 10) returning id"
        )[0],
    )
    order = {"country": "France", "lines": [{"product_id": product, "quantity": 3}]}
    with running(database.serve_url) as api, api.as_user(user, "member") as member:
        headers = {"idempotency-key": fresh()}
        answers = [member.post("/orders", json=order, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    assert database.rows("select stock from app.products") == [(7,)]
    assert database.rows("select count(*) from app.orders") == [(1,)]
