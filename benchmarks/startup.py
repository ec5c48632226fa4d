"""`bench startup`: time to the first answer; and what 10 to 10,000 routes cost."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context

import psycopg
from psycopg import sql

from benchmarks import proc, race, wrk
from benchmarks.figures import Figure
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import CORES, Peer, named
from benchmarks.race import Terms
from benchmarks.servers import Server, running
from benchmarks.wrk import Request
from db import provision
from db.database import Database
from db.errors import SetupError

BESIDE = ("penstock", "gin", "postgrest", "fastify", "plain", "layered", "drf", "flask")
SIZES = (10, 100, 1_000, 10_000)
START_GOAL = 5.0
QUIET_SECONDS = 8
RELOAD_PATIENCE = 60  # seconds
FUNCTIONS = """
do $$
begin
    for n in {first}..{last} loop
        execute format(
            'create function route_%1$s(id integer) returns table (id integer, name text, n integer)
                stable language sql as ''select route_%1$s.id, ''''route %1$s'''', %1$s''', n
        );
        execute format('comment on function route_%1$s(integer) is ''Route %1$s.

HTTP GET /many/route-%1$s/{{id}}
@single''', n);
    end loop;
end
$$
"""


def run(
    ground: Ground, terms: Terms, pool: int, only: str | None, sizes: str | None
) -> list[Figure]:
    """First answers of all, then Penstock with more and more routes."""
    peers = named(only.split(",") if only else BESIDE)
    found = [_interruption()]
    found += [_first_answer(ground, peer, terms, pool) for peer in peers]
    for size in (int(each) for each in sizes.split(",")) if sizes else SIZES:
        found += _routes(ground, size, terms, pool)
    return found


def _interruption() -> Figure:
    """What the longest requests are to be seen beside: how long this machine keeps anybody waiting.

    A process on each core does nothing but look at the clock.
    """
    with ProcessPoolExecutor(CORES, get_context("spawn")) as pool:
        longest = max(pool.map(_longest_step, [QUIET_SECONDS] * CORES))
    return Figure("startup.interruption", longest * 1000, "ms", lower_is_better=True)


def _longest_step(seconds: float) -> float:
    """The longest time between two looks at the clock, in seconds."""
    longest, before = 0.0, time.perf_counter()
    until = before + seconds
    while before < until:
        now = time.perf_counter()
        longest = max(longest, now - before)
        before = now
    return longest


def _first_answer(ground: Ground, peer: Peer, terms: Terms, pool: int) -> Figure:
    with running(ground, peer, pool):
        pass  # once before the clock starts: what must be installed or compiled is
    took = []
    for _ in range(terms.rounds):
        started = time.monotonic()
        with running(ground, peer, pool):
            took.append(time.monotonic() - started)
    say(f"  {peer.name} {statistics.median(took):.2f} s")
    return Figure(
        f"startup.first_answer.{peer.name}", statistics.median(took), "s", lower_is_better=True
    )


def _routes(ground: Ground, size: int, terms: Terms, pool: int) -> list[Figure]:
    say(f"{size:,} routes:")
    with _database(ground, size) as database:
        peer = replace(
            named(["penstock"])[0],
            extra={"DATABASE_URL": database.serve_url, "API_SCHEMAS": "public", "API_PREFIX": ""},
            translate=lambda _: Request("GET", f"/many/route-{size}/1"),
        )
        started = time.monotonic()
        with running(ground, peer, pool) as server:
            start = time.monotonic() - started
            memory = proc.cost(server.pid).pss
            asked = [Request("GET", f"/many/route-{1 + n * size // 64}/{n}") for n in range(64)]
            turn = race.wrk_turn(ground, server, asked, terms)
            result = race.result([turn() for _ in range(terms.rounds)])
            alone = race.wrk_turn(ground, server, asked, replace(terms, connections=1))
            one = race.result([alone() for _ in range(terms.rounds)])
            reloads = [
                _reload(ground, server, database, size + number, terms)
                for number in range(terms.rounds)
            ]
    name = f"routes.{size}"
    reload, busy, quiet = (statistics.median(each) for each in zip(*reloads, strict=True))
    return [
        Figure(f"{name}.start", start, "s", START_GOAL, lower_is_better=True),
        Figure(f"{name}.reload", reload, "s", START_GOAL, lower_is_better=True),
        Figure(f"{name}.longest_while_reloading", busy, "times p99", 2, lower_is_better=True),
        Figure(f"{name}.longest_otherwise", quiet, "times p99", lower_is_better=True),
        Figure(f"{name}.p50_one_client", one.p50, "ms", lower_is_better=True),
        Figure(f"{name}.rate", result.rate, "requests/s"),
        Figure(f"{name}.p99", result.p99, "ms", lower_is_better=True),
        Figure(f"{name}.pss", memory, "MB", lower_is_better=True),
    ]  # fmt: skip


@contextmanager
def _database(ground: Ground, size: int) -> Iterator[Database]:
    """A database with nothing of ours in it but annotated functions."""
    superuser = ground.cluster.url("postgres")
    database = Database(f"routes_{size}", ground.cluster)
    drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name))
    with psycopg.connect(superuser, autocommit=True) as connection:
        connection.execute(drop)
        provision.database(superuser, database.name)
        _add_routes(database, 1, size)
        yield database
        connection.execute(drop)


def _add_routes(database: Database, first: int, last: int) -> None:
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute(FUNCTIONS.format(first=first, last=last).encode())


def _reload(
    ground: Ground, server: Server, database: Database, size: int, terms: Terms
) -> tuple[float, float, float]:
    """Load without a reload, and for as long as one takes.

    Seconds from the commit to the new route's answer, and the longest request meanwhile and
    without a reload, in times of the p99 without one.
    """
    requests = ground.home.path / "requests-penstock"
    took: list[float] = []

    def deploy() -> None:
        _add_routes(database, size + 1, size + 1)
        committed = time.monotonic()
        while server.ask(Request("GET", f"/many/route-{size + 1}/1"))[0] != 200:
            if time.monotonic() > committed + RELOAD_PATIENCE:
                raise SetupError(f"No new route beside {size} in {RELOAD_PATIENCE} s.")
            time.sleep(0.02)
        took.append(time.monotonic() - committed)

    quiet = wrk.run(server.url, requests, QUIET_SECONDS, terms.connections, wrk.STEADY)
    busy = wrk.meanwhile(server.url, requests, terms.connections, deploy)
    if busy.errors:
        raise SetupError(f"While a route was added beside {size}: {busy.told}.")
    say(
        f"  rate {quiet.rate:,.0f}, p99 {quiet.p99:.1f} ms, reload {took[0]:.2f} s, longest"
        f" {busy.longest:.1f} ms meanwhile and {quiet.longest:.1f} ms without"
    )
    return took[0], busy.longest / quiet.p99, quiet.longest / quiet.p99
