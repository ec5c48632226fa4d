"""The `penstock` command: the table of its verbs, and how they are called."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db import commands
from db.errors import SetupError
from db.home import Home, default_path
from db.stack import Stack


@dataclass(frozen=True)
class Verb:
    run: Callable[[Stack, argparse.Namespace], int]
    help: str
    flags: Sequence[tuple[str, str]] = ()
    passes_on: bool = False


VERBS = {
    "up": Verb(
        commands.up,
        "start PostgreSQL, Redis and the API; deploy; add demo data",
        [("--detach", "leave it running and return"), ("--no-demo", "without demo data")],
    ),
    "down": Verb(commands.down, "stop everything that `up` started"),
    "reset": Verb(commands.reset, "stop everything and wipe its data, passwords and logs"),
    "status": Verb(
        commands.status, "addresses, pid and logins", [("--json", "for programs: one JSON object")]
    ),
    "doctor": Verb(commands.diagnose, "say what is wrong and how to mend it"),
    "deploy": Verb(
        commands.deploy,
        "sqitch deploy --verify, then check; more arguments go to sqitch",
        passes_on=True,
    ),
    "verify": Verb(commands.verify, "sqitch verify; more arguments go to sqitch", passes_on=True),
    "revert": Verb(commands.revert, "sqitch revert; more arguments go to sqitch", passes_on=True),
    "check": Verb(commands.check, "name every error of the plan, the lint and the routes"),
    "routes": Verb(commands.routes, "list the endpoints"),
    "add": Verb(commands.add, "a new change: its scripts, its test and its line in the plan"),
    "rework": Verb(
        commands.rework, "a new version of a tagged change, the old one kept for revert"
    ),
    "schema": Verb(
        commands.snapshot,
        "compare the deployed schema with db/schema.sql",
        [("--write", "write it there instead")],
    ),
    "privileges": Verb(
        commands.privileges,
        "compare who may do what, and reaches which rows, with tests/security",
        [("--write", "write it there instead")],
    ),
    "seed": Verb(commands.seed, "add the demo data if it isn't there"),
    "test": Verb(
        commands.test,
        "style, types, pgTAP, pytest; more arguments go to pytest; --faults plants faults",
        passes_on=True,
    ),
    "faults": Verb(
        commands.faults, "the long fault tests; more arguments go to pytest", passes_on=True
    ),
    "hostile": Verb(
        commands.hostile,
        "every hostile input at every place; more arguments go to pytest",
        passes_on=True,
    ),
    "bench": Verb(
        commands.bench, "measure beside other stacks; `bench --help` names them", passes_on=True
    ),
    "import": Verb(
        commands.take_in, "send a list to an endpoint; `import --help` says how", passes_on=True
    ),
    "serve": Verb(commands.serve, "serve the API; configuration from the environment"),
    "worker": Verb(
        commands.worker, "deliver mails and webhooks, do jobs; configuration from the environment"
    ),
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="penstock", description="PostgreSQL functions as a typed, safe HTTP API."
    )
    parser.add_argument(
        "--home", type=Path, default=default_path(), help="where state and data lie (.local)"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for name, verb in VERBS.items():
        command = verbs.add_parser(name, help=verb.help, description=verb.help)
        for flag, text in verb.flags:
            command.add_argument(flag, action="store_true", help=text)
        if name in ("add", "rework"):
            command.add_argument("name", metavar="NAME", help="such as api/thing_get")
            command.add_argument("--note", default="", help="what the change does, for the plan")
        if name == "add":
            command.add_argument(
                "--requires", action="append", default=[], help="a change it needs (repeatable)"
            )
    return parser


def _split(arguments: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Cut what belongs to sqitch, pytest or a bench off, unless it asks for help."""
    for index, word in enumerate(arguments):
        if word in VERBS:
            asks = word not in ("bench", "import") and {"-h", "--help"} & set(arguments)
            passes = VERBS[word].passes_on and not asks
            return (arguments[: index + 1], arguments[index + 1 :]) if passes else (arguments, [])
    return arguments, []


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code, with a sentence instead of a traceback."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # progress is read while it is made
    own, rest = _split(sys.argv[1:] if arguments is None else arguments)
    options = _parser().parse_args(own)
    options.rest = rest
    home = Home(options.home.resolve())
    os.environ["PENSTOCK_HOME"] = str(home.path)
    try:
        return VERBS[options.verb].run(Stack(home), options)
    except SetupError as error:
        print(f"penstock: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `./dev routes | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


if __name__ == "__main__":
    sys.exit(main())
