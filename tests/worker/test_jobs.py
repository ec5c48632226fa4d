"""Jobs: done again and again, by one worker at a time, as the role they say."""

import subprocess
import sys
from pathlib import Path

from db.database import Database
from db.home import ROOT
from tests.worker.house import within, working

NOTES = """
create table penstock.notes (worker integer not null default pg_backend_pid(), role text not null);
grant insert, select on penstock.notes to penstock_agent, gatekeeper;
"""


def ran(database: Database, name: str) -> list[tuple[bool, str | None]]:
    return database.rows(
        f"select last_run_at is not null, last_error from penstock.jobs where name = '{name}'"
    )


def test_every_job_of_the_house_runs(database: Database, tmp_path: Path) -> None:
    names = [name for (name,) in database.rows("select name from penstock.jobs order by name")]
    with working(database, tmp_path / "log"):
        assert within(lambda: all(ran(database, name) == [(True, None)] for name in names)), (
            database.rows("select name, last_error from penstock.jobs")
        )

    assert {"events_prune", "rate_prune", "sales_fold", "session_prune"} <= set(names)
    assert database.rows("select 1 from penstock.jobs where due_at <= last_run_at") == []


def test_a_job_runs_as_its_role_and_what_goes_wrong_is_noted(
    database: Database, tmp_path: Path
) -> None:
    database.psql(NOTES)
    for name, statement, role in (
        ("as_agent", "insert into penstock.notes (role) values (current_user)", "penstock_agent"),
        ("as_gatekeeper", "insert into penstock.notes (role) values (current_user)", "gatekeeper"),
        ("as_owner", "insert into penstock.notes (role) values (current_user)", "penstock_owner"),
        ("wrong", "select 1 / 0", "penstock_agent"),
        ("open", "begin; insert into penstock.notes (role) values ('left open')", "penstock_agent"),
        ("slow", "select pg_sleep(60)", "penstock_agent"),
    ):
        database.psql(
            f"call penstock.job_schedule('{name}', $job${statement}$job$, '1 hour',"
            f" '{role}', '1 s')"
        )
    with working(database, tmp_path / "log"):
        assert within(
            lambda: database.rows("select 1 from penstock.jobs where last_run_at is null") == []
        )
    errors = dict(database.rows("select name, last_error from penstock.jobs"))

    roles = {role for (role,) in database.rows("select role from penstock.notes")}
    assert roles == {"penstock_agent", "gatekeeper"}
    assert "division by zero" in errors["wrong"]
    assert "permission denied to set role" in errors["as_owner"]
    assert "57014" in errors["slow"]
    assert errors["as_agent"] is None


def test_two_workers_never_do_one_job_at_once(database: Database, tmp_path: Path) -> None:
    database.psql(NOTES)
    database.psql("create table penstock.at_it (one boolean primary key)")
    database.psql("grant all on penstock.at_it to penstock_agent")
    # Whoever comes while it is under way finds the row, and says so as an error.
    database.psql(
        "create procedure penstock.work() language plpgsql as $$ begin"
        " insert into penstock.at_it values (true); commit; perform pg_sleep(1.2);"
        " delete from penstock.at_it; insert into penstock.notes (role) values ('done'); end $$"
    )
    database.psql("grant execute on procedure penstock.work to penstock_agent")
    database.psql("call penstock.job_schedule('work', 'call penstock.work()', '1 second')")
    with (
        working(database, tmp_path / "one"),
        working(database, tmp_path / "two"),
        working(database, tmp_path / "three"),
    ):
        assert within(lambda: len(database.rows("select 1 from penstock.notes")) >= 3)
        assert ran(database, "work") == [(True, None)]
    logs = [(tmp_path / name).read_text() for name in ("one", "two", "three")]

    assert not any("failed" in each for each in logs)


def test_a_database_without_the_machinery_is_refused_with_a_sentence(
    empty_database: Database,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db.cli", "worker"],
        cwd=ROOT,
        env={"DATABASE_URL": empty_database.serve_url, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "deploy the machinery" in done.stderr.splitlines()[-1]


def test_wrong_settings_are_named(database: Database) -> None:
    def refused(**settings: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "db.cli", "worker"],
            cwd=ROOT,
            env={"DATABASE_URL": database.serve_url, "PATH": "/usr/bin:/bin", **settings},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 1
        return done.stderr

    assert "MAIL_FROM is not set" in refused(SMTP_URL="smtp://localhost")
    assert "SMTP_URL is wrong" in refused(SMTP_URL="http://localhost", MAIL_FROM="a@b.org")
    assert "MAIL_FROM is wrong" in refused(MAIL_FROM="nobody")
    assert "DELIVERY_LEASE must be twice" in refused(DELIVERY_LEASE="5")
