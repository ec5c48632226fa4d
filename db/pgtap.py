"""Run the real pg_prove on tests/db, in parallel, each run on a database of its own."""

import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from db import provision
from db.binaries import choose
from db.database import Database
from db.errors import SetupError
from db.home import ROOT
from db.testbed import Testbed
from db.tools import call, libpq

FOLDER = ROOT / "tests" / "db"
WANTED = "pgtap"
WELCOME = "plpgsql_check"


def template(bed: Testbed) -> str:
    """The deployed template with pgTAP in it (and plpgsql_check where that is installed)."""
    name = f"pgtap_{bed.template}"
    with bed.home.lock():
        if provision.database_exists(bed.cluster.url("postgres"), name):
            return name
        with bed.draft(name, bed.template) as draft:
            server = choose()
            if not server.has_extension(WANTED):
                raise SetupError(
                    f"pgTAP is not installed for PostgreSQL {server.major}: on Debian "
                    f"`apt install postgresql-{server.major}-pgtap`."
                )
            draft.psql(f"create extension {WANTED}")
            if server.has_extension(WELCOME):
                draft.psql(f"create extension {WELCOME}")
    return name


def run(bed: Testbed, folder: Path = FOLDER) -> bool:
    """Run every file below the folder; print a summary, and all that pg_prove said if it failed."""
    files = sorted(folder.rglob("*.sql"))
    if not files:
        print(f"pgTAP: no test was found below {folder}, and that is a failure.")
        return False
    made_from = template(bed)
    jobs = min(os.cpu_count() or 1, len(files))
    with ThreadPoolExecutor(jobs) as pool:
        runs = list(pool.map(lambda job: _prove(bed, made_from, files[job::jobs]), range(jobs)))
    passed = all(ok for ok, _ in runs)
    if not passed:
        print("".join(said for ok, said in runs if not ok))
    tests = sum(int(found) for _, said in runs for found in re.findall(r"Tests=(\d+)", said))
    print(f"pgTAP: {len(files)} files, {tests} tests, {'all passed' if passed else 'FAILED'}.")
    return passed


def _prove(bed: Testbed, made_from: str, files: Sequence[Path]) -> tuple[bool, str]:
    with bed.database(made_from) as database:
        return prove(database, files)


def prove(database: Database, files: Sequence[Path]) -> tuple[bool, str]:
    """Run pg_prove as the superuser, who may become any role; whether all passed, and its words.

    Without a file to run pg_prove says NOTESTS and is content; we are not.
    """
    options = ("--ext", ".sql", "--recurse", "--failures")
    done = call(
        ["pg_prove", *options, *map(str, files)], quiet=True, env=libpq(database.superuser_url)
    )
    return done.returncode == 0 and "Result: PASS" in done.stdout, done.stdout
