"""`python -m benchmarks NAME`, which `./dev bench NAME` hands over to."""

import argparse
import sys

from benchmarks import figures, peers, read
from benchmarks.cases import CASES
from benchmarks.conditions import CONDITIONS
from benchmarks.ground import open_ground
from benchmarks.race import Terms
from db.errors import SetupError

LIMITS = ("pgbench",)


def main() -> int:
    """Run one bench; 0 unless it could not be run."""
    options = _parser().parse_args()
    try:
        found = BENCHES[options.bench](options)
    except SetupError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(figures.as_json(found) if options.json else figures.figures_table(found))
    return 0


def _read(options: argparse.Namespace) -> list[figures.Figure]:
    terms = Terms(options.rounds, options.seconds, options.connections)
    wanted = options.only.split(",") if options.only else [*peers.names(), *LIMITS]
    entrants = peers.named([name for name in wanted if name not in LIMITS])
    found = []
    with open_ground() as ground:
        for case in read.selected(options.case):
            results = read.compare(
                ground, case, entrants, terms, options.pool, limit="pgbench" in wanted
            )
            if not options.json:
                print(figures.results_table({peers.title(name): results[name] for name in results}))
            found += read.figures(case, results)
        for name, condition in CONDITIONS.items():
            if options.case in ("all", name) and "penstock" in wanted:
                found += condition(ground, terms, options.pool)
    return found


BENCHES = {"read": _read}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./dev bench", description="Penstock beside its peers.")
    parser.add_argument("bench", choices=BENCHES, metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--json", action="store_true", help="figures as a JSON list")
    parser.add_argument("--only", help="servers, separated by commas: " + ",".join(peers.names()))
    parser.add_argument(
        "--case", choices=["all", *CASES, *CONDITIONS], default="all", help="what is asked"
    )
    parser.add_argument("--rounds", type=int, default=5, help="turns of each server (5)")
    parser.add_argument("--seconds", type=float, default=3, help="seconds of a turn (3)")
    parser.add_argument("--connections", type=int, default=64, help="clients (64)")
    parser.add_argument("--pool", type=int, default=32, help="database connections of each (32)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
