"""The cache under load and in trouble: no read is staler than it may be, and none fails.

Each promise is also tried with its guard taken out, and must be seen to break.
"""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from api.check import read as read_catalog
from db import process
from db.database import Database
from db.redis_server import RedisServer
from db.testbed import Testbed
from tests.faults.house import (
    COUNTERS,
    Client,
    Proxy,
    Watch,
    Worker,
    psql_on,
    read_on,
    token,
    workers,
    write_on,
)

LONG = os.environ.get("PENSTOCK_FAULTS") == "long"
LEASE_SECONDS = 1.0
FIRSTS = range(1, 5)  # written through the first worker alone,
SECONDS = range(5, 9)  # through the second,
BY_HAND = range(9, 13)  # by SQL,
QUIET = range(13, 17)  # and only when a test says so
EVERY = [*FIRSTS, *SECONDS, *BY_HAND, *QUIET]


@dataclass
class Scene:
    """Two workers, the first of which reaches Redis through a proxy, and what clients see."""

    database: Database
    workers: list[Worker]
    proxy: Proxy
    redis: RedisServer
    watch: Watch

    async def count_up(self, counters: range) -> None:
        """Count through the second worker."""
        client = Client(self.workers[1].port)
        for counter in counters:
            status, _, body = await client.ask("POST", f"/counters/{counter}")
            assert status == 200
            self.watch.acknowledged(counter, int(body))
        client.close()

    def note_what_is_committed(self) -> None:
        """Take what stands in the database for acknowledged."""
        for counter, value in self.database.rows("select id, value from faults.counters"):
            self.watch.acknowledged(counter, value)


Trouble = Callable[[Scene], Awaitable[None]]


@pytest.fixture(scope="module")
def database(bed: Testbed) -> Iterator[Database]:
    with bed.database() as database:
        database.psql(COUNTERS)
        yield database


@pytest.fixture
def play(
    database: Database, tmp_path: Path, redis_server: RedisServer, redis_url: str
) -> Callable[..., Watch]:
    """Let readers and writers loose on two workers while the trouble lasts."""

    def run(trouble: Trouble, fault: str | None = None, **load: object) -> Watch:
        proxy = Proxy(redis_server.home.port("redis"))
        behind = redis_url.replace(f":{redis_server.home.port('redis')}", f":{proxy.port}")
        try:
            with workers(database, tmp_path, [behind, redis_url], fault) as both:
                scene = Scene(database, both, proxy, redis_server, Watch())
                asyncio.run(_watch_over(scene, trouble, **load))  # type: ignore[arg-type]
        finally:
            proxy.close()
        watch = scene.watch
        print(f"{watch.reads:,} reads, {watch.hits:,} of them hits; {watch.writes:,} writes")
        assert watch.reads > 100
        assert watch.writes > 10
        return watch

    return run


async def _watch_over(
    scene: Scene,
    trouble: Trouble,
    *,
    readers: int = 12,
    writers: int = 4,
    pause: float = 0.004,
    place: str = "counters",
) -> None:
    watch, of = scene.watch, scene.workers
    written = (FIRSTS, SECONDS)
    tasks = [read_on(watch, of[n % 2], EVERY, place) for n in range(readers)]
    tasks += [write_on(watch, of[n % 2], list(written[n % 2]), pause) for n in range(writers)]
    tasks += [psql_on(watch, scene.database, list(BY_HAND), 0.03)]
    running = [asyncio.create_task(each) for each in tasks]
    try:
        await trouble(scene)
    finally:
        watch.stopped = True
        await asyncio.gather(*running)


# ── Without trouble ──────────────────────────────────────────────────────────────────────────────


def until(operations: int, seconds: float) -> Trouble:
    """No trouble, until so much is done or so long has gone by."""

    async def nothing(scene: Scene) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(0.1)
            if scene.watch.reads + scene.watch.writes >= operations:
                return

    return nothing


def test_a_read_that_begins_after_a_change_shows_it(play: Callable[..., Watch]) -> None:
    much = until(1_000_000, 3000) if LONG else until(30_000, 10)

    watch = play(much, readers=50, writers=10, pause=0.01)

    assert watch.hits > watch.reads / 10
    assert watch.missed([*FIRSTS, *SECONDS]) == []
    assert watch.missed(BY_HAND, LEASE_SECONDS) == []
    assert watch.failed == []


def test_nor_does_one_that_waits_for_another_s_call(play: Callable[..., Watch]) -> None:
    watch = play(until(10_000, 5), place="slow-counters", pause=0.02)

    assert watch.missed([*FIRSTS, *SECONDS]) == []
    assert watch.failed == []


@pytest.mark.parametrize("fault", ["no_fence", "bump_before_commit"])
def test_control_without_its_guard_a_change_is_missed(
    play: Callable[..., Watch], fault: str
) -> None:
    assert play(until(30_000, 4), fault).missed([*FIRSTS, *SECONDS]) != []


def test_control_a_call_that_began_too_early_is_noticed(play: Callable[..., Watch]) -> None:
    watch = play(until(10_000, 4), "join_any_flight", place="slow-counters", pause=0.02)

    assert watch.missed([*FIRSTS, *SECONDS]) != []


# ── In trouble ───────────────────────────────────────────────────────────────────────────────────


async def killed_before_it_told(scene: Scene) -> None:
    """The first worker dies when it has committed and Redis has not heard of it."""
    await asyncio.sleep(1)
    scene.proxy.held = True
    await asyncio.sleep(0.05)
    scene.workers[0].kill()
    scene.proxy.close()
    scene.note_what_is_committed()
    await asyncio.sleep(3)


async def deaf(scene: Scene) -> None:
    """Nobody can read what was touched."""
    await asyncio.sleep(1)
    blocked = psycopg.connect(scene.database.superuser_url)
    try:
        blocked.execute("lock table penstock.incarnation in access exclusive mode")
        await asyncio.sleep(5 if LONG else 3)
    finally:
        blocked.close()
    await asyncio.sleep(1.5)


async def flushed(scene: Scene) -> None:
    """Redis forgets everything, again and again."""
    with redis.Redis.from_url(scene.redis.url) as client:
        for _ in range(10):
            await asyncio.sleep(0.3)
            client.flushall()


async def stopped(scene: Scene) -> None:
    """Redis stands still."""
    await asyncio.sleep(1)
    pid = scene.redis.pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    await asyncio.sleep(5 if LONG else 2.5)
    os.kill(pid, signal.SIGCONT)
    await asyncio.sleep(2)


async def restarted_from_an_old_dump(scene: Scene) -> None:
    """Redis is killed, and starts with what it knew before the last changes."""
    await asyncio.sleep(1)
    with redis.Redis.from_url(scene.redis.url) as client:
        client.save()
    await asyncio.sleep(0.2)
    await scene.count_up(QUIET)
    await asyncio.sleep(0.7)  # until every drain has seen it, and would not look again
    pid = scene.redis.pid()
    assert pid is not None
    process.stop(pid, str(scene.redis.conf), how=signal.SIGKILL)
    port = scene.redis.home.port("redis")
    await asyncio.to_thread(scene.redis.start)
    assert scene.redis.home.port("redis") == port
    await asyncio.sleep(3)


async def cut_off(scene: Scene) -> None:
    """The first worker reaches Redis no more; the second does."""
    await asyncio.sleep(1)
    scene.proxy.cut = True
    scene.proxy.hang_up()
    await asyncio.sleep(2)
    await scene.count_up(QUIET)
    await asyncio.sleep(1)
    scene.proxy.cut = False
    await asyncio.sleep(2)


async def held_up(scene: Scene) -> None:
    """What the first worker sends to Redis arrives much later."""
    await asyncio.sleep(1)
    for _ in range(3):
        scene.proxy.held = True
        await asyncio.sleep(0.7)
        scene.proxy.held = False
        await asyncio.sleep(0.7)
    await asyncio.sleep(1)


async def reborn(scene: Scene) -> None:
    """The database has crashed: what was touched last is lost, and the incarnation with it."""
    await asyncio.sleep(1)
    scene.database.psql(
        "begin;"
        " set local session_replication_role = replica;"  # touches nothing that would be left
        f" update faults.counters set value = value + 1 where id in ({_list(QUIET)});"
        " delete from penstock.incarnation;"
        " commit"
    )
    scene.note_what_is_committed()
    await asyncio.sleep(3)


TROUBLES = (
    killed_before_it_told,
    deaf,
    flushed,
    stopped,
    restarted_from_an_old_dump,
    cut_off,
    held_up,
    reborn,
)


# Where what was changed through one worker may be a second late through the other: the one can't
# tell, or Redis was gone for over a second and is back for the other first. In all else a read
# that begins after a change was answered shows it even in trouble.
BOUNDED = (cut_off, reborn, killed_before_it_told, stopped, restarted_from_an_old_dump)


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.__name__)
def test_in_trouble_nothing_is_older_than_a_second_and_nothing_fails(
    play: Callable[..., Watch], trouble: Trouble
) -> None:
    watch = play(trouble)

    assert watch.missed(EVERY, LEASE_SECONDS) == []
    if trouble not in BOUNDED:
        assert watch.missed([*FIRSTS, *SECONDS]) == []
    assert watch.failed == []
    assert watch.hits > 0


@pytest.mark.parametrize(
    ("trouble", "fault"),
    [
        (until(30_000, 4), "no_drain"),
        (killed_before_it_told, "no_drain"),
        (restarted_from_an_old_dump, "no_run_id"),
    ],
    ids=["psql", "killed", "old dump"],
)
def test_control_without_its_guard_trouble_is_seen(
    play: Callable[..., Watch], trouble: Trouble, fault: str
) -> None:
    assert play(trouble, fault).missed(EVERY, LEASE_SECONDS) != []


# ── Identity, and one call for all ───────────────────────────────────────────────────────────────

PATHS = {
    "GET /products": ["/products", "/products?limit=1&sort=price"],
    "GET /products/{product_id}": ["/products/1", "/products/2", "/products/999"],
    "GET /analytics/dashboard": ["/analytics/dashboard?from=2026-01-01&to=2026-01-31"],
    "GET /counters/{id}": ["/counters/21"],
    "GET /slow-counters/{id}": ["/slow-counters/21"],
    "GET /whoami": ["/whoami"],
}
OTHERS = {"GET /dear"}


@pytest.fixture(scope="module")
def shop(database: Database) -> Database:
    database.psql(
        "insert into app.products (sku, name, price, is_active)"
        " values ('ONE', 'For sale', 1, true), ('TWO', 'Not for sale', 2, false)"
    )
    return database


def test_every_route_that_keeps_answers_is_tried(shop: Database) -> None:
    endpoints, _ = read_catalog(shop.serve_url, ("api", "faults"))

    assert {each.name for each in endpoints if each.cache is not None} == set(PATHS) | OTHERS


def test_nobody_gets_what_is_somebody_else_s(
    shop: Database, tmp_path: Path, redis_url: str
) -> None:
    with workers(shop, tmp_path, [redis_url, redis_url, "redis://127.0.0.1:1"]) as three:
        wrong = asyncio.run(foreign_answers(three, rounds=20 if LONG else 4))

    assert wrong == []


def test_control_without_identity_in_the_key_they_would(
    shop: Database, tmp_path: Path, redis_url: str
) -> None:
    fault = "no_identity_in_the_key"
    with workers(shop, tmp_path, [redis_url, redis_url, "redis://127.0.0.1:1"], fault) as three:
        assert asyncio.run(foreign_answers(three, rounds=1)) != []


async def foreign_answers(three: list[Worker], rounds: int) -> list[str]:
    """What 200 callers get of two workers that is not what the third, without cache, says."""
    roles = ["member"] * 120 + ["staff"] * 40 + ["admin"] * 39
    callers = [token(1000 + n, role) for n, role in enumerate(roles)] + [""]
    dice = random.Random(7)
    paths = [path for some in PATHS.values() for path in some]
    wrong: list[str] = []

    async def go(number: int, caller: str) -> None:
        truth, clients = Client(three[2].port, caller), [Client(w.port, caller) for w in three[:2]]
        for _ in range(rounds):
            for path in dice.sample(paths, len(paths)):
                client = dice.choice(clients)
                if dice.random() < 0.2:
                    await client.leave("GET", path)
                    continue
                status, _, body = await client.ask("GET", path)
                expected, _, right = await truth.ask("GET", path)
                if (status, body) != (expected, right) and status not in (401, 403, 404):
                    wrong.append(f"{number} {path}: {status} {body!r}, not {expected} {right!r}")
                if status >= 500:
                    wrong.append(f"{number} {path}: {status}")
        for each in (truth, *clients):
            each.close()

    for start in range(0, len(callers), 50):
        some = list(enumerate(callers))[start : start + 50]
        await asyncio.gather(*(go(number, caller) for number, caller in some))
    return wrong


def test_a_cold_key_is_one_call_of_the_database(
    database: Database, tmp_path: Path, redis_url: str
) -> None:
    database.psql(f"alter database {database.name} set track_functions = 'all'")
    count = "select calls from pg_stat_user_functions where funcname = 'dear'"

    async def ask_all(four: list[Worker]) -> set[tuple[int, bytes]]:
        clients = [Client(four[n % 4].port) for n in range(500)]
        answers = await asyncio.gather(*(client.ask("GET", "/dear") for client in clients))
        for client in clients:
            client.close()
        return {(status, body) for status, _, body in answers}

    with workers(database, tmp_path, [redis_url] * 4) as four:
        answers = asyncio.run(ask_all(four))

    assert answers == {(200, b'"dear"')}
    assert database.rows(count) == [(1,)]


def _list(counters: range) -> str:
    return ", ".join(map(str, counters))
