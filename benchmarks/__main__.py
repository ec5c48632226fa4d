"""`python -m benchmarks NAME`, which `./dev bench NAME` hands over to."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import (
    bulk,
    cached,
    export,
    figures,
    idle,
    mix,
    peers,
    proc,
    read,
    report,
    scale,
    startup,
)
from benchmarks.cases import CASES
from benchmarks.conditions import CONDITIONS
from benchmarks.figures import Figure
from benchmarks.ground import Ground, open_ground
from benchmarks.install import say
from benchmarks.race import Terms
from db.errors import SetupError

CONNECTIONS = 64
QUIET_CORES = 0.2


@dataclass(frozen=True)
class Bench:
    """One bench: what it does, and with which seconds and rounds by default."""

    run: Callable[[Ground, Terms, argparse.Namespace], list[Figure]]
    help: str
    rounds: int = 5
    seconds: float = 3
    short: float | None = None


def _read(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    return read.run(ground, terms, options.pool, options.only, options.case)


def _startup(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    return startup.run(ground, terms, options.pool, options.only, options.sizes)


def _scale(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    return scale.run(ground, terms, options.pool, options.only, options.sizes)


def _mix(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    clients = options.connections or mix.CLIENTS
    return mix.run(ground, terms.seconds, clients, options.pool, options.only)


def _cached(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    return cached.run(ground, terms, options.pool, options.only, options.case)


def _bulk(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    return bulk.run(ground, terms, options.pool, options.sizes)


def _export(ground: Ground, terms: Terms, options: argparse.Namespace) -> list[Figure]:
    rows = int(options.sizes) if options.sizes else export.ROWS
    return export.run(ground, terms, options.pool, rows)


BENCHES = {
    "read": Bench(_read, "read by id, list, write, records, beside every other stack"),
    "startup": Bench(_startup, "time to the first answer; 10 to 10,000 routes", 3, 2),
    "scale": Bench(_scale, "10,000 to 10 million rows; 1 to 512 connections", 3, 2),
    "mix": Bench(
        _mix,
        "70% GET, 20% POST, 10% PUT and DELETE, 10,000 connections, 5 minutes a server",
        1,
        mix.SECONDS,
        mix.SHORT,
    ),
    "bulk": Bench(
        _bulk, "lists of a thousand, a file of a million lines, beside single requests and psql", 3
    ),
    "export": Bench(_export, "a million rows as a file, beside psql's \\copy of the same"),
    "cached": Bench(_cached, "cached reads, a dashboard of a million lines, writes that end them"),
}


def main() -> int:
    """Run one bench; 0 unless it could not be run."""
    options = _parser().parse_args()
    bench = BENCHES[options.bench]
    terms = Terms(
        options.rounds or bench.rounds,
        options.seconds or (options.short and bench.short) or bench.seconds,
        options.connections or CONNECTIONS,
    )
    idle.raise_limit()
    try:
        with open_ground() as ground:
            if (cores := proc.strangers()) > QUIET_CORES:
                say(f"Something else keeps {cores:.1f} cores busy: don't trust these figures.")
            found = bench.run(ground, terms, options)
    except SetupError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    report.keep(options.bench, found, write=options.write)
    print(figures.as_json(found) if options.json else figures.figures_table(found))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev bench",
        description="Penstock beside its peers, in one run on this machine.",
        epilog="\n".join(f"{name:10} {bench.help}" for name, bench in BENCHES.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bench", choices=BENCHES, metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true", help="print figures as a JSON list")
    everybody = ",".join([*peers.names(), *read.LIMITS])
    parser.add_argument("--write", action="store_true", help="update benchmarks/README.md")
    parser.add_argument("--only", metavar="NAMES", help=f"these servers alone: {everybody}")
    parser.add_argument(
        "--case",
        choices=["all", *CASES, *CONDITIONS, *cached.CASES, *cached.OTHERS],
        default="all",
        help="of read and cached: what is asked",
    )
    parser.add_argument(
        "--sizes", help="of startup, scale, bulk, export: routes, rows or lines, such as 10,1000"
    )
    parser.add_argument("--rounds", type=int, help="turns of each server")
    parser.add_argument("--seconds", type=float, help="seconds of a turn")
    parser.add_argument("--short", action="store_true", help="of mix: 30 seconds, not 5 minutes")
    parser.add_argument("--connections", type=int, help="clients (64; mix: 10,000)")
    parser.add_argument(
        "--pool", type=int, default=peers.POOL, help="database connections of each (32)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
