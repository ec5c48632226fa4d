"""Plain sqitch and pg_prove work on the checkout, and what they make is what we keep."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import pgtap, provision, schema, sqitch
from db.database import Database
from db.home import ROOT
from db.testbed import Testbed
from db.tools import psql


@pytest.fixture
def bare(bed: Testbed) -> Iterator[Database]:
    """A database made for Penstock with nothing deployed to it yet."""
    with bed.database("template0") as database:
        yield database


def vanilla(*words: str) -> str:
    """Run a program as anybody would at a prompt in the checkout."""
    done = subprocess.run(
        words,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "SQITCH_FULLNAME": "Anybody",
            "SQITCH_EMAIL": "anybody@localhost",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_deploy_verify_revert_and_deploy_give_the_same_schema(
    bare: Database, database: Database
) -> None:
    nothing = schema.dump(bare)
    target = "db:pg" + bare.deployer_url.removeprefix("postgresql")
    vanilla("sqitch", "deploy", target)
    first = schema.dump(bare)
    verified = vanilla("sqitch", "verify", target)
    vanilla("sqitch", "revert", "-y", target)
    reverted = schema.dump(bare)
    vanilla("sqitch", "deploy", target)

    assert "Verify successful" in verified
    assert reverted == nothing
    assert schema.dump(bare) == first == schema.dump(database)


def test_scripts_may_run_again(database: Database) -> None:
    """Sqitch is not crash-atomic: a script whose registry entry was lost runs once more."""
    before = schema.dump(database)
    for change in dict.fromkeys(sqitch.planned()):
        psql(database.deployer_url, "-f", ROOT / "deploy" / f"{change}.sql")

    assert schema.dump(database) == before


def test_plain_pg_prove_runs_every_test(bed: Testbed) -> None:
    files = sorted(pgtap.FOLDER.rglob("*.sql"))
    with bed.database(pgtap.template(bed)) as database:
        said = vanilla(
            *("pg_prove", "--dbname", database.superuser_url),
            *("--ext", ".sql", "--recurse", "tests/db"),
        )

    assert f"Files={len(files)}," in said
    assert "Result: PASS" in said


def test_no_test_is_a_failure(bed: Testbed, tmp_path: Path) -> None:
    assert not pgtap.run(bed, tmp_path)


@pytest.mark.parametrize(
    "body",
    [
        "select fail('planted');",
        "select 1 / 0;",
        "select set_config('search_path', 'nowhere', true);",
    ],
)
def test_a_planted_fault_fails_the_run(
    bed: Testbed, tmp_path: Path, body: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "planted.sql").write_text(
        f"begin; select plan(1); {body} select * from finish(); rollback;"
    )

    assert not pgtap.run(bed, tmp_path)
    assert "FAILED" in capsys.readouterr().out


def test_the_snapshot_is_what_the_plan_deploys(capsys: pytest.CaptureFixture[str]) -> None:
    assert schema.compare() == 0, capsys.readouterr().out


def test_the_snapshot_notices_a_change(database: Database) -> None:
    before = schema.dump(database)
    database.psql("comment on schema api is 'changed'")

    assert schema.dump(database) != before


def test_the_deployed_change_is_known(database: Database, bare: Database) -> None:
    assert sqitch.deployed(database.deployer_url) == sqitch.planned()[-1]
    assert sqitch.deployed(bare.deployer_url) is None


def test_every_role_is_there(database: Database) -> None:
    assert provision.missing_roles(database.deployer_url) == []


def test_everything_belongs_to_the_owner(database: Database) -> None:
    who = database.rows("select session_user, current_user", url=database.deployer_url)

    assert who == [("penstock_deployer", "penstock_owner")]
