r"""`bench export`: a million rows as a file over HTTP, beside psql's \copy of the same rows.

Both write to a file on the same disk, one after the other in turn; the client is curl. Memory is
what the API's processes hold while they write, over what they held just before; the most of all
rounds, the first one too.
"""

import shutil
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import psycopg

from benchmarks import proc
from benchmarks.cases import PREFIX, bearer
from benchmarks.figures import Figure, shown, table
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import named
from benchmarks.race import Terms
from benchmarks.servers import Server, running
from db.database import Database
from db.errors import SetupError
from db.tools import environment, require

FILL = Path(__file__).with_suffix(".sql")
ROWS = 1_000_000
RATIO_GOAL = 0.7
MEMORY_GOAL = 64.0
_SECONDS = 600
_CSV = "(select * from bench.line_export()) to '{file}' with (format csv, header)"
_JSON = "(select row_to_json(l) from bench.line_export() as l) to '{file}'"


@dataclass(frozen=True)
class Way:
    """One way to get the file, and the one of psql's that it is compared with."""

    title: str
    path: str
    headers: Mapping[str, str]
    beside: str
    goal: bool = True


WAYS = {
    "csv": Way("CSV", "lines", {"accept": "text/csv"}, "psql_csv"),
    "ndjson": Way("NDJSON", "lines", {"accept": "application/x-ndjson"}, "psql_json"),
    "csv_gzip": Way(
        "CSV, gzip",
        "lines",
        {"accept": "text/csv", "accept-encoding": "gzip"},
        "psql_csv",
        goal=False,
    ),
    "csv_pages": Way(
        "CSV of a list in pages", "line-pages", {"accept": "text/csv"}, "psql_csv", goal=False
    ),
}
PSQL = {"psql_csv": ("psql, CSV", _CSV), "psql_json": ("psql, JSON", _JSON)}


@dataclass(frozen=True)
class Turn:
    """What one file took: seconds, bytes, and by how many MB the API grew."""

    seconds: float
    size: int
    grown: float = 0.0


def run(ground: Ground, terms: Terms, pool: int, rows: int = ROWS) -> list[Figure]:
    """All ways in turn, `terms.rounds` times."""
    if shutil.which("curl") is None:
        raise SetupError("bench export needs curl.")
    with ground.copy("export") as database:
        _fill(database, rows)
        ground.settle(database)
        penstock = named(["penstock"])[0]
        peer = replace(penstock, extra={**penstock.extra, "DATABASE_URL": database.serve_url})
        with running(ground, peer, pool) as server:
            turns = _race(ground, database, server, terms, rows)
    medians = {name: _median(each) for name, each in turns.items()}
    _show(medians, rows)
    return figures(medians, rows)


def _fill(database: Database, rows: int) -> None:
    say(f"Filling a table with {rows:,} rows …")
    with psycopg.connect(database.deployer_url) as connection:
        connection.execute("select set_config('bench.rows', %s, true)", [str(rows)])
        connection.execute(FILL.read_bytes())
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("vacuum (analyze) bench.lines")


def _race(
    ground: Ground, database: Database, server: Server, terms: Terms, rows: int
) -> dict[str, list[Turn]]:
    headers = bearer(ground.token(ground.login("staff"), "staff"))
    file = ground.home.path / "export"
    takes: dict[str, Callable[[], Turn]] = {
        name: partial(_psql, database, query, file) for name, (_, query) in PSQL.items()
    }
    for name, way in WAYS.items():
        takes[name] = partial(_http, server, way, dict(headers), file)
    found: dict[str, list[Turn]] = {name: [] for name in takes}
    try:
        for number in range(terms.rounds + 1):
            for name, take in takes.items():
                turn = take()
                found[name].append(turn)
                if not number and name != "csv_gzip":
                    _check(name, file, rows)
            say(f"  round {number} of {terms.rounds}")
    finally:
        file.unlink(missing_ok=True)
    return found


def _check(name: str, file: Path, rows: int) -> None:
    """Raise SetupError unless the file holds all rows."""
    with file.open("rb") as content:
        lines = sum(1 for _ in content)
    if lines != rows + ("csv" in name):
        raise SetupError(f"{name} wrote {lines:,} lines, not {rows:,}.")


def _psql(database: Database, query: str, file: Path) -> Turn:
    command = [require("psql"), "-qX", "-v", "ON_ERROR_STOP=1", "-d", database.superuser_url]
    copy = r"\copy " + query.format(file=file)
    began = time.monotonic()
    subprocess.run([*command, "-c", copy], env=environment(), check=True, timeout=_SECONDS)
    return Turn(time.monotonic() - began, file.stat().st_size)


def _http(server: Server, way: Way, headers: dict[str, str], file: Path) -> Turn:
    command = ["curl", "-sSf", "-o", str(file), f"{server.url}{PREFIX}/bench/{way.path}"]
    for name, value in (headers | dict(way.headers)).items():
        command += ["-H", f"{name}: {value}"]
    before = highest = proc.cost(server.pid).rss
    done = threading.Event()

    def look() -> None:
        nonlocal highest
        while not done.wait(0.1):
            highest = max(highest, proc.cost(server.pid).rss)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        began = time.monotonic()
        subprocess.run(command, check=True, timeout=_SECONDS)
        seconds = time.monotonic() - began
    finally:
        done.set()
        looking.join()
    return Turn(seconds, file.stat().st_size, highest - before)


def _median(turns: list[Turn]) -> Turn:
    """The median time, but for the first, which fills PostgreSQL's memory; and the most memory."""
    seconds = statistics.median(each.seconds for each in turns[1:])
    return Turn(seconds, turns[0].size, max(each.grown for each in turns))


def _show(medians: Mapping[str, Turn], rows: int) -> None:
    titles = {name: title for name, (title, _) in PSQL.items()}
    titles |= {name: way.title for name, way in WAYS.items()}
    lines = [
        (
            titles[name],
            f"{turn.seconds:.2f}",
            shown(rows / turn.seconds),
            shown(turn.size / 1e6),
            shown(turn.grown) if name in WAYS else "",
        )
        for name, turn in medians.items()
    ]
    say(table(("", "s", "rows/s", "MB", "API grew by MB"), lines))


def figures(medians: Mapping[str, Turn], rows: int) -> list[Figure]:
    """How fast each is beside psql, and what it takes of memory."""
    found = []
    for name, way in WAYS.items():
        turn = medians[name]
        ratio = medians[way.beside].seconds / turn.seconds
        goal = RATIO_GOAL if way.goal else None
        found += [
            Figure(f"export.{name}.of_psql", ratio, "times", goal),
            Figure(f"export.{name}.rate", rows / turn.seconds, "rows/s"),
            Figure(f"export.{name}.memory", turn.grown, "MB", MEMORY_GOAL, lower_is_better=True),
        ]
    return found
