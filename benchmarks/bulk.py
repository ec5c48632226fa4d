"""`bench bulk`: lists against single requests, and a file of a million lines against psql's \\copy.

One client asks, one request after the other: so a figure is what somebody waits for. What is single
in Penstock is told beside, so that it shows how much of it is the list, and how much the server.
"""

import csv
import io
import json
import statistics
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

import psycopg

from benchmarks.cases import PREFIX, bearer
from benchmarks.figures import Figure, table
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import Peer, named, title
from benchmarks.race import Terms
from benchmarks.servers import Server, running
from db.database import Database
from db.errors import SetupError
from db.process import LOOPBACK
from db.tools import libpq

COUNT = 1000
LINES = 1_000_000
ROUNDS = 3
# What a list must be faster than the layered service's single requests, and than nearly as psql.
FASTER = {"insert": 47, "update": 43, "delete": 46}
OF_PSQL = 0.7
MEMORY = 64
OTHERS_EVERY = 0.01
JSON = {"Content-Type": "application/json"}
COLUMNS = "sku, name, price, description, stock, is_active"


@dataclass(frozen=True)
class Import:
    """One import over HTTP: seconds, MB that the server grew, and ms that others waited (p99)."""

    seconds: float
    memory: float
    others: float


def run(ground: Ground, terms: Terms, pool: int, sizes: str | None) -> list[Figure]:
    """Lists of a thousand beside the layered service, then a file beside psql."""
    found = []
    with ground.copy("bulk") as database:
        peers = [_on(peer, database) for peer in named(["penstock", "layered"])]
        taken: dict[str, list[float]] = {}
        with (
            running(ground, peers[0], pool) as penstock,
            running(ground, peers[1], pool) as layered,
        ):
            for number in range(terms.rounds):
                _things(ground, database, penstock, layered, taken)
                say(f"  round {number + 1}")
        found += figures(taken)
        say(things_table(taken))
    for lines in map(int, (sizes or str(LINES)).split(",")):
        with ground.copy("bulk") as database, running(ground, peers[0], pool) as penstock:
            found += _file(ground, database, penstock, lines, terms.rounds)
    return found


def _on(peer: Peer, database: Database) -> Peer:
    """The peer on a copy of the database; Penstock in one process, whose memory is looked at."""
    return replace(peer, extra={**peer.extra, "DATABASE_URL": database.serve_url})


def _things(
    ground: Ground,
    database: Database,
    penstock: Server,
    layered: Server,
    taken: dict[str, list[float]],
) -> None:
    """A thousand users and products inserted, changed and deleted, in each of the ways."""
    headers = bearer(ground.token(ground.login("admin"), "admin")) | JSON
    for thing in ("users", "products"):
        for way, server in (("layered", layered), ("single", penstock), ("bulk", penstock)):
            for step in FASTER:
                rows = _rows(thing, step, _found(database, thing))
                if way == "bulk":
                    seconds = _as_list(server, thing, step, rows, headers)
                else:
                    single = _own_single if way == "single" else _single
                    requests = [single(thing, step, dict(row)) for row in rows]
                    seconds = _as_singles(server, requests, headers)
                _check(database, thing, step)
                taken.setdefault(f"{thing}.{step}.{way}", []).append(seconds)
        ground.settle(database)


def _new(thing: str, number: int) -> dict[str, object]:
    if thing == "users":
        return {"email": f"bulk.{number}@example.org", "username": f"bulk.{number}"}
    return {
        "sku": f"BLK-{number}", "name": f"Thing {number}", "price": 5, "description": "Of a list",
        "stock": 7, "is_active": True,
    }  # fmt: skip


def _found(database: Database, thing: str) -> list[int]:
    column, start = ("username", "bulk.") if thing == "users" else ("sku", "BLK-")
    query = f"select id from app.{thing} where {column} like '{start}%' order by id"
    return [int(row[0]) for row in database.rows(query)]


def _rows(thing: str, step: str, ids: Sequence[int]) -> list[dict[str, object]]:
    """What is asked for, a thing a row."""
    name = f"{thing[:-1]}_id"
    if step == "insert":
        return [_new(thing, number) for number in range(COUNT)]
    if step == "delete":
        return [{name: each} for each in ids]
    if thing == "users":
        return [{name: each, "full_name": f"Bulk {each}"} for each in ids]
    return [
        {name: each, "version": 1} | _new(thing, number) | {"price": 6}
        for number, each in enumerate(ids)
    ]


def _check(database: Database, thing: str, step: str) -> None:
    """Raise SetupError unless the step did what it was for: nobody wins by doing nothing."""
    is_done = {"users": "full_name like 'Bulk %'", "products": "price = 6"}[thing]
    column, start = ("username", "bulk.") if thing == "users" else ("sku", "BLK-")
    query = f"select count(*), count(*) filter (where {is_done}) from app.{thing}"
    [(count, done)] = database.rows(f"{query} where {column} like '{start}%'")
    wanted = {"insert": (COUNT, 0), "update": (COUNT, COUNT), "delete": (0, 0)}[step]
    if (count, done) != wanted:
        raise SetupError(f"After {step} of {thing} there are {(count, done)}, not {wanted}.")


def _as_list(
    server: Server,
    thing: str,
    step: str,
    rows: Sequence[dict[str, object]],
    headers: dict[str, str],
) -> float:
    method = {"insert": "POST", "update": "PATCH", "delete": "DELETE"}[step]
    body = _csv(rows)
    headers = headers | {"Content-Type": "text/csv"}
    connection = HTTPConnection(LOOPBACK, server.port, timeout=120)
    began = time.perf_counter()
    _ask(connection, method, f"{PREFIX}/{thing}/bulk", body, headers)
    return time.perf_counter() - began


def _csv(rows: Sequence[dict[str, object]]) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def _as_singles(
    server: Server, requests: Sequence[tuple[str, str, bytes]], headers: dict[str, str]
) -> float:
    connection = HTTPConnection(LOOPBACK, server.port, timeout=120)
    began = time.perf_counter()
    for method, path, body in requests:
        _ask(connection, method, path, body, headers)
    return time.perf_counter() - began


def _single(thing: str, step: str, row: dict[str, object]) -> tuple[str, str, bytes]:
    path = f"{PREFIX}/{thing}"
    if step == "insert":
        return "POST", path, json.dumps(row).encode()
    path += f"/{row.pop(f'{thing[:-1]}_id')}"
    if step == "delete":
        return "DELETE", path, b""
    return "PATCH" if thing == "users" else "PUT", path, json.dumps(row).encode()


def _own_single(thing: str, step: str, row: dict[str, object]) -> tuple[str, str, bytes]:
    """A user is a list of one: registering hashes a password, which the others don't."""
    if (thing, step) == ("users", "insert"):
        return "POST", f"{PREFIX}/users/bulk", json.dumps([row]).encode()
    return _single(thing, step, row)


def _ask(
    connection: HTTPConnection, method: str, path: str, body: bytes, headers: Mapping[str, str]
) -> None:
    connection.request(method, path, body or None, dict(headers))
    answer = connection.getresponse()
    said = answer.read()
    if answer.status not in (200, 201, 204):
        raise SetupError(f"{method} {path} is answered with {answer.status}: {said[:600]!r}")


def figures(taken: Mapping[str, Sequence[float]]) -> list[Figure]:
    """How many times faster a list is; and the seconds."""
    medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
    found = []
    for name, seconds in medians.items():
        thing, step, way = name.split(".")
        found.append(Figure(f"bulk.seconds.{name}", seconds, "s"))
        if way == "bulk":
            times = medians[f"{thing}.{step}.layered"] / seconds
            found.append(Figure(f"bulk.times.{thing}.{step}", times, "times", FASTER[step]))
    return found


def things_table(taken: Mapping[str, Sequence[float]]) -> str:
    """One line a thing and step, with the seconds of each way."""
    return rows_table({name: statistics.median(seconds) for name, seconds in taken.items()})


def rows_table(medians: Mapping[str, float]) -> str:
    """The same of medians by thing, step and way."""
    rows = []
    for name in dict.fromkeys(name.rpartition(".")[0] for name in medians):
        cells = [medians.get(f"{name}.{way}") for way in ("layered", "single", "bulk")]
        layered, _, bulk = cells
        times = f"{layered / bulk:,.0f}" if layered and bulk else ""
        texts = ["" if cell is None else f"{cell:,.3f}" for cell in cells]
        rows.append((name.replace(".", ", "), *texts, times))
    header = (
        f"{COUNT:,} at once, seconds",
        title("layered"),
        "Penstock, single",
        "a list",
        "times",
    )
    return table(header, rows)


def _file(
    ground: Ground, database: Database, penstock: Server, lines: int, rounds: int
) -> list[Figure]:
    """A file of products by PUT /products/bulk, and by \\copy and the same function."""
    path = ground.home.path / f"products-{lines}.csv"
    _write(path, lines)
    say(f"A file of {lines:,} products, {path.stat().st_size / 2**20:.0f} MB …")
    staff = ground.login("staff")
    token = ground.token(staff, "staff")
    by_http: list[Import] = []
    by_psql: list[float] = []
    try:
        for number in range(rounds):
            _empty(database)
            by_psql.append(_psql(database, path, staff, lines))
            _empty(database)
            by_http.append(_http(penstock, path, token, lines))
            told = f"psql {by_psql[-1]:.1f} s, HTTP {by_http[-1].seconds:.1f} s"
            say(f"  round {number + 1}: {told}, {by_http[-1].memory:.0f} MB")
    finally:
        path.unlink()
    http = statistics.median(each.seconds for each in by_http)
    psql = statistics.median(by_psql)
    size = "" if lines == LINES else f".{lines}"
    return [
        Figure(f"bulk.file.of_psql{size}", psql / http, "of psql's speed", OF_PSQL),
        Figure(f"bulk.file.memory{size}", max(each.memory for each in by_http), "MB", MEMORY,
               lower_is_better=True),
        Figure(f"bulk.file.rate{size}", lines / http, "lines/s"),
        Figure(f"bulk.file.psql_rate{size}", lines / psql, "lines/s"),
        Figure(f"bulk.file.others{size}", max(each.others for each in by_http), "ms (p99)"),
    ]  # fmt: skip


def _write(path: Path, lines: int) -> None:
    """Plain lines, and one in ten with quotes."""
    with path.open("w") as file:
        file.write(COLUMNS.replace(" ", "") + "\n")
        for number in range(lines):
            name = f'"Lamp, {number}"' if number % 10 == 0 else f"Lamp {number}"
            file.write(
                f"FILE-{number},{name},{number % 900 + 1}.50,A lamp for a desk,{number % 99},t\n"
            )


def _empty(database: Database) -> None:
    """As it was: nothing of the file, no record of it, no dead rows."""
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        # What was recorded stays, or so its triggers say.
        connection.execute("set session_replication_role = replica")
        connection.execute("truncate app.products, audit.changes, penstock.touches cascade")
        connection.execute("vacuum (analyze)")
        connection.execute("checkpoint")


def _psql(database: Database, path: Path, staff: int, lines: int) -> float:
    claims = json.dumps({"sub": str(staff), "role": "staff"})
    script = f"""
begin;
set local role staff;
select set_config('request.jwt.claims', '{claims}', true);
create temporary table bulk_rows on commit drop as
    select 0::bigint as line, (null::api.product_row).* where false;
alter table bulk_rows alter line set not null, alter line add generated by default as identity;
create temporary table bulk_rejects (line bigint, field text, reason text) on commit drop;
\\copy bulk_rows ({COLUMNS}) from '{path}' with (format csv, header)
analyze bulk_rows;
select api.products_replace();
commit;
"""
    began = time.perf_counter()
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null"],
        input=script, text=True, check=True, env=libpq(database.serve_url),
    )  # fmt: skip
    seconds = time.perf_counter() - began
    _all_there(database, lines)
    return seconds


def _http(server: Server, path: Path, token: str, lines: int) -> Import:
    headers = bearer(token) | {"Content-Type": "text/csv"}
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")  # forgets the peak
    before = _memory(server.pid, "VmRSS")
    done = threading.Event()
    waits: list[float] = []
    other = threading.Thread(target=_wait_beside, args=(server, done, waits))
    other.start()
    connection = HTTPConnection(LOOPBACK, server.port, timeout=900)
    try:
        began = time.perf_counter()
        with path.open("rb") as file:
            connection.request(
                "PUT", f"{PREFIX}/products/bulk", file,
                headers | {"Content-Length": str(path.stat().st_size)},
            )  # fmt: skip
            answer = connection.getresponse()
            said = answer.read()
        seconds = time.perf_counter() - began
    finally:
        done.set()
        other.join()
    if answer.status != 200 or json.loads(said)["accepted"] != lines:
        raise SetupError(f"The file is answered with {answer.status}: {said[:600]!r}")
    waits.sort()
    grown = _memory(server.pid, "VmHWM") - before
    return Import(seconds, grown, 1000 * waits[int(0.99 * len(waits))])


def _wait_beside(server: Server, done: threading.Event, waits: list[float]) -> None:
    """Somebody else asks meanwhile, for what needs no database."""
    connection = HTTPConnection(LOOPBACK, server.port, timeout=60)
    while not done.wait(OTHERS_EVERY):
        began = time.perf_counter()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        waits.append(time.perf_counter() - began)


def _memory(pid: int, what: str) -> float:
    """MB of a process."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise SetupError(f"Process {pid} has no {what}.")


def _all_there(database: Database, lines: int) -> None:
    [(count,)] = database.rows("select count(*) from app.products")
    if count != lines:
        raise SetupError(f"There are {count:,} products, not {lines:,}.")
