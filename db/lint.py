"""What can be wrong before anything is served: the plan's files and the database's own lint."""

from pathlib import Path

import psycopg

from db import sqitch
from db.home import ROOT

TESTS = ROOT / "tests" / "db"


def plan_problems() -> list[str]:
    """A plan that Sqitch refuses, and changes of the plan without one of their scripts."""
    shown = sqitch.sqitch("plan", "--no-headers", "--format", "format:%n", quiet=True)
    if shown.returncode:
        return [f"sqitch.plan: {shown.stdout.strip()}"]
    return [
        f"sqitch.plan: {change} has no {folder}/{change}.sql."
        for change in dict.fromkeys(sqitch.planned())
        for folder in ("deploy", "revert", "verify")
        if not (ROOT / folder / f"{change}.sql").exists()
    ]


def lint_problems(database_url: str) -> list[str]:
    """The rows of `penstock.lint`; none where that view isn't deployed."""
    with psycopg.connect(database_url) as connection:
        if _missing(connection, "penstock.lint"):
            return []
        rows = connection.execute("select rule, object, message from penstock.lint").fetchall()
    return [f"{object_}: {message} ({rule})" for rule, object_, message in rows]


def untested_problems(database_url: str, tests: Path = TESTS) -> list[str]:
    """Endpoints without a pgTAP file; none where there are no tests at all, as in an image."""
    with psycopg.connect(database_url) as connection:
        if not tests.exists() or _missing(connection, "penstock.routes"):
            return []
        rows = connection.execute("""
            select distinct r.function::text, n.nspname::text, p.proname::text
            from penstock.routes as r
            join pg_catalog.pg_proc as p on p.oid = r.function
            join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
            order by r.function::text
        """).fetchall()
    return [
        f"{function}: It has a route and no test: write tests/db/{schema}/{name}.sql. "
        f"(endpoint_tested)"
        for function, schema, name in rows
        if not (tests / schema / f"{name}.sql").exists()
    ]


def _missing(connection: psycopg.Connection, relation: str) -> bool:
    return connection.execute("select to_regclass(%s)", [relation]).fetchone() == (None,)
