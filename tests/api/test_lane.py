"""Calls on connections that die, run out, or served somebody else before."""

import asyncio
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import httpx
import psycopg
import pytest

from api import exclusive
from api import lanes as lanes_module
from api.exclusive import ExclusiveLane
from api.lane import Call, Context, ask, pinned_conninfo
from api.lanes import Lanes, Speed
from api.wire import Wire
from db.database import Database
from db.testbed import Testbed
from tests.api.conftest import Api, running

SQL = """
create table public.notes (id int generated always as identity, words text);
grant select, insert on public.notes to public;

create function public.read_note() returns int stable language sql as 'select 1';
comment on function public.read_note is 'HTTP GET /read';
create function public.read_slowly() returns int stable language plpgsql
    as 'begin perform pg_sleep(0.4); return 1; end';
comment on function public.read_slowly is 'HTTP GET /read-slowly';
create function public.read_slowly_shared() returns int stable language sql
    as 'select public.read_slowly()';
comment on function public.read_slowly_shared is E'HTTP GET /read-slowly-shared\\n@lane shared';
create function public.read_slowly_shared_too() returns int stable language sql
    as 'select public.read_slowly()';
comment on function public.read_slowly_shared_too is
    E'HTTP GET /read-slowly-shared-too\\n@lane shared';
create function public.write_note(words text default '') returns int language sql
    as $$ insert into public.notes (words) values (words) returning id $$;
comment on function public.write_note is 'HTTP POST /write';
create function public.write_slowly() returns void language plpgsql as $$
begin
    insert into public.notes (words) values ('slow');
    perform pg_sleep(0.4);
end $$;
comment on function public.write_slowly is 'HTTP POST /write-slowly';
create function public.write_in_secret() returns int stable language plpgsql as $$
begin
    execute 'insert into public.notes (words) values (1)';
    return 1;
end $$;
comment on function public.write_in_secret is 'HTTP GET /write-in-secret';
create function public.read_loudly() returns int stable language plpgsql as $$
begin
    for n in 1..200 loop
        raise notice 'so loud: %', repeat('!', 1000);
    end loop;
    return 1;
end $$;
comment on function public.read_loudly is E'HTTP GET /read-loudly\\n@lane shared';
create function public.list_notes() returns setof public.notes stable language sql
    as 'select * from public.notes';
comment on function public.list_notes is E'HTTP GET /notes\\n@lane shared';
create function public.list_notes_too() returns setof public.notes stable language sql
    as 'select * from public.notes';
comment on function public.list_notes_too is E'HTTP GET /notes-exclusive\\n@lane exclusive';

create function public.for_admins() returns text stable language sql as $$ select 'secret'::text $$;
revoke execute on function public.for_admins from public;
grant execute on function public.for_admins to admin;
create function public.wrapper() returns text stable language plpgsql
    as 'begin return public.for_admins(); end';
comment on function public.wrapper is 'HTTP GET /wrapper';
create function public.wrapper_in_sql() returns setof text stable language sql
    as 'select public.for_admins()';
comment on function public.wrapper_in_sql is 'HTTP GET /wrapper-in-sql';
create function public.wrapper_shared() returns setof text stable language sql
    as 'select public.for_admins()';
comment on function public.wrapper_shared is E'HTTP GET /wrapper-shared\\n@lane shared';

create function public.context() returns json stable language sql as $$
    select json_build_object(
        'role', current_user,
        'sub', nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub',
        'headers', nullif(current_setting('request.headers', true), ''),
        'method', current_setting('request.method', true),
        'path', current_setting('request.path', true),
        'status', nullif(current_setting('response.status', true), ''),
        'timeout', current_setting('statement_timeout')
    )
$$;
comment on function public.context is E'HTTP GET /context\\n@lane exclusive';
create function public.context_shared() returns json stable language sql
    as 'select public.context()';
comment on function public.context_shared is E'HTTP GET /context-shared\\n@lane shared';
create function public.context_with_headers() returns text stable language sql
    as $$ select current_setting('request.headers')::json ->> 'x-mark' $$;
comment on function public.context_with_headers is E'HTTP GET /headers\\n@headers\\n@timeout 1s';
create function public.leaves_traces(everything boolean) returns text language plpgsql as $$
begin
    perform set_config('response.status', '202', true);
    perform set_config('role', 'admin', not everything);
    perform set_config('request.jwt.claims', '{"sub": "forged"}', not everything);
    perform set_config('request.path', '/forged', not everything);
    perform set_config('statement_timeout', '77', not everything);
    perform set_config('transaction_read_only', 'off', not everything);
    return current_user;
end $$;
comment on function public.leaves_traces is 'HTTP POST /traces';
"""
ASLEEP = """
select count(*) from pg_stat_activity
where datname = current_database() and wait_event = 'PgSleep'
"""
KILL = """
select count(pg_terminate_backend(pid)) from pg_stat_activity
where datname = current_database() and application_name = 'penstock'
"""


@pytest.fixture
def base(bed: Testbed) -> Iterator[Database]:
    with bed.database("template0") as database:
        database.psql(SQL)
        yield database


@pytest.fixture
def start(base: Database) -> Iterator[Callable[..., Api]]:
    """Start an API on the base; closed in the end, with every client of it."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(
            running(base.serve_url, api_schemas=("public",), api_prefix="", **changes)
        )


@contextmanager
def cut_off(base: Database) -> Iterator[list[int]]:
    """Once somebody sleeps in the database, end all connections; the list then says how many."""
    killed: list[int] = []

    def cut() -> None:
        deadline = time.monotonic() + 10
        while base.rows(ASLEEP) == [(0,)] and time.monotonic() < deadline:
            time.sleep(0.01)
        killed.append(base.rows(KILL)[0][0])

    thread = threading.Thread(target=cut)
    thread.start()
    yield killed
    thread.join()


def together(count: int, call: Callable[[int], httpx.Response]) -> list[httpx.Response]:
    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


def statuses(answers: list[httpx.Response]) -> set[int]:
    return {answer.status_code for answer in answers}


def test_the_first_requests_may_come_all_at_once(start: Callable[..., Api]) -> None:
    api = start()

    assert statuses(together(30, lambda _: api.get("/read"))) == {200}


def test_reads_recover_when_every_connection_died_while_idle(
    start: Callable[..., Api], base: Database
) -> None:
    api = start()
    for _ in range(3):
        assert statuses(together(8, lambda _: api.get("/read-slowly"))) == {200}
        ((killed,),) = base.rows(KILL)
        started = time.monotonic()

        answers = together(12, lambda _: api.get("/read"))

        assert killed >= 1
        assert statuses(answers) == {200}
        assert time.monotonic() - started < 4


def test_reads_recover_when_every_connection_dies_under_them(
    start: Callable[..., Api], base: Database
) -> None:
    api = start()
    with cut_off(base) as killed:
        answers = together(8, lambda _: api.get("/read-slowly"))

    assert killed[0] >= 1
    assert statuses(answers) == {200}


def test_a_write_that_was_cut_off_is_503_and_is_not_run_twice(
    start: Callable[..., Api], base: Database
) -> None:
    api = start()
    with cut_off(base):
        answers = together(6, lambda _: api.post("/write-slowly"))

    done = sum(answer.status_code == 204 for answer in answers)
    assert statuses(answers) <= {204, 503}
    assert 503 in statuses(answers)
    assert all(a.headers["retry-after"] == "1" for a in answers if a.status_code == 503)
    assert base.rows("select count(*) from public.notes") == [(done,)]
    assert api.post("/write").status_code == 200


def test_a_write_on_a_connection_that_died_while_idle_is_told_the_truth(
    start: Callable[..., Api], base: Database
) -> None:
    api = start()
    assert statuses(together(4, lambda _: api.post("/write"))) == {200}
    base.rows(KILL)

    answers = [api.post("/write") for _ in range(8)]

    done = 4 + sum(answer.status_code == 200 for answer in answers)
    assert statuses(answers) <= {200, 503}
    assert base.rows("select count(*) from public.notes") == [(done,)]
    assert answers[-1].status_code == 200


def test_a_get_can_not_write_whatever_its_function_says(
    start: Callable[..., Api], base: Database
) -> None:
    assert start().get("/write-in-secret").status_code == 500
    assert base.rows("select count(*) from public.notes") == [(0,)]


@pytest.mark.parametrize("path", ["/wrapper", "/wrapper-in-sql", "/wrapper-shared"])
def test_no_role_gets_an_answer_through_another_roles_plan(
    start: Callable[..., Api], path: str
) -> None:
    api = start(pool_size=1)
    with api.as_user(1, "admin") as admin, api.as_user(2, "member") as member:
        for _ in range(15):
            assert admin.get(path).status_code == 200
            assert member.get(path).status_code == 403
            assert api.get(path).status_code == 401

        assert admin.get(path).status_code == 200


def test_no_role_gets_one_at_any_depth(start: Callable[..., Api]) -> None:
    """Many calls of both roles under way at once, on few shared connections."""
    api = start(shared_size=1)
    with api.as_user(1, "admin") as admin, api.as_user(2, "member") as member:
        callers = [admin, member] * 100

        with ThreadPoolExecutor(24) as threads:
            answers = list(threads.map(lambda caller: caller.get("/wrapper-shared"), callers))

    assert [answer.status_code for answer in answers] == [200, 403] * 100


def test_on_one_connection_for_two_roles_the_plan_would_leak(base: Database) -> None:
    """The control: why a connection serves one role."""
    with psycopg.connect(base.serve_url, autocommit=True) as connection:
        connection.execute("set role admin")
        connection.execute("select public.wrapper()")
        connection.execute("set role member")

        assert connection.execute("select public.wrapper()").fetchone() == ("secret",)


@pytest.mark.parametrize("path", ["/context", "/context-shared"])
def test_nothing_of_one_callers_context_reaches_the_next(
    start: Callable[..., Api], path: str
) -> None:
    api = start(pool_size=1, shared_size=1)
    with api.as_user(1, "member") as one, api.as_user(2, "member") as other:
        for _ in range(7):
            seen = [client.get(path).json() for client in (one, api, other)]
            mark = one.get("/headers", headers={"x-mark": "seen"}).json()

            assert mark == "seen"
            assert [each["sub"] for each in seen] == ["1", None, "2"]
            assert [each["role"] for each in seen] == ["member", "anon", "member"]
            assert [each["headers"] for each in seen] == [None] * 3
            assert {each["path"] for each in seen} == {path}


@pytest.mark.parametrize("everything", [False, True])
def test_no_trace_that_a_function_leaves_reaches_the_next_call(
    start: Callable[..., Api], *, everything: bool
) -> None:
    api = start(pool_size=1)
    with api.as_user(1, "member") as member:
        before = member.get("/context").json()

        for _ in range(6):
            left = member.post("/traces", json={"everything": everything})

            assert (left.status_code, left.json()) == (202, "admin")
            assert member.get("/context").json() == before
            assert member.post("/write").status_code == 200
            assert member.get("/write-in-secret").status_code == 500


def test_when_no_connection_is_free_it_is_503_and_short_reads_are_served(
    start: Callable[..., Api],
) -> None:
    api = start(pool_size=1, pool_timeout=0.1)
    with ThreadPoolExecutor(1) as threads, api.as_user(1, "member") as member:
        for _ in range(6):
            member.get("/read")
        slow = threads.submit(api.get, "/read-slowly")
        time.sleep(0.15)

        refused, served = api.post("/write"), member.get("/read")

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["type"] == "/problems/database-unavailable"
        assert served.status_code == 200
        assert slow.result().status_code == 200
    assert api.post("/write").status_code == 200


def test_roles_share_what_connections_there_are(start: Callable[..., Api]) -> None:
    """One connection for writes of four roles: it is made anew, and nobody starves."""
    api = start(pool_size=1, pool_timeout=2)
    with api.as_user(1, "admin") as admin, api.as_user(2, "member") as member:
        callers = [api, admin, member] * 20

        with ThreadPoolExecutor(12) as threads:
            answers = list(threads.map(lambda caller: caller.post("/write"), callers))

    assert statuses(answers) == {200}


def test_what_waits_behind_a_slow_read_is_answered_elsewhere(start: Callable[..., Api]) -> None:
    """A read that claims the shared lane, and holds it up: fast ones don't wait for its end."""
    api = start(shared_size=1)
    assert api.get("/context-shared").status_code == 200
    assert api.get("/read-slowly-shared").json() == 1

    with ThreadPoolExecutor(8) as threads:
        slow = threads.submit(api.get, "/read-slowly-shared-too")
        time.sleep(0.005)
        fast = list(threads.map(lambda _: api.get("/context-shared"), range(7)))
        still_running = not slow.done()

        assert statuses(fast) == {200}
        assert still_running
        assert slow.result().json() == 1


def test_a_client_that_leaves_costs_no_connection(start: Callable[..., Api]) -> None:
    api = start(pool_size=2)
    for _ in range(6):
        with pytest.raises(httpx.ReadTimeout):
            api.get("/read-slowly", timeout=0.05)

    time.sleep(0.5)

    assert statuses(together(4, lambda _: api.get("/read"))) == {200}


READ = Context("anon", "", "GET", "/", 1000, read_only=True)


def test_answers_come_to_their_own_calls_and_errors_too(base: Database) -> None:
    """Twenty calls in one go on one connection, of which every fifth fails."""

    async def run() -> list[object]:
        wire = await Wire.open(pinned_conninfo(base.serve_url), reads=True)
        calls = [
            Call(READ, "select (10 / $1::int)::text", [str(n % 5)], reads_out=False)
            for n in range(20)
        ]
        answers = await asyncio.gather(*(ask(wire, call) for call in calls), return_exceptions=True)
        wire.close()
        return [getattr(each, "row", None) or type(each).__name__ for each in answers]

    assert asyncio.run(run()) == ["DivisionByZero", [b"10"], [b"5"], [b"3"], [b"2"]] * 4


def test_a_connection_on_which_a_call_could_not_be_sent_is_given_up(base: Database) -> None:
    """Answers are matched to calls by their order: half a call would shift everybody's."""

    async def run() -> bool:
        wire = await Wire.open(pinned_conninfo(base.serve_url), reads=True)
        with pytest.raises(UnicodeEncodeError):
            await ask(wire, Call(READ, "select $1::text", ["\ud800"], reads_out=False))
        return wire.alive

    assert asyncio.run(run()) is False


def test_more_than_the_sockets_hold_goes_out_and_comes_back(base: Database) -> None:
    """20 MB each way on one connection: neither side may wait for the other to read first."""

    async def run() -> list[int]:
        wire = await Wire.open(pinned_conninfo(base.serve_url), reads=True)
        calls = [
            Call(READ, "select $1::text", [f"{n:02}" * 250_000], reads_out=False) for n in range(40)
        ]
        answers = await asyncio.gather(*(ask(wire, call) for call in calls))
        wire.close()
        texts = [each.row[0] if each.row else None for each in answers]
        return [n for n, text in enumerate(texts) if text != f"{n:02}".encode() * 250_000]

    assert asyncio.run(run()) == []


def test_what_a_function_tells_the_session_disturbs_nobody(start: Callable[..., Api]) -> None:
    api = start(shared_size=1)

    answers = together(20, lambda n: api.get("/read-loudly" if n % 2 else "/read"))

    assert [each.json() for each in answers] == [1] * 20


def test_a_column_that_a_table_got_is_read_through_every_connection(
    start: Callable[..., Api], base: Database
) -> None:
    """PostgreSQL gives NULL for it where the statement was prepared before, not the default."""
    api = start(pool_size=4)
    api.post("/write", json={"words": "a"})
    together(20, lambda n: api.get("/notes" if n % 2 else "/notes-exclusive"))

    base.psql("alter table public.notes add column more int default 5")
    deadline = time.monotonic() + 10
    while "more" not in api.get("/openapi.json").text and time.monotonic() < deadline:
        time.sleep(0.05)
    answers = together(20, lambda n: api.get("/notes" if n % 2 else "/notes-exclusive"))

    assert [each.json() for each in answers] == [[{"id": 1, "words": "a", "more": 5}]] * 20


def test_without_planning_anew_it_would_be_null(base: Database) -> None:
    """Control: what PostgreSQL does, and that this mends it."""
    base.psql("insert into public.notes (words) values ('a')")
    with psycopg.connect(base.superuser_url, autocommit=True) as connection:
        connection.execute("prepare s as select json_agg(n.*)::text from public.list_notes() as n")
        connection.execute("execute s")
        base.psql("alter table public.notes add column more int default 5")
        before = connection.execute("execute s").fetchone()
        connection.execute("discard plans")
        after = connection.execute("execute s").fetchone()

    assert before == ('[{"id":1,"words":"a","more":null}]',)
    assert after == ('[{"id":1,"words":"a","more":5}]',)


def test_a_call_under_way_is_answered_before_the_server_ends(base: Database) -> None:
    with ThreadPoolExecutor(2) as threads:
        with running(base.serve_url, api_schemas=("public",), api_prefix="") as api:
            calls = [
                threads.submit(httpx.post, f"{api.origin}/write-slowly"),
                threads.submit(httpx.get, f"{api.origin}/read-slowly-shared"),
            ]
            deadline = time.monotonic() + 10
            while base.rows(ASLEEP) != [(2,)] and time.monotonic() < deadline:
                time.sleep(0.01)
        answers = [each.result() for each in calls]

    assert [each.status_code for each in answers] == [204, 200]
    assert base.rows("select count(*) from public.notes") == [(1,)]


def test_thousands_who_gave_up_waiting_are_passed_over(base: Database) -> None:
    """All at once, as when a crowd's time runs out in one turn of the event loop."""

    async def run() -> bytes | None:
        lane = ExclusiveLane(base.serve_url, size=1, timeout=5)
        slow = Call(READ, "select pg_sleep(0.3)::text", [], reads_out=False)
        first = asyncio.create_task(ask(lane, slow))
        await asyncio.sleep(0.15)
        crowd = [asyncio.create_task(ask(lane, slow)) for _ in range(3000)]
        last = asyncio.create_task(ask(lane, Call(READ, "select 'mine'", [], reads_out=False)))
        await asyncio.sleep(0)
        for waiter in crowd:
            waiter.cancel()
        await asyncio.gather(first, *crowd, return_exceptions=True)
        answer = await last
        await lane.close()
        return answer.row[0] if answer.row else None

    assert asyncio.run(run()) == b"mine"


def test_two_roles_that_both_queue_do_not_take_each_others_connections(base: Database) -> None:
    """To open a connection for each turn of the other role would cost more than the calls."""

    async def run() -> tuple[set[bytes | None], float]:
        lane = ExclusiveLane(base.serve_url, size=4, timeout=5)
        began = time.monotonic()
        backends = set()

        async def client(role: str) -> None:
            context = Context(role, "", "GET", "/", 1000, read_only=True)
            call = Call(context, "select pg_backend_pid(), pg_sleep(0.01)", [], reads_out=False)
            for _ in range(8):
                answer = await ask(lane, call)
                backends.add(answer.row and answer.row[0])

        await asyncio.gather(*(client("admin" if n % 6 == 0 else "anon") for n in range(90)))
        await lane.close()
        return backends, time.monotonic() - began

    backends, seconds = asyncio.run(run())
    turns = seconds / exclusive._PATIENCE_SECONDS
    assert len(backends) <= 4 + 2 + turns  # of 720 calls


def test_a_role_without_a_connection_gets_one_while_others_queue(base: Database) -> None:
    async def run() -> bytes | None:
        lane = ExclusiveLane(base.serve_url, size=2, timeout=5)
        slow = Call(READ, "select pg_sleep(0.05)::text", [], reads_out=False)
        crowd = [asyncio.create_task(ask(lane, slow)) for _ in range(200)]
        await asyncio.sleep(0.1)
        admin = Context("admin", "", "GET", "/", 1000, read_only=True)
        answer = await ask(lane, Call(admin, "select 'mine'", [], reads_out=False))
        waiting = [task for task in crowd if not task.done()]
        assert waiting
        for task in waiting:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
        await lane.close()
        return answer.row[0] if answer.row else None

    assert asyncio.run(run()) == b"mine"


def test_a_server_that_does_not_keep_to_its_own_timeout_is_given_up(
    base: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its backend is stopped, as a machine that hangs would stop it."""
    monkeypatch.setattr(exclusive, "_GRACE_SECONDS", 0.2)

    async def run() -> None:
        lane = ExclusiveLane(base.serve_url, size=1, timeout=5)
        pid = (await ask(lane, Call(READ, "select pg_backend_pid()", [], reads_out=False))).row
        assert pid is not None
        backend = int(pid[0] or b"")
        context = Context("anon", "", "GET", "/", 100, read_only=True)
        os.kill(backend, signal.SIGSTOP)
        try:
            with pytest.raises(TimeoutError):
                await ask(lane, Call(context, "select 1", [], reads_out=False))
        finally:
            os.kill(backend, signal.SIGCONT)
        await ask(lane, Call(READ, "select 1", [], reads_out=False))
        await lane.close()

    asyncio.run(run())


@pytest.mark.parametrize(("milliseconds", "backends"), [(0, 1), (2, 2)])
def test_short_calls_share_a_connection_and_long_ones_are_made_side_by_side(
    base: Database, milliseconds: int, backends: int
) -> None:
    """Two at once, over and over, of which some were timed before."""

    async def run() -> set[bytes | None]:
        lanes = Lanes(base.serve_url, 2, 2, timeout=5, timeout_ms=1000)
        statement = "select pg_backend_pid(), pg_sleep($1::float / 1000)"

        async def crowd() -> set[bytes | None]:
            calls = [
                Call(READ, statement, [str(milliseconds)], False, name="nap", lane="shared")
                for _ in range(2)
            ]
            answers = await asyncio.gather(*(ask(lanes, call) for call in calls))
            return {answer.row and answer.row[0] for answer in answers}

        for _ in range(4):  # in which connections are opened
            await crowd()
        used = await crowd()
        await lanes.close()
        return used

    assert len(asyncio.run(run())) == backends


def test_a_fast_call_is_timed_now_and_then(base: Database) -> None:
    """What a function takes changes with its data, and is measured where nobody notices."""

    async def run() -> tuple[float, float]:
        lanes = Lanes(base.serve_url, 1, 1, timeout=5, timeout_ms=1000)

        async def calls(milliseconds: int) -> float:
            statement = "select pg_sleep($1::float / 1000)"
            call = Call(READ, statement, [str(milliseconds)], False, name="nap", lane="shared")
            for _ in range(lanes_module._TIMED):
                answer = await ask(lanes, call)
                assert answer.row == [b""]
            return lanes._speeds["nap"].median

        found = await calls(0), await calls(5)
        await lanes.close()
        return found

    short, long = asyncio.run(run())
    assert 0 < short < long


def test_what_was_interrupted_once_is_not_taken_for_slow() -> None:
    speed = Speed()
    for seconds in [0.0001] * 20 + [0.004] + [0.0001] * 20:
        speed.note(seconds)
    assert 0.00008 < speed.median < 0.00012


def test_a_wire_has_room_for_many_segments_of_the_loopback(base: Database) -> None:
    """With one segment's room, hundreds of answers at once stand still for 200 ms and more."""

    async def run() -> int:
        wire = await Wire.open(pinned_conninfo(base.serve_url), reads=True)
        with socket.socket(fileno=os.dup(wire._socket)) as copy:
            room = copy.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        wire.close()
        return room

    assert asyncio.run(run()) >= 4 * 65_536  # what Linux allows without being asked, 208 KB twice
