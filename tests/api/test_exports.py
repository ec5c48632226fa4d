"""Lists as files: the same rows as in JSON, as the same caller, whole or visibly not."""

import gzip
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from db import demo
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running, within
from tests.api.test_retail import SMALL
from tests.api.unloaded import LISTS, ODD_NAMES, csv_says, exactly, records
from tests.security.payloads import PAYLOADS

CSV = {"accept": "text/csv"}
NDJSON = {"accept": "application/x-ndjson"}
ROLES = ("anon", "member", "staff", "admin")
MEGABYTE = 1 << 20


# ── The lab: lists of every kind ─────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def base(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(LISTS)
        yield database


@pytest.fixture(scope="module")
def lab(base: Database) -> Iterator[Api]:
    with running(base.serve_url, api_schemas=("lab",)) as client:
        yield client


def whole_list(client: Api, path: str) -> list[Any]:
    """All rows of a list, page by page, with all their digits."""
    rows, url = [], f"{client.base_url}{path.lstrip('/')}"
    while url:
        answer = client.get(url)
        assert answer.status_code == 200, answer.text
        rows += exactly(answer.content)
        links = answer.links
        url = client.origin + links["next"]["url"] if "next" in links else ""
    return rows


def lines(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    assert not answer.content or answer.content.endswith(b"\n")
    return [exactly(line) for line in answer.content.split(b"\n")[:-1]]


def assert_same(client: Api, path: str, *, names: list[str] | None = None) -> list[Any]:
    """All three forms say the same; the rows."""
    rows = whole_list(client, path)
    assert lines(client.get(path, headers=NDJSON)) == rows
    answer = client.get(path, headers=CSV)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    named = names or ([*rows[0]] if rows and isinstance(rows[0], dict) else ["value"])
    if not rows:
        named = records(answer.text)[0]
    assert csv_says(answer.text, rows, named)
    return rows


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/numbers?n=3", 3),
        ("/numbers?n=20000", 20_000),
        ("/types", 2),
        ("/words?words=a&words=b,c&words=%22&words=&words=%0A", 5),
        ("/echo?said=x&sizes=1&sizes=2", 1),
        ("/echo", 1),
        ("/things", 1050),
        ("/thing-tables", 1050),
        ("/thing-ids", 1050),
        ("/wide", 1050),
        ("/kept", 3),
    ],
)
def test_all_forms_say_the_same(lab: Api, path: str, count: int) -> None:
    assert len(assert_same(lab, path)) == count


def test_an_empty_list_has_a_header_and_no_lines(lab: Api) -> None:
    assert lab.get("/none", headers=CSV).text == "number,text\n"
    assert lab.get("/none", headers=NDJSON).content == b""


def test_names_are_quoted_as_they_must_be(lab: Api) -> None:
    rows = assert_same(lab, "/odd", names=list(ODD_NAMES))

    header, values = records(lab.get("/odd", headers=CSV).text)
    assert tuple(header) == ODD_NAMES
    assert values == ["1", 'say "hi"', "two\nlines", " spaced ", "größe", "\\.", ",", "", "", "\r"]
    assert tuple(rows[0]) == ODD_NAMES


def test_null_and_an_empty_text_differ_in_csv(lab: Api) -> None:
    assert lab.get("/odd", headers=CSV).text.endswith(',",","",,"\r"\n')


def test_a_list_goes_on_from_its_cursor_and_limit_asks_for_one_page(lab: Api) -> None:
    page = lab.get("/things", params={"limit": 7})
    cursor = httpx.URL(page.links["next"]["url"]).params["cursor"]
    everything = whole_list(lab, "/things")

    rest = lines(lab.get("/things", params={"cursor": cursor}, headers=NDJSON))
    one = lines(lab.get("/things", params={"cursor": cursor, "limit": 5}, headers=NDJSON))

    assert rest == everything[7:]
    assert one == everything[7:12]


def test_all_pages_are_of_one_moment(lab: Api, base: Database) -> None:
    """What is entered while a reader takes its time is not in the file, nor is anything missing."""
    plain = NDJSON | {"accept-encoding": "identity"}
    with lab.stream("GET", "/wide", headers=plain) as answer:
        body = answer.iter_raw()
        content = next(body)
        base.psql("insert into lab.things values (9001, 'late', now())")
        base.psql("delete from lab.things where id = 1050")
        content += b"".join(body)
    base.psql("delete from lab.things where id = 9001")
    base.psql("insert into lab.things values (1050, 'thing 1050', '2026-01-01')")

    ids = [json.loads(line)["id"] for line in content.splitlines()]
    assert len(content) > 10 * MEGABYTE
    assert ids == list(range(1, 1051))


def test_a_function_that_takes_a_body_may_answer_with_a_file(lab: Api) -> None:
    said = {"said": {"a": [1, "x"]}}

    answer = lab.post("/posted", json=said, headers=NDJSON)

    assert lines(answer) == [{"said": {"a": ["1", "x"]}, "caller": "anon"}]


def test_a_function_that_asks_for_headers_gets_them(lab: Api) -> None:
    found = lines(lab.get("/headers", headers=NDJSON | {"x-mine": "yes"}))

    assert {"name": "x-mine", "value": "yes"} in found


def test_what_changes_something_and_what_is_no_list_stay_json(lab: Api) -> None:
    assert lab.get("/one", headers=CSV).json()["id"] == 1
    assert lab.post("/added", json={"n": 2}, headers=CSV).json() == [1, 2]


def test_what_is_said_of_a_file(lab: Api) -> None:
    answer = lab.get("/thing-tables", headers=CSV)

    assert answer.headers["content-disposition"] == 'attachment; filename="thing-tables.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "accept, accept-encoding"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "x-request-id" in answer.headers
    assert "etag" not in answer.headers


def test_json_says_that_there_are_other_forms(lab: Api) -> None:
    for _ in range(3):  # as a first call, and as one of many
        assert lab.get("/numbers?n=1").headers["vary"] == "accept"
        assert "accept" in lab.get("/kept").headers["vary"]
    assert "vary" not in lab.get("/one").headers


def test_what_is_kept_as_json_is_not_given_for_a_file(lab: Api) -> None:
    for _ in range(3):
        known = lab.get("/kept")
    assert "hit" in known.headers["cache-status"]

    answer = lab.get("/kept", headers=CSV | {"if-none-match": known.headers["etag"]})

    assert answer.status_code == 200
    assert "cache-status" not in answer.headers
    assert len(records(answer.text)) == 4
    assert lab.get("/kept").json() == known.json()


def test_head_says_the_same_without_the_file(lab: Api) -> None:
    for path in ("/numbers?n=1000000", "/none"):
        answer = lab.head(path, headers=CSV)

        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.content == b""
    assert lab.head("/refuses", headers=CSV).status_code == 418
    assert lab.get("/numbers?n=1").status_code == 200


def test_it_is_packed_for_whom_that_suits(lab: Api) -> None:
    plain = lab.get("/numbers?n=50000", headers=CSV | {"accept-encoding": "identity"})
    with lab.stream("GET", "/numbers?n=50000", headers=CSV | {"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())

    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) * 3 < len(plain.content)


# ── What is refused, and what breaks off ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("form", [CSV, NDJSON])
@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/numbers", 422, "n is required"),
        ("/numbers?n=x", 422, "must be an integer"),
        ("/numbers?n=99999999999", 422, "between"),
        ("/numbers?n=1&m=1", 422, "no argument"),
        ("/echo?sizes=1&sizes=x", 422, "sizes"),
        ("/things?limit=51", 422, "limit"),
        ("/things?cursor=eyJhdCI6IngiLCJpZCI6MX0", 422, "cursor"),
        ("/refuses", 418, "Not today."),
        ("/breaks/1", 500, ""),
        ("/nothing", 404, "nothing"),
    ],
)
def test_what_is_refused_is_a_problem(
    lab: Api, form: dict[str, str], path: str, status: int, words: str
) -> None:
    answer = lab.get(path, headers=form)

    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.json()["detail"]
    as_json = lab.get(path)
    if status == 422:
        assert answer.json()["errors"] == as_json.json()["errors"]


@pytest.mark.parametrize("form", [CSV, NDJSON])
def test_an_error_midway_breaks_the_file_off(
    lab: Api, form: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    for packed in ("identity", "gzip"):
        with pytest.raises(httpx.TransportError):
            lab.get("/breaks/500000", headers=form | {"accept-encoding": packed})

    said = [each.message for each in caplog.records if "broke off after" in each.message]
    assert len(said) == 2
    assert all("division by zero" in each for each in said)
    assert not any("without completing" in each.message for each in caplog.records)
    assert lines(lab.get("/numbers?n=1", headers=NDJSON))  # and the next is served


@pytest.mark.parametrize("version", [b"1.1", b"1.0"])
def test_it_is_a_reset_and_no_end(lab: Api, version: bytes) -> None:
    with asking(lab, "/breaks/500000", version) as client, pytest.raises(ConnectionResetError):
        read_on(client)


@contextmanager
def asking(
    client: Api, path: str, version: bytes = b"1.1", accept: str = "text/csv"
) -> Iterator[socket.socket]:
    """A socket on which a file was asked for."""
    url = httpx.URL(client.origin)
    with socket.create_connection((url.host, url.port or 80), timeout=20) as made:
        target = f"{client.settings.api_prefix}{path}".encode()
        head = b"GET %s HTTP/%s\r\nhost: x\r\naccept: %s\r\n\r\n"
        made.sendall(head % (target, version, accept.encode()))
        yield made


def read_on(client: socket.socket) -> None:
    while client.recv(MEGABYTE):
        pass


def copying(database: Database) -> int:
    """How many backends write files."""
    [(count,)] = database.rows(
        "select count(*) from pg_stat_activity"
        " where datname = current_database() and state <> 'idle' and query ilike 'copy (%%'"
    )
    return int(count)


@pytest.mark.parametrize(
    ("path", "begins"),
    [
        ("/numbers?n=1000000000", True),  # PostgreSQL waits for us
        ("/waits?after=5000", True),  # we wait for PostgreSQL, after some rows
        ("/waits", False),  # and before the first
    ],
)
def test_a_client_that_leaves_frees_the_backend(
    lab: Api, base: Database, path: str, begins: bool
) -> None:
    with asking(lab, path) as client:
        if begins:
            assert b"200 OK" in client.recv(4096)
        assert within(5, lambda: copying(base) == 1)

    assert within(2, lambda: copying(base) == 0)
    assert lines(lab.get("/numbers?n=1", headers=NDJSON))


def test_a_connection_is_used_again_after_a_client_left(base: Database) -> None:
    with running(base.serve_url, api_schemas=("lab",), export_size=1) as api:
        pids = set()
        for _ in range(3):
            with asking(api, "/numbers?n=1000000000") as client:
                assert b"200 OK" in client.recv(4096)
                [(pid,)] = base.rows(
                    "select pid from pg_stat_activity where datname = current_database()"
                    " and state = 'active' and query ilike 'copy (%%'"
                )
                pids.add(pid)
            assert within(2, lambda: copying(base) == 0)
            assert lines(api.get("/numbers?n=1", headers=NDJSON))

    assert len(pids) == 1


def test_a_slow_reader_holds_postgresql_up_and_takes_no_memory(lab: Api, base: Database) -> None:
    lab.get("/numbers?n=100000", headers=CSV)
    before = resident()
    with asking(lab, "/numbers?n=100000000&width=100") as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        for _ in range(10):
            client.recv(65_536)
            time.sleep(0.1)
        grown = resident() - before

        assert copying(base) == 1

    assert grown < 16 * MEGABYTE
    assert within(2, lambda: copying(base) == 0)


def resident() -> int:
    """Bytes that this process, in which the API runs, holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_others_are_served_meanwhile(lab: Api) -> None:
    with asking(lab, "/numbers?n=1000000000") as client:
        assert b"200 OK" in client.recv(4096)
        for _ in range(20):
            began = time.monotonic()
            assert lab.get("/one").status_code == 200
            assert time.monotonic() - began < 5
            client.recv(MEGABYTE)


def test_only_so_many_at_once(base: Database) -> None:
    with (
        running(base.serve_url, api_schemas=("lab",), export_size=1, pool_timeout=0.3) as api,
        asking(api, "/numbers?n=1000000000") as client,
    ):
        assert b"200 OK" in client.recv(4096)

        answer = api.get("/numbers?n=1", headers=CSV)

        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/exports-busy"
        assert int(answer.headers["retry-after"]) > 0
        assert api.get("/numbers?n=1").status_code == 200
    # The other role has connections of its own, and this one gets its own back.


def test_a_file_may_take_its_own_time_and_no_longer(base: Database) -> None:
    changes: dict[str, Any] = {"statement_timeout": 200, "export_timeout": 2_000}
    with running(base.serve_url, api_schemas=("lab",), **changes) as api:
        late = api.get("/waits", headers=CSV)
        annotated = api.get("/brief", headers=CSV)
        assert len(lines(api.get("/naps", headers=NDJSON))) == 5
        assert api.get("/naps").status_code == 504
        with asking(api, "/numbers?n=1000000000") as stalled:  # reads nothing
            assert within(3, lambda: copying(base) == 1)
            assert within(6, lambda: copying(base) == 0)
            with pytest.raises(ConnectionResetError):
                read_on(stalled)

    assert (late.status_code, late.json()["title"]) == (504, "It took too long")
    assert annotated.status_code == 504


# ── Hostile arguments ────────────────────────────────────────────────────────────────────────────


def test_arguments_arrive_to_the_letter_and_none_is_carried_out(lab: Api) -> None:
    """Whatever text is sent, a file says it as JSON does."""
    texts = [each.text.decode("utf-8", "replace") for each in PAYLOADS]
    answers = [lab.get("/echo", params={"said": text}, headers=NDJSON) for text in texts]

    told = [
        (text, answer)
        for text, answer in zip(texts, answers, strict=True)
        if answer.status_code != 422
    ]
    assert len(told) > 280
    for text, answer in told:
        assert lines(answer) == [{"said": text, "sizes": None}], text
    assert all("\x00" in t or a.status_code == 200 for t, a in zip(texts, answers, strict=True))


def test_no_argument_stands_in_a_statement(lab: Api, base: Database) -> None:
    with asking(lab, "/waits?after=12345") as client:
        client.recv(4096)
        assert within(5, lambda: copying(base) == 1)
        [(query,)] = base.rows("select query from pg_stat_activity where query ilike 'copy (%%'")

    assert "12345" not in query


def test_hostile_headers_never_fail(lab: Api) -> None:
    for payload in PAYLOADS:
        safe = re.sub(rb"[\x00-\x08\x0a-\x1f\x7f]", b"", payload.text)[:3000].strip() or b"-"
        for accept in (safe, b"text/csv;q=" + safe, b"text/csv, " + safe):
            headers = [(b"accept", accept), (b"accept-encoding", safe)]
            assert lab.get("/numbers?n=2", headers=headers).status_code < 500


# ── The store ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def store(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        demo.seed(database.deployer_url)
        yield database


@pytest.fixture(scope="module")
def callers(store: Database) -> Iterator[dict[str, Api]]:
    """Somebody of each role, on an API to whose store a file was imported."""
    with running(store.serve_url) as api:
        found = {"anon": api}
        for role in ROLES[1:]:
            [(user,)] = store.rows(
                "select u.id from app.users as u where u.role::text = %s"
                " order by (select count(*) from app.orders as o where o.user_id = u.id) desc,"
                " u.id limit 1",
                role,
            )
            found[role] = api.as_user(user, role)
        answer = found["staff"].post(
            "/imports/retail", content=SMALL, headers={"content-type": "text/csv"}
        )
        assert answer.status_code == 201, answer.text
        yield found


def lists(api: Api, store: Database) -> dict[str, list[str]]:
    """The paths of every list that may be a file, as the description has them, with real ids."""
    found: dict[str, list[str]] = {}
    for path, operations in api.get("/openapi.json").json()["paths"].items():
        content = operations.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        if "text/csv" not in content:
            continue
        assert set(content) == {"application/json", "text/csv", "application/x-ndjson"}
        paths = [path.removeprefix(api.settings.api_prefix)]
        for name in re.findall(r"\{(\w+)\}", path):
            table = name.removesuffix("_id") + "s"
            ids = [row[0] for row in store.rows(f"select id from app.{table} order by id limit 3")]
            paths = [each.replace(f"{{{name}}}", str(one)) for each in paths for one in [*ids, 0]]
        found[path] = paths
    return found


@pytest.mark.parametrize("role", ROLES)
def test_every_list_of_the_store_says_the_same_in_all_forms(
    callers: dict[str, Api], store: Database, role: str
) -> None:
    caller = callers[role]
    seen = {}
    for path, paths in lists(caller, store).items():
        for each in paths:
            status = caller.get(each).status_code
            if status == 200:
                seen[path] = seen.get(path, 0) + len(assert_same(caller, each))
            else:
                for form in (CSV, NDJSON):
                    assert caller.get(each, headers=form).status_code == status
    filled = {
        path.removeprefix(caller.settings.api_prefix) for path, count in seen.items() if count
    }
    expected = {
        "anon": {"/products", "/posts", "/users/{user_id}/posts", "/users/with-posts"},
        "member": {"/products", "/posts", "/orders"},
        "staff": {"/products", "/orders", "/users", "/imports", "/imports/{import_id}/rejects"},
        "admin": {"/products", "/orders", "/users", "/imports", "/audit"},
    }[role]
    assert expected <= filled, filled


def test_a_member_gets_their_own_orders_alone(callers: dict[str, Api], store: Database) -> None:
    member = callers["member"]
    me = member.get("/me").json()["id"]
    everything = store.rows("select id, user_id from app.orders")
    own = sorted(order for order, user in everything if user == me)

    header, *rows = records(member.get("/orders", headers=CSV).text)

    assert 0 < len(own) < len(everything)
    assert sorted(int(row[header.index("id")]) for row in rows) == own


def test_who_may_not_read_a_list_may_not_as_a_file(callers: dict[str, Api]) -> None:
    assert callers["anon"].get("/orders", headers=CSV).status_code == 401
    assert callers["member"].get("/users", headers=CSV).status_code == 403
    missing = callers["staff"].get("/imports/987654321/rejects", headers=CSV)
    assert (missing.status_code, missing.json()["detail"]) == (404, "There is no import 987654321.")
