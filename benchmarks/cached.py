"""`bench cached`: answers from Redis behind the fence, answers at hand, and what they cost."""

import re
from collections.abc import Callable, Mapping, Sequence

from benchmarks import read, shop, touching
from benchmarks.cases import PREFIX, Case, bearer
from benchmarks.figures import Figure, results_table
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import CONSTANT, named, title
from benchmarks.race import Terms
from benchmarks.servers import Server
from benchmarks.wrk import Request
from db.errors import SetupError

BESIDE = ("penstock", "gin-fenced", "gin-unfenced", CONSTANT)
THINGS = 64
# Whoever expires in a run is asked for anew once a minute: far fewer than one in ten.
HITS = 0.9
_LOOKUPS = re.compile(r"^penstock_cache_lookups_total\{(.*)\} (\S+)$", re.MULTILINE)


def products(ground: Ground) -> list[Request]:
    """Members read products, which all members see alike."""
    callers = ground.members(THINGS)
    return [
        Request("GET", f"{PREFIX}/products/{product}", bearer(ground.token(caller)))
        for product, caller in zip(ground.products(THINGS), callers, strict=True)
    ]


def notices(ground: Ground) -> list[Request]:
    """Members read what a process may give out unasked for a fifth of a second."""
    return [
        Request("GET", f"{PREFIX}/bench/notices/{number}", bearer(ground.token(caller)))
        for number, caller in enumerate(ground.members(THINGS), start=1)
    ]


def hits_alone(servers: Sequence[Server]) -> None:
    """Raise SetupError unless what Penstock was asked for was kept."""
    for server in servers:
        if server.name.startswith("penstock"):
            hits, lookups = _lookups(server)
            if hits < HITS * lookups or not lookups:
                raise SetupError(f"Only {hits:,} of {lookups:,} answers were kept ones.")


def _lookups(server: Server) -> tuple[int, int]:
    _, page = server.ask(Request("GET", "/metrics"))
    found = [(labels, int(float(number))) for labels, number in _LOOKUPS.findall(page.decode())]
    hits = sum(number for labels, number in found if 'result="hit"' in labels)
    return hits, sum(number for _, number in found)


CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        Case("cached", "Cached read, fence checked", "cached", products, hits_alone),
        Case("local", "Cached read, at hand", "local", notices, hits_alone),
    )
}
# Of Penstock alone.
OTHERS: Mapping[str, Callable[[Ground, Terms, int], list[Figure]]] = {
    "dashboard": shop.run,
    "invalidation": touching.run,
}


def run(ground: Ground, terms: Terms, pool: int, only: str | None, case: str) -> list[Figure]:
    """Both cases beside their peers, then the dashboard and the write; tables on the way."""
    wanted = only.split(",") if only else list(BESIDE)
    entrants = named(wanted)
    found = []
    for each in CASES.values():
        if case in ("all", each.name):
            results = read.compare(ground, each, entrants, terms, pool, limit=False)
            say(results_table({title(name): result for name, result in results.items()}))
            found += read.figures(each, results)
    for name, other in OTHERS.items():
        if case in ("all", name) and "penstock" in wanted:
            found += other(ground, terms, pool)
    return found
