"""The dashboard of a shop with a million order lines: kept, computed, and computed from the lines.

One client, so that a figure is what somebody waits for.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import psycopg

from benchmarks import equal, race, read
from benchmarks.cases import PREFIX, Case, bearer
from benchmarks.figures import Figure, results_table
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import named
from benchmarks.race import Result, Terms
from benchmarks.servers import Server, running
from benchmarks.wrk import Request
from db.database import Database

FILL = Path(__file__).with_name("shop.sql")
ORDERS = 200_000  # of five lines each
# The kept answer beside what the lines take, and a computed one beside a row by its key.
FASTER = 70
OF_ROW = 10
TITLES = {
    "cached": "Dashboard, cached",
    "uncached": "Dashboard, uncached",
    "lines": "Dashboard from the lines, uncached",
    "row": "One row by its key, uncached",
}


def run(ground: Ground, terms: Terms, pool: int, orders: int = ORDERS) -> list[Figure]:
    """All four in turn over the same rows."""
    with ground.copy("shop") as database:
        fill(database, orders)
        ground.settle(database)
        penstock = named(["penstock"])[0]
        peer = replace(penstock, extra={**penstock.extra, "DATABASE_URL": database.serve_url})
        with running(ground, peer, pool) as server:
            results = _race(ground, server, replace(terms, connections=1))
    say(results_table({TITLES[name]: result for name, result in results.items()}))
    return figures(results)


def fill(database: Database, orders: int) -> None:
    """Two years of a shop, and the functions that are compared, as the owner."""
    say(f"Filling a shop with {orders:,} orders …")
    with psycopg.connect(database.deployer_url) as connection:
        connection.execute("select set_config('bench.orders', %s, true)", [str(orders)])
        connection.execute(FILL.read_bytes())
    [(lines,)] = database.rows("select count(*) from app.order_lines")
    say(f"  {lines:,} order lines")
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("vacuum (analyze)")


def _race(ground: Ground, server: Server, terms: Terms) -> dict[str, Result]:
    headers = bearer(ground.token(ground.login("staff"), "staff"))
    dashboards = {
        "cached": [Request("GET", f"{PREFIX}/analytics/dashboard", headers)],
        "uncached": [Request("GET", f"{PREFIX}/bench/dashboard", headers)],
        "lines": [Request("GET", f"{PREFIX}/bench/dashboard-from-lines", headers)],
    }
    ways = {
        replace(server, peer=replace(server.peer, name=name)): asked
        for name, asked in dashboards.items()
    }
    equal.check(ways, writes=False)
    rows = [
        Request("GET", f"{PREFIX}/bench/products/{product}", headers)
        for product in ground.products(64)
    ]
    turns = {
        name: race.wrk_turn(ground, server, asked, terms, name)
        for name, asked in {**dashboards, "row": rows}.items()
    }
    return {name: race.result(taken, server.pid) for name, taken in race.run(turns, terms).items()}


def figures(results: Mapping[str, Result]) -> list[Figure]:
    """How much faster a kept answer is than the lines; what a computed one takes beside a row."""
    faster = results["lines"].p50 / results["cached"].p50
    of_row = results["uncached"].p50 / results["row"].p50
    case = Case("dashboard", "", "", lambda _: [])
    return [
        Figure("dashboard.times_faster.cached", faster, "times", FASTER),
        Figure("dashboard.times_row.uncached", of_row, "times", OF_ROW, lower_is_better=True),
        *read.figures(case, results),
    ]
