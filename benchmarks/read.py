"""`bench read`: the same request to every server, one role, 64 connections."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks import equal, race
from benchmarks.cases import CASES, Case
from benchmarks.conditions import CONDITIONS
from benchmarks.figures import Figure, results_table
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import CONSTANT, Peer, named, names, title
from benchmarks.pgbench import pgbench_turn
from benchmarks.race import Result, Terms, Turn
from benchmarks.servers import all_running

# case, beside whom, what: at least this many times theirs, or for p99 at most.
GOALS: Mapping[tuple[str, str, str], float] = {
    ("read", "gin", "rate"): 1.9,
    ("read", "gin", "p99"): 0.5,
    ("read", "gin-batch", "rate"): 1.2,
    ("read", "postgrest", "rate"): 6,
    ("read", "layered", "rate"): 20,
    ("read", "pgbench", "rate"): 0.45,
    ("list", "gin", "rate"): 1.5,
    ("write", "gin", "rate"): 1.4,
    ("records-1", "gin", "rate"): 1.2,
    ("records-100", "gin", "rate"): 0.9,
    ("cached", "gin-fenced", "rate"): 1.2,
    ("local", "floor", "rate"): 0.65,
}


LIMITS = ("pgbench",)


def run(ground: Ground, terms: Terms, pool: int, only: str | None, case: str) -> list[Figure]:
    """Every case for every server, then what else goes on beside it; tables on the way."""
    wanted = only.split(",") if only else [*names(), *LIMITS]
    entrants = named([name for name in wanted if name not in LIMITS])
    found = []
    for each in CASES.values():
        if case in ("all", each.name):
            results = compare(ground, each, entrants, terms, pool, limit="pgbench" in wanted)
            say(results_table({title(name): result for name, result in results.items()}))
            found += figures(each, results)
    for name, condition in CONDITIONS.items():
        if case in ("all", name) and "penstock" in wanted:
            found += condition(ground, terms, pool)
    return found


def compare(
    ground: Ground, case: Case, peers: Sequence[Peer], terms: Terms, pool: int, *, limit: bool
) -> dict[str, Result]:
    """Race the peers that do this work; `limit` adds pgbench where it has a script for the case."""
    say(f"{case.title}:")
    entrants = [peer for peer in peers if case.kind in peer.cases]
    asked = case.requests(ground)
    with all_running(ground, entrants, pool) as servers:
        requests = {server: [server.peer.translate(each) for each in asked] for server in servers}
        compared = {server: requests[server] for server in servers if server.name != CONSTANT}
        equal.check(compared, writes=case.kind == "write")
        turns: dict[str, Callable[[], Turn]] = {
            server.name: race.wrk_turn(ground, server, requests[server], terms)
            for server in servers
        }
        if limit and (turn := pgbench_turn(ground, case.name, terms)):
            turns["pgbench"] = turn
        ground.settle()
        taken = race.run(turns, terms)
        if case.prove:
            case.prove(servers)
        pids = {server.name: server.pid for server in servers}
        return {name: race.result(each, pids.get(name)) for name, each in taken.items()}


def figures(case: Case, results: Mapping[str, Result]) -> list[Figure]:
    """Penstock's ratios to the others within this run, and everybody's own numbers."""
    return [*_ratios(case, results), *_absolutes(case, results)]


def _ratios(case: Case, results: Mapping[str, Result]) -> list[Figure]:
    found = []
    ours = results.get("penstock")
    for name, theirs in results.items():
        if ours is None or name == "penstock":
            continue
        pairs = (("rate", ours.rate, theirs.rate), ("p99", ours.p99, theirs.p99))
        found += [
            Figure(
                f"{case.name}.{what}_ratio.{name}",
                mine / other,
                "times",
                GOALS.get((case.name, name, what)),
                lower_is_better=what == "p99",
            )
            for what, mine, other in pairs
            if other
        ]
    return found


def _absolutes(case: Case, results: Mapping[str, Result]) -> list[Figure]:
    found = []
    for name, each in results.items():
        found.append(Figure(f"{case.name}.rate.{name}", each.rate, "requests/s"))
        found += [
            Figure(f"{case.name}.{what}.{name}", value, unit, lower_is_better=True)
            for what, value, unit in (
                ("p50", each.p50, "ms"),
                ("p99", each.p99, "ms"),
                ("cpu", each.cpu, "µs/request"),
                ("database_cpu", each.database_cpu, "µs/request"),
                ("rss", each.rss, "MB"),
                ("pss", each.pss, "MB"),
            )
            if value
        ]
    return found
