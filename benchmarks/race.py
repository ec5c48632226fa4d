"""The race: warm up, then rounds in which every server has its turn; medians of each."""

import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks import proc, wrk
from benchmarks.ground import Ground
from benchmarks.install import say
from benchmarks.servers import Server
from benchmarks.wrk import Load, Request
from db.errors import SetupError

DRAIN_SECONDS = 10


@dataclass(frozen=True)
class Terms:
    """How long and how hard."""

    rounds: int = 5
    seconds: float = 3
    connections: int = 64
    warm_up: float = 1


@dataclass(frozen=True)
class Turn:
    """One server's turn in one round: what wrk saw, and CPU seconds meanwhile."""

    load: Load
    cpu: float
    database_cpu: float


@dataclass(frozen=True)
class Result:
    """Medians over the rounds. Latencies in ms, CPU in µs a request, memory in MB."""

    rate: float
    p50: float
    p95: float
    p99: float
    cpu: float
    database_cpu: float
    rss: float
    pss: float
    rates: tuple[float, ...]
    errors: int


def wrk_turn(
    ground: Ground,
    server: Server,
    requests: Sequence[Request],
    terms: Terms,
    label: str | None = None,
) -> Callable[[], Turn]:
    """A turn of wrk against a server, which is warmed up at once."""
    path = ground.home.path / f"requests-{label or server.name}"
    wrk.write_requests(path, requests)
    database = ground.cluster.pid() or 0
    wrk.run(server.url, path, terms.warm_up, terms.connections)
    proc.wait_idle([server.pid, database], DRAIN_SECONDS)

    def turn() -> Turn:
        before = proc.cpu(server.pid), proc.cpu(database)
        load = wrk.run(server.url, path, terms.seconds, terms.connections)
        after = proc.cpu(server.pid), proc.cpu(database)
        proc.wait_idle([server.pid, database], DRAIN_SECONDS)
        if load.errors:
            raise SetupError(f"{server.name} gave errors: {load.told}.")
        if not load.requests:
            raise SetupError(f"{server.name} answered nothing in {terms.seconds:.0f} s.")
        return Turn(load, after[0] - before[0], after[1] - before[1])

    return turn


def run(turns: Mapping[str, Callable[[], Turn]], terms: Terms) -> dict[str, list[Turn]]:
    """Every turn once a round, in another order each, so that nobody always comes after another:
    what that one has left behind (pages to write, a cold cache) is work in the next turn.
    """
    taken: dict[str, list[Turn]] = {name: [] for name in turns}
    names = list(turns)
    dice = random.Random(1)
    for number in range(terms.rounds):
        for name in dice.sample(names, len(names)):
            taken[name].append(turns[name]())
        told = "  ".join(f"{name} {taken[name][-1].load.rate:,.0f}" for name in names)
        say(f"  round {number + 1}: {told}")
    return taken


def result(turns: Sequence[Turn], pid: int | None = None) -> Result:
    """The medians, and the memory of a server that still runs."""

    def median(of: Callable[[Turn], float]) -> float:
        return statistics.median(of(turn) for turn in turns)

    cost = proc.cost(pid) if pid else proc.Cost(0, 0, 0)
    return Result(
        rate=median(lambda turn: turn.load.rate),
        p50=median(lambda turn: turn.load.p50),
        p95=median(lambda turn: turn.load.p95),
        p99=median(lambda turn: turn.load.p99),
        cpu=median(lambda turn: 1e6 * turn.cpu / max(turn.load.requests, 1)),
        database_cpu=median(lambda turn: 1e6 * turn.database_cpu / max(turn.load.requests, 1)),
        rss=cost.rss,
        pss=cost.pss,
        rates=tuple(turn.load.rate for turn in turns),
        errors=sum(turn.load.errors for turn in turns),
    )
