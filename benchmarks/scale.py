"""`bench scale`: more rows, more connections. What should be flat is shown to be, or not."""

import re
from dataclasses import replace
from http.client import HTTPConnection

import psycopg

from benchmarks import race
from benchmarks.cases import PREFIX, bearer, read
from benchmarks.figures import Figure
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import named
from benchmarks.race import Terms
from benchmarks.servers import Server, all_running, running
from benchmarks.wrk import Request
from db import process
from db.database import Database
from db.errors import SetupError

ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
PAGE = 10
PAGES = 1_000
STRIDE = 90  # 111 of these end where 999 pages do
CONNECTIONS = (1, 4, 16, 64, 256, 512)
BESIDE = ("penstock", "gin", "gin-batch", "layered")
# One statement, its indexes kept up row by row: 7 µs a row, about a minute for ten million. Nobody
# asks who made them, and to record it would take twice as long.
FILL = """
alter table app.users disable trigger audit_insert;
insert into app.users (email, username, full_name)
select format('more.%1$s@example.org', n), format('more.%1$s', n), format('More %1$s', n)
from generate_series((select max(id) from app.users) + 1, {rows}) as n;
alter table app.users enable trigger audit_insert
"""


def run(
    ground: Ground, terms: Terms, pool: int, only: str | None, sizes: str | None
) -> list[Figure]:
    """Rows for Penstock, connections for all."""
    wanted = [int(each) for each in sizes.split(",")] if sizes else list(ROWS)
    found = []
    with ground.copy("scale") as database:
        first: dict[str, float] = {}
        for rows in wanted:
            found += _with_rows(ground, database, rows, terms, pool, first)
    peers = only.split(",") if only else list(BESIDE)
    return found + _connections(ground, peers, terms, pool)


def _with_rows(
    ground: Ground, database: Database, rows: int, terms: Terms, pool: int, first: dict[str, float]
) -> list[Figure]:
    say(f"{rows:,} users:")
    with psycopg.connect(database.deployer_url, autocommit=True) as connection:
        connection.execute(FILL.format(rows=rows).encode())
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("vacuum (analyze) app.users")
        connection.execute("checkpoint")
    penstock = named(["penstock"])[0]
    peer = replace(penstock, extra={**penstock.extra, "DATABASE_URL": database.serve_url})
    with running(ground, peer, pool) as server:
        headers = bearer(ground.token(ground.login("staff"), "staff"))
        by_id = [
            Request("GET", f"{PREFIX}/users/{1 + n * (rows - 1) // 999}", headers)
            for n in range(1000)
        ]
        pages = _pages(server, headers)
        asked = {"by_id": by_id, "page_1": [pages[0]], "page_1000": [pages[1]]}
        turns = {
            name: race.wrk_turn(ground, server, requests, terms, name)
            for name, requests in asked.items()
        }
        taken = race.run(turns, terms)
    found = []
    results = {name: race.result(each) for name, each in taken.items()}
    for name, result in results.items():
        found.append(Figure(f"rows.{rows}.{name}.rate", result.rate, "requests/s"))
        found.append(Figure(f"rows.{rows}.{name}.p99", result.p99, "ms", lower_is_better=True))
        beside = first.setdefault(name, result.rate)
        found.append(Figure(f"rows.{rows}.{name}.of_first", result.rate / beside, "times", 0.8))
    deep = results["page_1000"].rate / results["page_1"].rate
    found.append(Figure(f"rows.{rows}.page_1000.of_page_1", deep, "times", 0.8))
    return found


def _pages(server: Server, headers: dict[str, str]) -> tuple[Request, Request]:
    """The requests for page 1 and page 1,000, found by following the links.

    A cursor names the row after which a page begins, so larger pages lead there with fewer links.
    """
    connection = HTTPConnection(process.LOOPBACK, server.port, timeout=30)
    path = f"{PREFIX}/users?limit={STRIDE}"
    for _ in range((PAGES - 1) * PAGE // STRIDE):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        link = re.search(r'<([^>]+)>; rel="next"', answer.getheader("link") or "")
        if not link:
            raise SetupError(f"{path} has no next page ({answer.status}).")
        path = link[1]
    connection.close()
    last = path.replace(f"limit={STRIDE}", f"limit={PAGE}")
    return Request("GET", f"{PREFIX}/users?limit={PAGE}", headers), Request("GET", last, headers)


def _connections(ground: Ground, names: list[str], terms: Terms, pool: int) -> list[Figure]:
    found = []
    asked = read(ground)
    with all_running(ground, named(names), pool) as servers:
        for connections in CONNECTIONS:
            say(f"{connections} connections:")
            own = replace(terms, connections=connections)
            turns = {server.name: race.wrk_turn(ground, server, asked, own) for server in servers}
            for name, taken in race.run(turns, own).items():
                result = race.result(taken)
                label = f"connections.{connections}.{name}"
                found.append(Figure(f"{label}.rate", result.rate, "requests/s"))
                found.append(Figure(f"{label}.p99", result.p99, "ms", lower_is_better=True))
    return found
