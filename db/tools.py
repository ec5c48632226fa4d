"""Run the real psql, sqitch and pg_prove, found wherever the packages put them."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from db import binaries
from db.errors import SetupError
from db.home import ROOT

PACKAGES = {"sqitch": "sqitch", "pg_prove": "libtap-parser-sourcehandler-pgtap-perl",
            "redis-server": "redis-server", "psql": "postgresql-client"}  # fmt: skip


def environment() -> dict[str, str]:
    """Ours, with PostgreSQL's own programs first and without PG* and psql's start-up file.

    Debian's wrappers in /usr/bin cost 50 ms a call; a deploy calls psql hundreds of times.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    folders = [str(found.folder) for found in binaries.installed()[:1]]
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath)])
    return kept | {"PATH": path, "PSQLRC": os.devnull}


def require(name: str) -> str:
    """The path of a program, or a sentence that says which package brings it."""
    found = shutil.which(name, path=environment()["PATH"])
    if not found:
        raise SetupError(
            f"{name} is not installed (Debian's package is {PACKAGES[name]}). "
            f"{binaries.HOW_TO_INSTALL}"
        )
    return found


def call(
    command: Sequence[str | Path], *, quiet: bool = False, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a tool in the checkout; `quiet` keeps its output instead of showing it."""
    return subprocess.run(
        [require(str(command[0])), *command[1:]],
        check=False,
        cwd=ROOT,
        env=environment() | dict(env or {}),
        text=True,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
    )


def libpq(url: str) -> dict[str, str]:
    """The environment that makes libpq's programs connect there.

    On a command line everybody on the machine could read the password.
    """
    names = {"dbname": "PGDATABASE", "options": "PGOPTIONS"}
    parts = conninfo_to_dict(url)
    return {names.get(key, f"PG{key.upper()}"): str(value) for key, value in parts.items()}


def psql(url: str, *arguments: str | Path) -> str:
    """What psql printed, unaligned and without headers; the first error ends it."""
    command = ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", *arguments]
    done = call(command, quiet=True, env=libpq(url))
    if done.returncode:
        raise SetupError(f"psql failed: {done.stdout.strip()}")
    return done.stdout.strip()
