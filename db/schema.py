"""db/schema.sql: a snapshot of the deployed schema, so that a review sees what a change does."""

import difflib
import re
import sys

from db.binaries import choose
from db.database import Database
from db.errors import SetupError
from db.home import ROOT
from db.testbed import open_bed
from db.tools import call, libpq

SNAPSHOT = ROOT / "db" / "schema.sql"
SHOWN = 100  # lines of a difference
# What pg_dump says about itself, its session and each object, and a token new in every dump.
NOISE = re.compile(
    r"^(--|-- (Name: .*; Type: |PostgreSQL database |Dumped ).*|SET \w+ = .*;"
    r"|SELECT pg_catalog\.set_config\('search_path'.*|\\(un)?restrict .*)\n",
    re.MULTILINE,
)

POLICY_ROLES = re.compile(r"^(CREATE POLICY [^\n]*? TO )(\w+(?:, \w+)+)", re.MULTILINE)


def dump(database: Database) -> str:
    """The schema as SQL, the same for every server of one major version."""
    command = ["pg_dump", "--schema-only", "--exclude-schema=sqitch"]
    done = call(command, quiet=True, env=libpq(database.superuser_url))
    if done.returncode:
        raise SetupError(f"pg_dump failed: {done.stdout.strip()}")
    return f"{_head()}\n\n{normalise(done.stdout)}"


def normalise(dumped: str) -> str:
    """Without that noise, and never more than one empty line."""
    sorted_roles = POLICY_ROLES.sub(_sorted_roles, NOISE.sub("", dumped))
    return re.sub(r"\n{3,}", "\n\n", sorted_roles).strip() + "\n"


def _sorted_roles(match: re.Match[str]) -> str:
    """pg_dump names a policy's roles in the order in which this cluster changed them last."""
    return match[1] + ", ".join(sorted(match[2].split(", ")))


def deployed() -> str:
    """The snapshot of a database made by this checkout's plan, untouched by anybody."""
    with open_bed() as bed, bed.database() as database:
        return dump(database)


def write() -> int:
    """Write the snapshot."""
    SNAPSHOT.write_text(deployed())
    print(f"Wrote {SNAPSHOT.relative_to(ROOT)}.")
    return 0


def compare() -> int:
    """0 when the snapshot is the deployed schema; the difference is shown otherwise."""
    kept = SNAPSHOT.read_text() if SNAPSHOT.exists() else ""
    if kept and not kept.startswith(_head()):
        print(f"{kept.splitlines()[0][3:]} is not this one ({choose().major}): not compared.")
        return 0
    difference = list(
        difflib.unified_diff(
            kept.splitlines(keepends=True),
            deployed().splitlines(keepends=True),
            "db/schema.sql",
            "deployed by sqitch.plan",
            n=2,
        )
    )
    sys.stdout.writelines(difference[:SHOWN])
    if len(difference) > SHOWN:
        print(f"… and {len(difference) - SHOWN} lines more.")
    if difference:
        print("db/schema.sql is not what the plan deploys: `./dev schema --write`, and review it.")
        return 1
    print("db/schema.sql is what the plan deploys.")
    return 0


def _head() -> str:
    return f"-- Made by `./dev schema --write` with PostgreSQL {choose().major}"
