"""The harness runs and its figures have the right shape. Timings are never asserted."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import psycopg
import pytest

from benchmarks import (
    __main__,
    cached,
    equal,
    export,
    figures,
    mix,
    peers,
    proc,
    read,
    report,
    shop,
    startup,
    svg,
    touching,
    wrk,
)
from benchmarks.cases import CASES
from benchmarks.figures import Figure
from benchmarks.ground import ADDITIONS, Ground
from benchmarks.race import Terms
from benchmarks.servers import Server
from db import demo
from db.database import Database
from db.errors import SetupError
from db.home import ROOT, Home
from db.redis_server import RedisServer
from db.testbed import Testbed

TERMS = Terms(rounds=1, seconds=1, connections=2, warm_up=1)


class TestGround(Ground):
    """The test bed's cluster and a clone of its database instead of servers of our own."""

    __test__ = False

    def __init__(self, home: Home, bed: Testbed, redis: RedisServer, database: Database) -> None:
        super().__init__(home)
        self.cluster = bed.cluster
        self.redis = redis
        self.__dict__["database"] = database


@pytest.fixture
def ground(
    tmp_path: Path, bed: Testbed, redis_server: RedisServer, database: Database
) -> Iterator[Ground]:
    home = Home(tmp_path / "bench")
    home.make()
    demo.seed(database.deployer_url)
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(f"grant create on database {database.name} to penstock_owner")
        connection.execute("set role penstock_owner")
        connection.execute(ADDITIONS.read_bytes())
    yield TestGround(home, bed, redis_server, database)
    home.remove()


@pytest.fixture
def two_peers(monkeypatch: pytest.MonkeyPatch) -> list[peers.Peer]:
    """Penstock, and the small FastAPI service on our own packages: nothing is installed."""
    monkeypatch.setattr(peers, "_python", lambda _: Path(sys.executable))
    return [peers.named(["penstock"])[0], replace(peers.named(["plain"])[0], workers=1)]


needs_wrk = pytest.mark.skipif(
    not shutil.which("wrk") and os.getuid() != 0, reason="wrk is missing: apt-get install wrk"
)


@needs_wrk
def test_a_race_gives_figures_of_every_server(ground: Ground, two_peers: list[peers.Peer]) -> None:
    results = read.compare(ground, CASES["write"], two_peers, TERMS, 4, limit=True)
    found = {figure.name: figure for figure in read.figures(CASES["write"], results)}

    assert set(results) == {"penstock", "plain", "pgbench"}
    assert all(result.rate > 0 and result.errors == 0 for result in results.values())
    assert results["penstock"].pss > 0
    assert found["write.rate_ratio.plain"].value == pytest.approx(
        results["penstock"].rate / results["plain"].rate
    )
    rows = json.loads(figures.as_json(list(found.values())))
    assert all(set(row) == {"name", "value", "unit", "goal", "lower_is_better"} for row in rows)


@needs_wrk
def test_a_route_is_added_under_load(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "QUIET_SECONDS", 1)
    found = startup.run(ground, TERMS, 4, only="penstock", sizes="3")
    values = {figure.name: figure.value for figure in found}

    assert 0 < values["routes.3.reload"] < startup.RELOAD_PATIENCE
    assert values["routes.3.longest_while_reloading"] > 0
    assert values["startup.first_answer.penstock"] > 0
    assert 0 < values["startup.interruption"] < 1000


@needs_wrk
def test_answers_that_are_kept_are_raced_as_such(
    ground: Ground, two_peers: list[peers.Peer]
) -> None:
    for case in cached.CASES.values():
        results = read.compare(ground, case, two_peers[:1], TERMS, 4, limit=False)

        assert results["penstock"].rate > 0


def test_a_file_of_any_size_is_compared_with_psqls(ground: Ground) -> None:
    found = {figure.name: figure for figure in export.run(ground, TERMS, 4, rows=2_000)}

    assert set(found) == {
        f"export.{way}.{what}" for way in export.WAYS for what in ("of_psql", "rate", "memory")
    }
    assert found["export.csv.of_psql"].goal == export.RATIO_GOAL
    assert all(figure.value >= 0 for figure in found.values())


@needs_wrk
def test_a_shop_of_any_size_has_its_dashboards(ground: Ground) -> None:
    found = {figure.name: figure for figure in shop.run(ground, TERMS, 4, orders=200)}

    assert found["dashboard.times_faster.cached"].value == pytest.approx(
        found["dashboard.p50.lines"].value / found["dashboard.p50.cached"].value
    )
    assert found["dashboard.times_row.uncached"].lower_is_better
    query = "select from pg_database where datname = %s"
    assert not ground.database.rows(query, f"{ground.database.name}_shop")


@needs_wrk
def test_writes_are_raced_with_and_without_their_triggers(ground: Ground) -> None:
    found = {figure.name: figure for figure in touching.run(ground, TERMS, 4)}

    assert found["invalidation.rate_ratio"].value == pytest.approx(
        found["invalidation.rate.touching"].value / found["invalidation.rate.quiet"].value
    )


def test_a_race_of_answers_that_were_not_kept_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "# HELP penstock_cache_lookups_total Lookups in the cache; result is hit, miss …",
        'penstock_cache_lookups_total{result="hit",route="/products/{product_id}"} 900.0',
        'penstock_cache_lookups_total{result="miss",route="/products/{product_id}"} 100.0',
    ]
    monkeypatch.setattr(Server, "ask", lambda *_: (200, "\n".join(lines).encode()))
    penstock = Server(peers.ALL[0], 0, 0)
    cached.hits_alone([penstock])
    cached.hits_alone([Server(peers.named(["gin-fenced"])[0], 0, 0)])  # shows no such page

    lines.append('penstock_cache_lookups_total{result="bypass",route="/posts"} 1.0')
    with pytest.raises(SetupError, match="Only 900 of 1,001"):
        cached.hits_alone([penstock])
    lines.clear()
    with pytest.raises(SetupError, match="Only 0 of 0"):
        cached.hits_alone([penstock])


def test_servers_that_answer_differently_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def server(name: str, body: bytes, status: int = 200) -> Server:
        made = Server(replace(peers.ALL[0], name=name), 0, 0)
        monkeypatch.setattr(
            Server, "ask", lambda self, _: (status, bodies[self.name]), raising=True
        )
        bodies[name] = body
        return made

    bodies: dict[str, bytes] = {}
    asked = [wrk.Request("GET", "/")]
    same = {
        server("a", b'{"n": 1.50, "at": "2026-01-01T00:00:00Z"}'): asked,
        server("b", b'{"at": "2026-01-01T00:00:00+00:00", "n": 1.5}'): asked,
    }
    equal.check(same, writes=False)

    with pytest.raises(SetupError, match="c answers otherwise than a"):
        equal.check(same | {server("c", b'{"n": 2, "at": null}'): asked}, writes=False)


def test_the_cost_of_a_process_counts_its_children() -> None:
    burn = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    with subprocess.Popen([sys.executable, "-c", f"{burn}; input()"], stdin=-1) as child:
        while proc.cpu(child.pid) < 0.05 and child.poll() is None:
            pass

        assert proc.cost(child.pid).pss > 0
        assert child.stdin
        child.stdin.close()


def test_what_wrk_says_is_read() -> None:
    line = (
        '{"requests": 300, "seconds": 2.0, "mean": 1, "p50": 1500, "p95": 2000, "p99": 3000,'
        ' "max": 9000, "failed": 1, "refused": 2, "timeouts": 3}'
    )
    load = wrk.parse(f"Running 2s test\n\n{line}\n")

    assert (load.rate, load.p50, load.p99, load.errors) == (150, 1.5, 3, 6)
    assert load.told == "1 not 2xx, 2 refused, 3 timed out"
    assert load.error_percent == pytest.approx(100 * 6 / 302)  # those refused had no answer
    with pytest.raises(SetupError, match="unable to connect"):
        wrk.parse("unable to connect to 127.0.0.1:1")


def test_results_are_written_between_the_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RESULTS", "README", "PICTURE"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).name)
    report.README.write_text("# A\n\n<!-- read -->\nold\n<!-- /read -->\n\nb\n")
    measured = [
        Figure("read.rate.penstock", 20_000, "requests/s"),
        Figure("read.rate.gin", 10_000, "requests/s"),
        Figure("read.rate_ratio.gin", 2, "times", 1.9),
        Figure("slow.p99_ratio", 1.6, "times", 1.5, lower_is_better=True),
    ]
    report.keep("read", measured, write=False)
    assert not report.RESULTS.exists()
    report.keep("read", measured, write=True)
    text = re.sub(" +", " ", report.README.read_text())

    assert "old" not in text
    assert text.endswith("b\n")
    assert "| `read.rate_ratio.gin` | 2 times | at least 1.9 | yes |" in text
    assert "| `slow.p99_ratio` | 1.6 times | at most 1.5 | **no** |" in text
    assert ">20,000</text>" in report.PICTURE.read_text()
    assert svg.bars("Nothing", {}).endswith("</svg>\n")


def test_curves_are_written_as_tables_and_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("RESULTS", "README"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).name)
    report.README.write_text("<!-- scale -->\n<!-- /scale -->\n")
    measured = [
        *(Figure(f"rows.{rows}.by_id.rate", 7, "requests/s") for rows in (1_000, 10_000)),
        Figure("rows.10000.page_1000.rate", 3, "requests/s"),
        Figure("connections.1.penstock.p99", 0.6, "ms", lower_is_better=True),
        Figure("connections.512.gin.p99", 2_000, "ms", lower_is_better=True),
    ]
    report.keep("scale", measured, write=True)
    text = re.sub(" +", " ", report.README.read_text())
    rows = (tmp_path / "rows.svg").read_text()
    p99 = (tmp_path / "clients-p99.svg").read_text()

    assert "](rows.svg)" in text
    assert "](clients-p99.svg)" in text
    assert "clients-rate.svg" not in text  # of which nothing was measured
    assert "| rows | by id requests/s | page 1,000 requests/s |" in text
    assert "| 1,000 | 7 | |" in text
    assert {">by id<", ">page 1,000<", ">10,000<"} <= set(re.findall(">[^<]+<", rows))
    assert {">Penstock<", ">Gin + pgx<", ">512<", ">0.1<"} <= set(re.findall(">[^<]+<", p99))


def test_lines_go_where_the_values_are() -> None:
    series = {
        name: {1: value, 10: value, 100: 10.0} for name, value in {"a": 10.0, "b": 5.0}.items()
    }
    drawn = svg.lines("Two", "things", series | {svg.OURS: {100: 1.0}})
    root = ET.fromstring(drawn)
    space = "{http://www.w3.org/2000/svg}"
    dots = [
        (float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in root.iter(f"{space}circle")
    ]
    names = {text.text: float(text.get("y", 0)) for text in root.iter(f"{space}text")}
    left, right = svg.X
    bottom, top = svg.Y

    assert {(left, top), ((left + right) / 2, top), (right, top)} <= set(dots)  # a, logarithmic
    assert (left, (bottom + top) / 2) in dots  # b: half as much is half as high
    assert abs(names["a"] - names["b"]) >= svg.LABEL - 0.1  # though both end at the same height
    assert 'font-weight="700">Penstock<' in drawn


def test_a_mixed_load_is_one_line_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESULTS", "README"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).name)
    report.README.write_text("<!-- mix -->\n<!-- /mix -->\n")
    measured = [
        Figure(f"mix.{what}.{server}", value, "")
        for server in ("penstock", "layered")
        for value, what in enumerate([*report.MIX, *report.ERRORS])
    ]
    report.keep("mix", [Figure("mix.rate_ratio.layered", 9, "times", 8), *measured], write=True)
    text = re.sub(" +", " ", report.README.read_text())
    lines = [line for line in text.splitlines() if line.startswith("| Penstock |")]

    assert "| `mix.rate_ratio.layered` | 9 times | at least 8 | yes |" in text
    assert lines == [
        "| Penstock | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 12 | 8 | 9 | 10 | 11 |",
        "| Penstock | 12 | 13 | 14 | 15 |",
    ]
    assert text.count("| FastAPI + SQLAlchemy |") == 2
    assert "| :- | -: |" in figures.table(("a", "%"), [("b", "0")])  # a rule without a dash is none


def test_cached_answers_are_a_table_a_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RESULTS", "README"):
        monkeypatch.setattr(report, name, tmp_path / getattr(report, name).name)
    report.README.write_text("<!-- cached -->\n<!-- /cached -->\n")
    measured = [
        Figure("cached.rate_ratio.gin-fenced", 1.3, "times", 1.2),
        Figure("cached.rate.penstock", 260, "requests/s"),
        Figure("cached.rate.gin-fenced", 200, "requests/s"),
        Figure("dashboard.times_faster.cached", 99, "times", 70),
        Figure("dashboard.p50.lines", 500, "ms", lower_is_better=True),
        Figure("invalidation.rate.quiet", 3_000, "requests/s"),
    ]
    report.keep("cached", measured, write=True)
    text = re.sub(" +", " ", report.README.read_text())

    assert "| `cached.rate_ratio.gin-fenced` | 1.3 times | at least 1.2 | yes |" in text
    assert "| Gin + go-redis, fenced | 200 | | | | | | 1.30 |" in text
    assert "| Dashboard from the lines, uncached | | 500 | | | | |" in text
    assert "| The same, triggers disabled | 3,000 | | | | | |" in text


@pytest.mark.parametrize(
    ("arguments", "seconds"),
    [([], 300), (["--short"], 30), (["--short", "--seconds", "2"], 2)],
)
def test_the_mix_takes_five_minutes_unless_told(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str], seconds: float
) -> None:
    taken: list[float] = []
    monkeypatch.setattr(sys, "argv", ["bench", "mix", *arguments])
    monkeypatch.setattr(__main__, "open_ground", nullcontext)
    monkeypatch.setattr(proc, "strangers", lambda: 0)
    monkeypatch.setattr(mix, "run", lambda _, each, *others: taken.append(each) or [])

    assert __main__.main() == 0
    assert taken == [seconds]


def test_the_command_hands_over() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "db.cli", "bench", "--help"],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
    ).stdout

    assert "./dev bench" in said
    assert all(name in said for name in ("read", "startup", "scale", "mix", "cached", "--json"))
