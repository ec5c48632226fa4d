"""What each verb of the `penstock` command does; its result is the exit code."""

import argparse
import importlib
import json
import os
import subprocess
import sys

from db import doctor, foreground, importing, lint, scaffold, schema, sqitch, suite
from db.errors import SetupError
from db.home import ROOT
from db.provision import DEPLOYER, SERVER
from db.readiness import page
from db.stack import Stack, has_demo
from db.testbed import bed_of


def up(stack: Stack, options: argparse.Namespace) -> int:
    stack.home.make()
    foreground.interrupt_on_signals()
    ours = ready = False
    try:
        with stack.home.lock(waiting=foreground.say_waiting):
            if stack.running():
                return foreground.already_running(stack)
            ours = True
            stack.up(demo=has_demo() and not options.no_demo)
        print(foreground.welcome(stack))
        ready = True
        return 0 if options.detach else foreground.wait(stack)
    except KeyboardInterrupt:
        if ours:
            foreground.stop(stack)
        return 0 if ready else 130


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
    url = _running(stack).url(DEPLOYER)
    problems = [
        *lint.plan_problems(),
        *lint.lint_problems(url),
        *lint.untested_problems(url),
    ]
    for problem in problems:
        print(problem)
    found: int = importlib.import_module("api.check").check(stack.url(SERVER))
    return 1 if problems else found


def routes(stack: Stack, _: argparse.Namespace) -> int:
    url = _running(stack).url(SERVER)
    shown: int = importlib.import_module("api.check").routes(url, metrics=page(stack.root))
    return shown


def add(_: Stack, options: argparse.Namespace) -> int:
    return scaffold.add(options.name, options.note, options.requires)


def rework(_: Stack, options: argparse.Namespace) -> int:
    return scaffold.rework(options.name, options.note)


def snapshot(_: Stack, options: argparse.Namespace) -> int:
    return schema.write() if options.write else schema.compare()


def privileges(_: Stack, options: argparse.Namespace) -> int:
    if not (ROOT / "tests" / "security").exists():
        raise SetupError("There is nothing to compare here: the tests are only in a checkout.")
    command = [sys.executable, "-m", "tests.security", *(["--write"] if options.write else [])]
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def seed(stack: Stack, _: argparse.Namespace) -> int:
    if not has_demo():
        raise SetupError("There is no demo data here: db/demo.py is gone.")
    added = importlib.import_module("db.demo").seed(_running(stack).url(DEPLOYER))
    print("Demo data added." if added else "The demo data was there already.")
    return 0


def test(stack: Stack, options: argparse.Namespace) -> int:
    return suite.run(stack.home.path, options.rest)


def faults(stack: Stack, options: argparse.Namespace) -> int:
    os.environ["PENSTOCK_FAULTS"] = "long"
    return suite.run(stack.home.path, ["tests/faults", "-v", "-s", *options.rest])


def hostile(stack: Stack, options: argparse.Namespace) -> int:
    os.environ["PENSTOCK_HOSTILE"] = "long"
    return suite.run(stack.home.path, ["tests/security", "-v", "-s", *options.rest])


def bench(_: Stack, options: argparse.Namespace) -> int:
    if not (ROOT / "benchmarks").exists():
        raise SetupError("There are no benchmarks here: they are only in a checkout.")
    command = (sys.executable, "-m", "benchmarks", *options.rest)
    return subprocess.run(command, check=False, cwd=ROOT).returncode


def take_in(stack: Stack, options: argparse.Namespace) -> int:
    def here() -> str | None:
        shown = stack.status()
        return str(shown["api"]) if shown["pid"] else None

    return importing.run(options.rest, here)


def serve(_stack: Stack, _options: argparse.Namespace) -> int:
    importlib.import_module("api.serve").main()
    return 0


def worker(_stack: Stack, _options: argparse.Namespace) -> int:
    importlib.import_module("api.worker").main()
    return 0


def diagnose(stack: Stack, _: argparse.Namespace) -> int:
    return doctor.report(stack)


def _running(stack: Stack) -> Stack:
    if not stack.cluster.pid():
        raise SetupError("The private PostgreSQL isn't running: start it with `./dev up`.")
    return stack
