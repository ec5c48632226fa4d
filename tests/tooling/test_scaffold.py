"""`add` and `rework` on a copy of the checkout: what they write deploys, passes and reverts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from db import pgtap
from db.database import Database
from db.home import ROOT
from db.testbed import Testbed

COPIED = ("db", "deploy", "revert", "verify", "sqitch.conf", "sqitch.plan")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    who = {"SQITCH_FULLNAME": "Anybody", "SQITCH_EMAIL": "anybody@localhost"}
    return subprocess.run(
        words, cwd=checkout, env=os.environ | who, capture_output=True, text=True, check=False
    )


def penstock(checkout: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, sys.executable, "-m", "db.cli", *words)


def sqitch(checkout: Path, verb: str, database: Database, *words: str) -> str:
    target = "db:pg" + database.deployer_url.removeprefix("postgresql")
    done = run(checkout, "sqitch", verb, "--target", target, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("change", "annotation", "volatility"),
    [
        ("api/greeting_get", "HTTP GET /greeting-get", "s"),
        ("api/greeting_send", "HTTP POST /greeting-send", "v"),
    ],
)
def test_an_added_endpoint_deploys_passes_and_reverts(
    bed: Testbed, checkout: Path, change: str, annotation: str, volatility: str
) -> None:
    added = penstock(checkout, "add", change, "--note", "A greeting.")
    name = change.removeprefix("api/")
    with bed.database(pgtap.template(bed)) as database:
        sqitch(checkout, "deploy", database)
        found = database.rows(
            "select obj_description(oid), provolatile from pg_proc where proname = %s", name
        )
        proved, said = pgtap.prove(database, [checkout / "tests" / "db" / f"{change}.sql"])
        lint = database.rows("select * from penstock.lint")
        sqitch(checkout, "revert", database, "-y", "--to", "@HEAD^")
        gone = database.rows("select from pg_proc where proname = %s", name)

    assert added.returncode == 0, added.stderr
    assert annotation in found[0][0]
    assert found[0][1] == volatility
    assert proved, said
    assert lint == []
    assert gone == []


def test_any_other_object_gets_its_files_too(checkout: Path) -> None:
    done = penstock(checkout, "add", "app/things", "--requires", "app/schema")

    assert done.returncode == 0, done.stderr
    for folder in ("deploy", "revert", "verify", "tests/db"):
        assert (checkout / folder / "app" / "things.sql").exists()
    assert "app/things [app/schema] " in (checkout / "sqitch.plan").read_text()


def test_a_rework_keeps_the_old_version_in_the_attic(checkout: Path, database: Database) -> None:
    run(checkout, "sqitch", "tag", "v9", "-n", "A release.")
    done = penstock(checkout, "rework", "request/role", "--note", "Anew.")
    kept = sorted(path.name for path in (checkout / "db" / "reworked").rglob("*.sql"))

    assert done.returncode == 0, done.stderr
    assert len(kept) == 3
    assert {name.partition("@")[0] for name in kept} == {"role"}
    with (checkout / "deploy" / "request" / "role.sql").open("a") as script:
        script.write("-- Anew.\n")
    sqitch(checkout, "deploy", database)
    sqitch(checkout, "revert", database, "-y", "--to", "@v9")
    sqitch(checkout, "verify", database)


def test_an_untagged_change_is_not_reworked(checkout: Path) -> None:
    penstock(checkout, "add", "api/greeting_get")
    done = penstock(checkout, "rework", "api/greeting_get")

    assert done.returncode != 0
    assert "edit deploy/api/greeting_get.sql in place" in done.stdout
    assert not (checkout / "db" / "reworked").exists()


@pytest.mark.parametrize("name", ["greeting", "api/Greeting", "api/x; drop", "a/b/c", "../etc"])
def test_a_name_that_is_none_is_refused(checkout: Path, name: str) -> None:
    done = penstock(checkout, "add", name)

    assert done.returncode == 1
    assert "is no name for a change" in done.stderr
    assert (checkout / "sqitch.plan").read_text() == (ROOT / "sqitch.plan").read_text()


def test_check_names_a_missing_script_and_a_broken_plan(checkout: Path) -> None:
    (checkout / "verify" / "api" / "page_size.sql").unlink()
    code = "from db.lint import plan_problems; print(*plan_problems(), sep='\\n')"
    missing = run(checkout, sys.executable, "-c", code).stdout
    with (checkout / "sqitch.plan").open("a") as plan:
        plan.write("api/thing [no_such_change] 2026-01-01T00:00:00Z A <a@localhost> # Thing.\n")
    broken = run(checkout, sys.executable, "-c", code).stdout

    assert missing == "sqitch.plan: api/page_size has no verify/api/page_size.sql.\n"
    assert "no_such_change" in broken
