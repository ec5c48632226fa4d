"""The `penstock` command: every verb a small function; the table at the end lists them."""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from db import doctor, foreground, lint, scaffold, schema, sqitch, suite
from db.errors import SetupError
from db.home import Home, default_path
from db.provision import DEPLOYER, SERVER
from db.stack import Stack, has_demo
from db.testbed import bed_of


def up(stack: Stack, options: argparse.Namespace) -> int:
    stack.home.make()
    with stack.home.lock(waiting=lambda: print("Another ./dev is at work here; waiting for it …")):
        if stack.running():
            print(f"It is already running (pid {stack.pid()}).")
            print(foreground.welcome(stack))
            return 0
        foreground.bring_up(stack, demo=has_demo() and not options.no_demo)
    print(foreground.welcome(stack))
    return 0 if options.detach else foreground.wait(stack)


def down(stack: Stack, _: argparse.Namespace) -> int:
    if not stack.home.path.exists():
        print("Nothing was running.")
        return 0
    with stack.home.lock():
        stopped = stack.down()
        tests = bed_of(stack.home.path).stop_if_unused()
    print("Stopped." if stopped or tests else "Nothing was running.")
    return 0


def reset(stack: Stack, _: argparse.Namespace) -> int:
    if stack.home.path.exists():
        with stack.home.lock():
            bed_of(stack.home.path).wipe()
            stack.reset()
    print(f"Wiped {stack.home.path}: the next `./dev up` begins afresh.")
    return 0


def status(stack: Stack, options: argparse.Namespace) -> int:
    shown = stack.status()
    if options.json:
        print(json.dumps(shown, indent=2))
    elif shown["pid"]:
        print(f"Running (pid {shown['pid']}).\n{foreground.welcome(stack)}")
    else:
        print("Not running: `./dev up` starts it.")
    return 0 if shown["pid"] else 1


def deploy(stack: Stack, options: argparse.Namespace) -> int:
    url = _running(stack).url(DEPLOYER)
    done = sqitch.sqitch("deploy", "--verify", *options.rest, url=url)
    return done.returncode or check(stack, options)


def verify(stack: Stack, options: argparse.Namespace) -> int:
    return sqitch.sqitch("verify", *options.rest, url=_running(stack).url(DEPLOYER)).returncode


def revert(stack: Stack, options: argparse.Namespace) -> int:
    return sqitch.sqitch("revert", *options.rest, url=_running(stack).url(DEPLOYER)).returncode


def check(stack: Stack, _: argparse.Namespace) -> int:
    problems = [*lint.plan_problems(), *lint.lint_problems(_running(stack).url(DEPLOYER))]
    for problem in problems:
        print(problem)
    found: int = importlib.import_module("api.check").check(stack.url(SERVER))
    return 1 if problems else found


def routes(stack: Stack, _: argparse.Namespace) -> int:
    shown: int = importlib.import_module("api.check").routes(_running(stack).url(SERVER))
    return shown


def add(_: Stack, options: argparse.Namespace) -> int:
    return scaffold.add(options.name, options.note, options.requires)


def rework(_: Stack, options: argparse.Namespace) -> int:
    return scaffold.rework(options.name, options.note)


def snapshot(_: Stack, options: argparse.Namespace) -> int:
    return schema.write() if options.write else schema.compare()


def seed(stack: Stack, _: argparse.Namespace) -> int:
    if not has_demo():
        raise SetupError("There is no demo data here: db/demo.py is gone.")
    added = importlib.import_module("db.demo").seed(_running(stack).url(DEPLOYER))
    print("Demo data added." if added else "The demo data was there already.")
    return 0


def test(stack: Stack, options: argparse.Namespace) -> int:
    return suite.run(stack.home.path, options.rest)


def serve(_stack: Stack, _options: argparse.Namespace) -> int:
    importlib.import_module("api.serve").main()
    return 0


def diagnose(stack: Stack, _: argparse.Namespace) -> int:
    return doctor.report(stack)


def _running(stack: Stack) -> Stack:
    if not stack.cluster.pid():
        raise SetupError("The private PostgreSQL isn't running: start it with `./dev up`.")
    return stack


@dataclass(frozen=True)
class Verb:
    run: Callable[[Stack, argparse.Namespace], int]
    help: str
    flags: Sequence[tuple[str, str]] = ()
    passes_on: bool = False


VERBS = {
    "up": Verb(
        up,
        "start PostgreSQL, Redis and the API; deploy; add demo data",
        [("--detach", "leave it running and return"), ("--no-demo", "without demo data")],
    ),
    "down": Verb(down, "stop everything that `up` started"),
    "reset": Verb(reset, "stop everything and wipe its data, passwords and logs"),
    "status": Verb(
        status, "addresses, pid and logins", [("--json", "for programs: one JSON object")]
    ),
    "doctor": Verb(diagnose, "say what is wrong and how to mend it"),
    "deploy": Verb(
        deploy, "sqitch deploy --verify, then check; more arguments go to sqitch", passes_on=True
    ),
    "verify": Verb(verify, "sqitch verify; more arguments go to sqitch", passes_on=True),
    "revert": Verb(revert, "sqitch revert; more arguments go to sqitch", passes_on=True),
    "check": Verb(check, "name every error of the plan, the lint and the routes"),
    "routes": Verb(routes, "list the endpoints"),
    "add": Verb(add, "a new change: its scripts, its test and its line in the plan"),
    "rework": Verb(rework, "a new version of a tagged change, the old one kept for revert"),
    "schema": Verb(
        snapshot,
        "compare the deployed schema with db/schema.sql",
        [("--write", "write it there instead")],
    ),
    "seed": Verb(seed, "add the demo data if it isn't there"),
    "test": Verb(test, "style, types, pgTAP, pytest; more arguments go to pytest", passes_on=True),
    "serve": Verb(serve, "serve the API; configuration from the environment"),
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
    """Cut what belongs to sqitch or pytest off, unless it asks for help."""
    for index, word in enumerate(arguments):
        if word in VERBS:
            passes = VERBS[word].passes_on and not {"-h", "--help"} & set(arguments)
            return (arguments[: index + 1], arguments[index + 1 :]) if passes else (arguments, [])
    return arguments, []


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code, with a sentence instead of a traceback."""
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
