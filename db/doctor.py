"""`doctor`: look at everything a stack needs, and say how to mend what is wrong."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from db import binaries, lint, process, provision, sqitch
from db.errors import SetupError
from db.provision import DEPLOYER
from db.readiness import readiness
from db.redis_server import answers
from db.stack import Stack
from db.tools import PACKAGES, environment

EXTENSIONS = {"pgtap": "pgtap", "plpgsql_check": "plpgsql-check"}


@dataclass(frozen=True)
class Finding:
    """One line of the report; without `mend` all is well."""

    what: str
    mend: str | None = None


def report(stack: Stack) -> int:
    """Print every finding; 1 if something needs mending."""
    found = list(examine(stack))
    for finding in found:
        print(f"{'problem' if finding.mend else 'ok':<8} {finding.what}")
        if finding.mend:
            print(f"         → {finding.mend}")
    return int(any(finding.mend for finding in found))


def examine(stack: Stack) -> Iterator[Finding]:
    """All findings, from the ground up; what stands on a missing part is not asked."""
    yield Finding(f"Python {platform.python_version()} in {sys.prefix}")
    yield from _programs()
    yield from _plan()
    if not stack.made:
        yield Finding("Nothing was set up here yet.", "Run `./dev up`.")
        return
    yield from _servers(stack)
    if stack.cluster.pid():
        yield from _database(stack)
    yield from _api(stack)


def _programs() -> Iterator[Finding]:
    try:
        server = binaries.choose()
    except SetupError as error:
        yield Finding("PostgreSQL is missing.", str(error))
    else:
        yield Finding(f"PostgreSQL {server.major} in {server.folder}")
        for name, package in EXTENSIONS.items():
            if server.has_extension(name):
                yield Finding(f"{name} for PostgreSQL {server.major}")
            else:
                line = f"apt install postgresql-{server.major}-{package}"
                yield Finding(f"{name} is missing; only tests need it.", f"On Debian `{line}`.")
    for name, package in PACKAGES.items():
        if path := shutil.which(name, path=environment()["PATH"]):
            yield Finding(f"{name} is {path}")
        else:
            yield Finding(f"{name} is missing.", f"On Debian `apt install {package}`.")


def _plan() -> Iterator[Finding]:
    if not shutil.which("sqitch"):
        return
    problems = lint.plan_problems()
    for problem in problems:
        yield Finding(problem, "Mend the plan or write the script: db/CONVENTIONS.md.")
    if not problems:
        yield Finding(f"sqitch.plan has {len(sqitch.planned())} changes, each with its scripts")


def _servers(stack: Stack) -> Iterator[Finding]:
    mend = "`./dev up` starts it."
    if pid := stack.cluster.pid():
        yield Finding(f"PostgreSQL runs on port {stack.cluster.port} (pid {pid})")
    else:
        if stack.cluster.noted_pid():
            yield Finding("PostgreSQL left a stale postmaster.pid.", "`./dev up` recovers it.")
        yield Finding(f"PostgreSQL is not running{_taken(stack, 'postgres')}.", mend)
    if pid := stack.redis.pid():
        if answers(stack.redis.url):
            yield Finding(f"Redis runs on port {stack.home.port('redis')} (pid {pid})")
        else:
            yield Finding(f"Redis (pid {pid}) does not answer.", "`./dev down`, then `./dev up`.")
    else:
        yield Finding(f"Redis is not running{_taken(stack, 'redis')}.", mend)
        if int(os.environ.get("WORKERS", "1")) > 1:
            yield Finding("WORKERS is above 1 and there is no Redis: no cache at all.", mend)


def _taken(stack: Stack, server: str) -> str:
    port = stack.home.port(server)
    return f", and something else has its port {port}" if process.port_taken(port) else ""


def _database(stack: Stack) -> Iterator[Finding]:
    try:
        deployed = sqitch.deployed(stack.url(DEPLOYER))
    except psycopg.OperationalError as error:
        yield Finding(
            f"The deployer can't log in: {str(error).strip()}",
            "`./dev down`, then `./dev up` makes roles, passwords and database again.",
        )
        return
    last = sqitch.planned()[-1]
    if deployed == last:
        yield Finding(f"The plan's last change, {last}, is deployed")
    else:
        yield Finding(f"Deployed is {deployed}, the plan ends with {last}.", "`./dev deploy`.")
    missing = provision.missing_roles(stack.url(DEPLOYER))
    if missing:
        yield Finding(f"Roles are missing: {', '.join(missing)}.", "`./dev down`, `./dev up`.")
    else:
        yield Finding("Every role of db/roles.sql is there")
    for problem in lint.lint_problems(stack.url(DEPLOYER)):
        yield Finding(problem, "See db/CONVENTIONS.md.")


def _api(stack: Stack) -> Iterator[Finding]:
    pid = stack.pid()
    if not pid:
        if stack.home.state().get("api_pid"):
            yield Finding("The API ended by itself (stale pid).", f"See {stack.log}; `./dev up`.")
        else:
            yield Finding("The API is not running.", "`./dev up` starts it.")
        return
    if worker := stack.worker_pid():
        yield Finding(f"The worker runs (pid {worker}); mails are in {stack.mails}")
    else:
        mend = f"Its log is {stack.worker_log}; `./dev up` starts it."
        yield Finding("The worker is not running: nothing is delivered.", mend)
    ready, complaints = readiness(stack.root)
    if ready:
        yield Finding(f"The API answers on {stack.root} (pid {pid})")
    else:
        yield Finding(f"The API (pid {pid}) is not ready.", f"Its log is {stack.log}.")
    for complaint in complaints:
        yield Finding(complaint, "Mend it and deploy; until then the API keeps its old routes.")
