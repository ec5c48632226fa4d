"""What else goes on while the fast read is measured: slow callers, other roles, idle clients."""

import statistics
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks import idle, proc, race, wrk
from benchmarks.cases import PREFIX, bearer, read
from benchmarks.figures import Figure
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.peers import named
from benchmarks.race import Terms, Turn
from benchmarks.servers import Server, running
from benchmarks.wrk import Request

ROLES = ("anon", "member", "staff", "admin")
SLOW_CLIENTS = 4
IDLE = 10_000


def slow(ground: Ground, terms: Terms, pool: int) -> list[Figure]:
    """p99 of a fast read while 4 clients call a function that sleeps a second."""
    say("A fast read beside slow calls:")
    with running(ground, named(["penstock"])[0], pool) as server:
        alone = race.wrk_turn(ground, server, read(ground), terms)

        def beside() -> Turn:
            with _sleepers(ground, server, terms.seconds):
                return alone()

        ground.settle()
        taken = race.run({"alone": alone, "beside": beside}, terms)
    without, with_them = (race.result(taken[name]) for name in ("alone", "beside"))
    return [
        Figure("slow.p99_ratio", with_them.p99 / without.p99, "times", 1.5, lower_is_better=True),
        Figure("slow.rate_ratio", with_them.rate / without.rate, "times"),
        Figure("slow.p99.alone", without.p99, "ms", lower_is_better=True),
        Figure("slow.p99.beside", with_them.p99, "ms", lower_is_better=True),
    ]


@contextmanager
def _sleepers(ground: Ground, server: Server, seconds: float) -> Iterator[None]:
    token = ground.token(ground.login("member"))
    path = ground.home.path / "requests-sleep"
    wrk.write_requests(path, [Request("GET", f"{PREFIX}/bench/sleep?seconds=1", bearer(token))])
    command = wrk.command(server.url, path, seconds + 1, SLOW_CLIENTS)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as sleeping:
        yield
        sleeping.terminate()


def roles(ground: Ground, terms: Terms, pool: int) -> list[Figure]:
    """Callers of four roles mixed, against one role alone: products, which all may read."""
    say("Four roles mixed:")
    with running(ground, named(["penstock"])[0], pool) as server:
        turns = {
            name: race.wrk_turn(ground, server, _products(ground, each), terms, name)
            for name, each in {"one": ("member",), "four": ROLES}.items()
        }
        ground.settle()
        taken = race.run(turns, terms)
    one, four = (race.result(taken[name]) for name in ("one", "four"))
    return [
        Figure("roles.rate_ratio", four.rate / one.rate, "times", 0.8),
        Figure("roles.rate.one", one.rate, "requests/s"),
        Figure("roles.rate.four", four.rate, "requests/s"),
    ]


def _products(ground: Ground, callers: Sequence[str]) -> list[Request]:
    headers = {"anon": {"Host": "localhost"}} | {
        role: bearer(ground.token(ground.login(role), role)) for role in ROLES if role != "anon"
    }
    return [
        Request("GET", f"{PREFIX}/products/{product}", headers[callers[product % len(callers)]])
        for product in ground.products(64)
    ]


def idlers(ground: Ground, terms: Terms, pool: int) -> list[Figure]:
    """10,000 idle keep-alive connections beside the busy ones, and what each takes."""
    count = min(IDLE, idle.raise_limit() - idle.RESERVE)
    say(f"{count:,} idle connections:")
    found = []
    for name in ("penstock", "gin"):
        with running(ground, named([name])[0], pool) as server:
            found += _beside_idle(ground, server, terms, count)
    return found


def _beside_idle(ground: Ground, server: Server, terms: Terms, count: int) -> list[Figure]:
    alone = race.wrk_turn(ground, server, read(ground), terms)
    before = proc.cost(server.pid).pss
    with idle.holding(server, count, "/api/v1/products/1"):
        size = (proc.cost(server.pid).pss - before) * 1024 / count
    left = []

    def beside() -> Turn:
        with idle.holding(server, count, "/api/v1/products/1") as held:
            turn = alone()
            left.append(idle.still_open(held))
        return turn

    ground.settle()
    taken = race.run({"alone": alone, "beside": beside}, terms)
    without, with_them = (race.result(taken[each]) for each in ("alone", "beside"))
    ours = server.name == "penstock"
    ratio = with_them.rate / without.rate
    return [
        Figure(f"idle.rate_ratio.{server.name}", ratio, "times", 0.9 if ours else None),
        Figure(f"idle.held.{server.name}", min(left), "connections", count if ours else None),
        Figure(f"idle.memory.{server.name}", size, "KB/connection", lower_is_better=True),
        Figure(f"idle.rate.{server.name}", statistics.median(with_them.rates), "requests/s"),
    ]


CONDITIONS = {"slow": slow, "roles": roles, "idle": idlers}
