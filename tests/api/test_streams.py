"""Streams of events, over real sockets."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import pytest

from api.check import read
from db.database import Database
from tests.api.conftest import Api, within

PATIENCE = 20.0


@dataclass
class Event:
    id: str
    event: str
    data: Any


@dataclass
class Reader:
    """A client of a stream, in a thread of its own."""

    events: list[Event] = field(default_factory=list)
    comments: int = 0
    last: str = ""
    status: int = 0
    ended: bool = False
    headers: httpx.Headers = field(default_factory=httpx.Headers)
    body: str = ""
    response: httpx.Response | None = None

    def numbers(self) -> list[int]:
        return [event.data["n"] for event in self.events]

    def take(self, block: list[str]) -> None:
        fields: dict[str, list[str]] = {}
        for line in block:
            name, _, value = line.partition(":")
            if not name:
                self.comments += 1
            fields.setdefault(name, []).append(value.removeprefix(" "))
        self.last = fields.get("id", [self.last])[-1]
        if "data" in fields:
            data = json.loads("\n".join(fields["data"]))
            self.events.append(Event(self.last, fields.get("event", ["message"])[-1], data))


@contextmanager
def reading(api: Api, path: str = "/events", after: str = "", **headers: str) -> Iterator[Reader]:
    """Read a stream until the end of the block."""
    reader = Reader()
    said = {"last-event-id": after} if after else {}
    begun = threading.Event()
    client = httpx.Client(base_url=api.base_url, headers=api.headers, timeout=PATIENCE * 3)

    def read_on() -> None:
        try:
            with client.stream("GET", path, headers=said | headers) as response:
                reader.response, reader.status = response, response.status_code
                reader.headers = response.headers
                if response.status_code != 200:
                    reader.body = response.read().decode()
                    return
                begun.set()
                block: list[str] = []
                for line in response.iter_lines():
                    if line:
                        block.append(line)
                    else:
                        reader.take(block)
                        block = []
        except httpx.HTTPError:
            pass
        finally:
            reader.ended = True
            begun.set()

    thread = threading.Thread(target=read_on, daemon=True)
    thread.start()
    try:
        assert begun.wait(PATIENCE)
        assert reader.status != 200 or within(PATIENCE, lambda: bool(reader.last))
        yield reader
    finally:
        hang_up(reader)
        thread.join(PATIENCE)
        client.close()
        assert not thread.is_alive()


def hang_up(reader: Reader) -> None:
    if reader.response is not None and not reader.ended:
        stream = reader.response.extensions["network_stream"]
        raw: socket.socket = stream.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)


def emit(database: Database, n: int, subject: int | None = 7, role: str | None = None) -> None:
    said = [f"'{subject}'" if subject is not None else "null", f"'{role}'" if role else "null"]
    database.psql(
        f"select penstock.emit('test.said', '{{\"n\": {n}}}',"
        f" subject => {said[0]}, role => {said[1]})"
    )


def test_events_come_as_they_happen_to_whom_they_are_for(api: Api, database: Database) -> None:
    with (
        reading(api.as_user(7, "member")) as ada,
        reading(api.as_user(8, "member")) as bob,
        reading(api.as_user(9, "staff")) as sam,
    ):
        emit(database, 1, subject=7)
        emit(database, 2, subject=8)
        emit(database, 3, subject=None, role="staff")
        emit(database, 4, subject=None, role="member")
        emit(database, 5, subject=None)
        emit(database, 6, subject=7)
        assert within(PATIENCE, lambda: ada.numbers() == [1, 4, 6])
        assert within(PATIENCE, lambda: bob.numbers() == [2, 4])
        assert within(PATIENCE, lambda: sam.numbers() == [3])

        assert ada.events[0].event == "test.said"
        assert ada.headers["content-type"] == "text/event-stream"
        assert ada.headers["cache-control"] == "no-store"
        assert ada.headers["x-content-type-options"] == "nosniff"


def test_an_order_tells_its_customer_and_staff(api: Api, database: Database) -> None:
    ((ada,), (bob,)) = database.rows(
        "insert into app.users (email, username) values ('a@b.org', 'ada'), ('b@b.org', 'bob')"
        " returning id"
    )
    database.psql("insert into app.products (sku, name, price, stock) values ('L1', 'L', 5, 9)")
    ((lamp,),) = database.rows("select id from app.products")
    hers, his, theirs = (
        api.as_user(ada, "member"),
        api.as_user(bob, "member"),
        api.as_user(99, "staff"),
    )
    with (
        reading(hers) as seen_by_her,
        reading(his) as seen_by_him,
        reading(theirs, "/orders/events") as seen_by_staff,
    ):
        placed = hers.post(
            "/orders", json={"lines": [{"product_id": lamp, "quantity": 1}], "country": "France"}
        )
        number = placed.json()["id"]
        assert hers.post(f"/orders/{number}/pay").status_code == 200
        assert theirs.post(f"/orders/{number}/ship").status_code == 200
        wanted = ["order.placed", "order.paid", "order.shipped"]
        for reader in (seen_by_her, seen_by_staff):
            assert within(PATIENCE, lambda r=reader: [e.event for e in r.events] == wanted)
        assert {event.data["order_id"] for event in seen_by_her.events} == {number}
        assert seen_by_him.events == []
    assert api.as_user(ada, "member").get("/orders/events").status_code == 403
    assert api.get("/events").status_code == 401


def test_what_was_missed_comes_after_the_place(api: Api, database: Database) -> None:
    client = api.as_user(7, "member")
    with reading(client) as reader:
        begin = reader.last
        for n in (1, 2, 3):
            emit(database, n)
        assert within(PATIENCE, lambda: reader.numbers() == [1, 2, 3])
        second = reader.events[1].id
    emit(database, 4)
    with reading(client, after=second) as reader:
        assert within(PATIENCE, lambda: reader.numbers() == [3, 4])
    with reading(client, after=begin) as reader:
        assert within(PATIENCE, lambda: reader.numbers() == [1, 2, 3, 4])
    with reading(client, f"/events?after={second}") as reader:
        assert within(PATIENCE, lambda: reader.numbers() == [3, 4])
    with reading(client, f"/events?after={begin}&limit=1", after=second) as reader:
        assert within(PATIENCE, lambda: reader.numbers() == [3, 4])
        place = reader.last
    assert int(place.split("-")[0]) > int(second.split("-")[0])


def test_a_stream_is_gone_on_with_at_another_server(
    database: Database, serve: Callable[..., Api]
) -> None:
    here, there = (serve(database.serve_url).as_user(7, "member") for _ in range(2))
    with reading(here) as one, reading(there) as other:
        emit(database, 1)
        assert within(PATIENCE, lambda: one.numbers() == other.numbers() == [1])
        assert one.events == other.events
        place = one.last
    emit(database, 2)
    with reading(there, after=place) as reader:
        assert within(PATIENCE, lambda: reader.numbers() == [2])


def test_no_event_is_lost_or_doubled_while_transactions_commit_out_of_order(
    api: Api, database: Database
) -> None:
    """Clients come and go while writers commit in another order than they began."""
    client = api.as_user(7, "member")
    stopped = threading.Event()
    written: list[int] = []

    def write(first: int) -> None:
        with psycopg.connect(database.superuser_url) as connection:
            n = first
            while not stopped.is_set():
                said = f'{{"n": {n}}}'
                connection.execute(
                    "select penstock.emit('test.said', %s::jsonb, subject => '7')", (said,)
                )
                time.sleep(0.005 * (n % 7))  # the later begin may be the earlier end
                if n % 5:
                    connection.commit()
                    written.append(n)
                else:
                    connection.rollback()
                n += 1

    threads = [threading.Thread(target=write, args=(1_000_000 * i,)) for i in range(1, 5)]
    seen: list[int] = []
    with reading(client) as reader:
        last = reader.last
    for thread in threads:
        thread.start()
    try:
        for _ in range(8):
            with reading(client, after=last) as reader:
                count = len(reader.events)
                within(0.5, lambda r=reader, c=count: len(r.events) > c + 20)
            seen += reader.numbers()
            last = reader.last
    finally:
        stopped.set()
        for thread in threads:
            thread.join()
    with reading(client, after=last) as reader:
        assert within(PATIENCE, lambda: len(seen) + len(reader.events) >= len(written))
        time.sleep(0.3)
        seen += reader.numbers()

    assert len(written) > 50
    assert sorted(seen) == sorted(written)


def test_an_older_transaction_holds_events_back_until_it_ends(api: Api, database: Database) -> None:
    with (
        reading(api.as_user(7, "member")) as reader,
        psycopg.connect(database.superuser_url) as older,
    ):
        older.execute("select penstock.emit('test.said', '{\"n\": 1}', subject => '7')")
        emit(database, 2)
        assert not within(1, lambda: bool(reader.events))
        older.commit()
        assert within(PATIENCE, lambda: reader.numbers() == [1, 2])


@pytest.fixture
def logged_in(api: Api) -> Callable[[], tuple[Api, str]]:
    """A registered user with a session."""
    person = {"email": "zoe@example.org", "username": "zoe", "password": "correct horse"}
    assert api.post("/users", json=person).status_code == 201

    def log_in() -> tuple[Api, str]:
        answer = api.post(
            "/auth/login", json={"email": "zoe@example.org", "password": "correct horse"}
        )
        client = api.as_user(0, "member")
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client, answer.json()["refresh_token"]

    return log_in


def test_a_session_that_ends_takes_its_streams_along(
    api: Api, database: Database, logged_in: Callable[[], tuple[Api, str]]
) -> None:
    first, token = logged_in()
    second, _ = logged_in()
    with reading(first) as one, reading(second) as two:
        assert api.post("/auth/logout", json={"refresh_token": token}).status_code == 204
        began = time.monotonic()
        assert within(PATIENCE, lambda: one.ended)
        assert time.monotonic() - began < 5  # a second or so, on a machine that is busy
        assert not two.ended
        database.psql("update auth.sessions set ended_at = now()")  # by SQL, seen by the drain
        assert within(5, lambda: two.ended)
    assert first.get("/events").status_code == 401


def test_a_token_that_expires_ends_the_stream(
    database: Database, serve: Callable[..., Api]
) -> None:
    api = serve(database.serve_url, jwt_ttl=2)
    with reading(api.as_user(7, "member")) as reader:
        assert not reader.ended
        assert within(6, lambda: reader.ended)


def test_a_right_that_is_taken_away_ends_the_stream(api: Api, database: Database) -> None:
    with reading(api.as_user(7, "member")) as reader:
        database.psql(
            "revoke execute on function api.event_list(penstock.event_place, api.page_size)"
            " from member"
        )
        emit(database, 1)
        assert within(PATIENCE, lambda: reader.ended)
        assert reader.events == []


def test_a_policy_that_changes_counts_for_streams_that_are_open(
    api: Api, database: Database
) -> None:
    with reading(api.as_user(7, "member")) as reader:
        emit(database, 1)
        assert within(PATIENCE, lambda: reader.numbers() == [1])
        database.psql("drop policy events_subject on penstock.events")
        emit(database, 2)
        emit(database, 3, subject=None, role="member")
        assert within(PATIENCE, lambda: reader.numbers() == [1, 3])


def test_a_heart_beats(database: Database, serve: Callable[..., Api]) -> None:
    api = serve(database.serve_url, stream_heartbeat=1)
    with reading(api.as_user(7, "member")) as reader:
        assert within(PATIENCE, lambda: reader.comments >= 2)
        assert reader.events == []


def test_nobody_has_more_streams_than_they_may(
    database: Database, serve: Callable[..., Api]
) -> None:
    api = serve(database.serve_url, streams_per_caller=2, streams=3)
    ada, bob, eve = (api.as_user(n, "member") for n in (7, 8, 9))
    with reading(ada), reading(ada) as other, reading(bob):
        with reading(ada) as third:
            assert third.status == 429
            assert json.loads(third.body)["type"].endswith("too-many-streams")
        with reading(eve) as fourth:
            assert fourth.status == 503
            assert fourth.headers["retry-after"] == "5"
        hang_up(other)
        # Who has left is forgotten.
        assert within(PATIENCE, lambda: _opens(eve))


def _opens(client: Api) -> bool:
    with reading(client) as reader:
        return reader.status == 200


def test_a_thousand_idle_streams_hold_no_connection(
    database: Database, serve: Callable[..., Api]
) -> None:
    api = serve(database.serve_url, streams_per_caller=2000)
    client = api.as_user(7, "member")
    host, port = api.origin.removeprefix("http://").split(":")
    request = (
        f"GET {api.settings.api_prefix}/events HTTP/1.1\r\nHost: x\r\n"
        f"Authorization: {client.headers['authorization']}\r\n\r\n"
    ).encode()

    def connections() -> int:
        ((number,),) = database.rows(
            "select count(*) from pg_stat_activity"
            f" where datname = '{database.name}' and usename = 'authenticator'"
        )
        return int(number)

    with reading(client) as reader:
        before = connections()
        sockets = []
        try:
            for _ in range(1000):
                each = socket.create_connection((host, int(port)))
                each.settimeout(PATIENCE)
                each.sendall(request)
                sockets.append(each)
            for each in sockets:
                received = b""
                while b"id: " not in received:
                    received += each.recv(4096)
            assert connections() <= before + 40  # what calls may have at once, and no more
            emit(database, 1)
            for each in sockets:
                received = b""
                while b'{"n": 1}' not in received:
                    received += each.recv(4096)
            assert within(PATIENCE, lambda: reader.numbers() == [1])
            ((busy,),) = database.rows(
                "select count(*) from pg_stat_activity where state <> 'idle'"
                f" and datname = '{database.name}' and usename = 'authenticator'"
            )
            assert busy <= 1  # the drain's, if any
        finally:
            for each in sockets:
                each.close()


def test_a_client_that_takes_nothing_makes_nobody_keep_more(api: Api, database: Database) -> None:
    host, port = api.origin.removeprefix("http://").split(":")
    client = api.as_user(7, "member")
    with socket.socket() as stuck, reading(client) as reader:
        stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        stuck.connect((host, int(port)))
        stuck.sendall(
            f"GET {api.settings.api_prefix}/events HTTP/1.1\r\nHost: x\r\n"
            f"Authorization: {client.headers['authorization']}\r\n\r\n".encode()
        )
        assert b"200" in stuck.recv(64)
        database.psql(
            "select penstock.emit('test.said',"
            " jsonb_build_object('n', n, 'pad', repeat('x', 20000)),"
            " subject => '7') from generate_series(1, 2000) as n"
        )
        assert within(PATIENCE * 2, lambda: len(reader.events) == 2000)
        # Forty megabytes were said; what the stuck one is owed stays in the database.
        stuck.settimeout(PATIENCE)
        received = 0
        while chunk := stuck.recv(1 << 20):
            received += len(chunk)
            if received > 40_000_000:
                break
        assert received > 40_000_000


def test_streams_end_when_the_server_goes(database: Database) -> None:
    from tests.api.conftest import running  # noqa: PLC0415 -- its end is what is tested

    with running(database.serve_url) as api:
        client = api.as_user(7, "member")
        reader_context = reading(client)
        reader = reader_context.__enter__()
        began = time.monotonic()
    assert reader.ended or within(2, lambda: reader.ended)
    assert time.monotonic() - began < 8
    reader_context.__exit__(None, None, None)


@pytest.mark.parametrize("place", ["abc", "1", "-", "1-1\x00", "ä-1", "1-1-1", "9" * 30 + "-1"])
def test_a_place_that_is_none_is_refused(shared_api: Api, place: str) -> None:
    client = shared_api.as_user(7, "member")
    answers = [client.get("/events", params={"after": place})]
    if place.isascii() and "\x00" not in place:
        answers.append(client.get("/events", headers={"last-event-id": place}))

    assert {answer.status_code for answer in answers} == {422}


def test_a_place_of_another_database_is_refused(shared_api: Api) -> None:
    client = shared_api.as_user(7, "member")

    assert client.get("/events", params={"after": "9" * 18 + "-1"}).status_code == 410


def test_head_says_what_it_is(shared_api: Api) -> None:
    answer = shared_api.as_user(7, "member").head("/events")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")


def test_the_description_says_that_it_is_a_stream(shared_api: Api) -> None:
    paths = shared_api.get("/openapi.json").json()["paths"]
    operation = paths[shared_api.settings.api_prefix + "/events"]["get"]

    assert set(operation["responses"]["200"]["content"]) == {"text/event-stream"}
    assert "Last-Event-ID" in {each["name"] for each in operation["parameters"]}


SOMEBODY_ELSES = """
create schema lab;
create function lab.said(after text default null, "limit" int default 10)
    returns table (id text, event text, data json) stable language sql
    as $$ select '1', 'a', '1'::json $$;
comment on function lab.said is 'HTTP GET /said
@events tags={tag}';
"""


def test_without_the_machinery_the_annotation_is_an_error(empty_database: Database) -> None:
    empty_database.psql(SOMEBODY_ELSES.format(tag="events"))
    _, errors = read(empty_database.superuser_url, ("lab",))

    assert len(errors) == 1
    assert "deploy the machinery" in errors[0]


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("@events", "it takes the tags"),
        ("@events tags=", "it takes the tags"),
        ("@events tags=events:{user}", "it takes the tags"),
        ("@events tags=unheard", "which nothing touches"),
        ("@events tags=events\n@cache 1min", "has @events and @cache"),
    ],
)
def test_an_annotation_that_does_not_fit_is_an_error(
    database: Database, comment: str, said: str
) -> None:
    database.psql(SOMEBODY_ELSES.format(tag="events"))
    database.psql(f"comment on function lab.said is 'HTTP GET /said\n{comment}'")
    _, errors = read(database.superuser_url, ("lab",))

    assert len(errors) == 1
    assert said in errors[0]


def test_events_of_somebodys_own_making_are_streamed(
    database: Database, serve: Callable[..., Api]
) -> None:
    """Any table will do, whatever its ids: here a text of two lines, and numbers to the digit."""
    database.psql("""
        create schema lab;
        grant usage on schema lab to anon;
        create table lab.notes (id bigint primary key, data json not null);
        grant select on lab.notes to anon;
        call penstock.rows_tag('lab.notes', 'notes');
        create function lab.said(after bigint default null, "limit" integer default 10)
            returns table (id bigint, event text, data json) stable language sql as $$
                select n.id, null, n.data from lab.notes as n
                where n.id > coalesce(said.after, 0) order by n.id limit said."limit" $$;
        comment on function lab.said is 'HTTP GET /said
@events tags=notes';
        grant execute on function lab.said to anon;
        insert into lab.notes values (1, E'{\\n"n": 1.10}');
    """)
    api = serve(database.serve_url, api_schemas=("lab",), jwt_secret=None)
    with reading(api, "/said") as reader:
        database.psql("insert into lab.notes values (2, '{\"n\": 2}')")
        assert within(PATIENCE, lambda: reader.numbers() == [1.10, 2])
        assert [(event.id, event.event) for event in reader.events] == [
            ("1", "message"),
            ("2", "message"),
        ]
