"""`bench mix`: the classic load test, 70% GET, 20% POST, 10% PUT and DELETE, very many clients."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import equal, idle, proc, wrk
from benchmarks.cases import PREFIX, WRITERS, bearer
from benchmarks.figures import Figure
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import named
from benchmarks.servers import Server, all_running
from benchmarks.wrk import Load, Request

SCRIPT = Path(__file__).with_name("mix.lua")
CLIENTS = 10_000
SECONDS = 300.0
SHORT = 30.0
DRAIN_SECONDS = 120
BESIDE = ("penstock", "layered")
TITLE = "Mixed load"
SEED = """
insert into app.posts (author_id, title, body, published_at)
select u.id, %(title)s, 'One of many posts.', null
from (
    select id from app.users where email like 'bench.%%' order by id limit %(users)s
) as u, generate_series(1, 10)
"""
GOALS = {"rate": 8.0, "p99": 0.2}


def run(ground: Ground, seconds: float, clients: int, pool: int, only: str | None) -> list[Figure]:
    """Each server for `seconds`, one after the other, over the same data."""
    clients = min(clients, idle.raise_limit() - idle.RESERVE)
    found: list[Figure] = []
    loads: dict[str, Load] = {}
    with all_running(ground, named(only.split(",") if only else BESIDE), pool) as servers:
        with _posts(ground):
            equal.check({server: _asked(ground) for server in servers}, writes=False)
        for server in servers:
            with _posts(ground):
                load, figures = _under_load(ground, server, seconds, clients)
            loads[server.name] = load
            found += figures
    return _compared(loads) + found


def _under_load(
    ground: Ground, server: Server, seconds: float, clients: int
) -> tuple[Load, list[Figure]]:
    say(f"{server.name}, {clients:,} connections for {seconds:.0f} s …")
    path = _write(ground)
    ground.settle()
    before = proc.cpu(server.pid), proc.cpu(ground.cluster.pid() or 0)
    load = wrk.run(server.url, path, seconds, clients, script=SCRIPT, patience=120)
    after = proc.cost(server.pid)
    database = proc.cpu(ground.cluster.pid() or 0) - before[1]
    say(
        f"  {load.requests:,} requests, {load.rate:,.0f}/s, p50 {load.p50:.0f} ms, "
        f"p95 {load.p95:.0f} ms, p99 {load.p99:.0f} ms, {load.told}"
    )
    proc.wait_idle([server.pid, ground.cluster.pid() or 0], DRAIN_SECONDS)
    name = server.name
    goal = 0.0 if name == "penstock" else None
    return load, [
        Figure(f"mix.errors.{name}", load.error_percent, "%", goal, lower_is_better=True),
        Figure(f"mix.connections.{name}", clients, "connections"),
        Figure(f"mix.seconds.{name}", seconds, "s"),
        Figure(f"mix.requests.{name}", load.requests, "requests"),
        Figure(f"mix.rate.{name}", load.rate, "requests/s"),
        *(
            Figure(f"mix.{what}.{name}", value, unit, lower_is_better=True)
            for what, value, unit in (
                ("p50", load.p50, "ms"),
                ("p95", load.p95, "ms"),
                ("p99", load.p99, "ms"),
                ("failed", load.failed, "requests"),
                ("refused", load.refused, "requests"),
                ("timeouts", load.timeouts, "requests"),
                ("cpu", after.cpu - before[0], "s"),
                ("database_cpu", database, "s"),
                ("rss", after.rss, "MB"),
                ("pss", after.pss, "MB"),
            )
        ),
    ]  # fmt: skip


def _compared(loads: dict[str, Load]) -> list[Figure]:
    ours, theirs = loads.get("penstock"), loads.get("layered")
    if ours is None or theirs is None or not theirs.requests:
        return []
    return [
        Figure("mix.rate_ratio.layered", ours.rate / theirs.rate, "times", GOALS["rate"]),
        Figure("mix.p99_ratio.layered", ours.p99 / theirs.p99, "times", GOALS["p99"],
               lower_is_better=True),
    ]  # fmt: skip


@contextmanager
def _posts(ground: Ground) -> Iterator[None]:
    """Drafts to delete; all that a run wrote is gone after it."""
    with psycopg.connect(ground.database.deployer_url, autocommit=True) as connection:
        connection.execute(SEED, {"title": TITLE, "users": WRITERS})
        try:
            yield
        finally:
            connection.execute("delete from app.posts where title = %s", [TITLE])


def _paths(ground: Ground) -> list[str]:
    """What is read, each as often as its part in the load: 20 + 10 + 20 + 10 + 10 of 70."""
    members, products = ground.members(100), ground.products(100)
    query = "select id from app.posts where published_at is not null order by id limit 50"
    posts = [int(row[0]) for row in ground.database.rows(query)]
    return [
        *(f"/products/{each}" for each in (products * 2)[:200]),
        *(["/products?limit=20"] * 100),
        *(f"/users/{each}" for each in (members * 2)[:200]),
        *(["/posts?limit=20"] * 100),
        *(f"/posts/{each}" for each in (posts * 2)[:100]),
    ]


def _asked(ground: Ground) -> list[Request]:
    """One of each kind, to compare the answers."""
    member = ground.members(1)[0]
    paths = dict.fromkeys(
        path for path in _paths(ground) if "users/" not in path or path.endswith(f"/{member}")
    )
    kinds = {path.rstrip("0123456789"): path for path in paths}
    headers = bearer(ground.token(member))
    return [Request("GET", f"{PREFIX}{path}", headers) for path in kinds.values()]


def _write(ground: Ground) -> Path:
    """What mix.lua reads."""
    lines = [f"user\t{each}\t{ground.token(each)}" for each in ground.members(WRITERS)]
    lines.append(f"staff\t{ground.token(ground.login('staff'), 'staff')}")
    lines += [f"read\t{path}" for path in _paths(ground)]
    # Not those that are read: their versions stay as they were compared.
    products = ground.database.rows(
        "select id, version, sku, name, description, price::float8, stock from app.products "
        "where sku like 'BNC-%%' order by id offset %s",
        1000,
    )
    for key, version, *values in products:
        names = ("sku", "name", "description", "price", "stock")
        body = json.dumps(dict(zip(names, values, strict=True)) | {"is_active": True})
        lines.append(f"put\t{key}\t{version}\t{body.removesuffix('}')}")
    drafts = ground.database.rows("select id, author_id from app.posts where title = %s", TITLE)
    lines += [f"post\t{key}\t{author}" for key, author in drafts]
    path = ground.home.path / "requests-mix"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path
