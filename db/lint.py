"""What can be wrong before anything is served: the plan's files and the database's own lint."""

import psycopg

from db import sqitch
from db.home import ROOT


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
        if connection.execute("select to_regclass('penstock.lint')").fetchone() == (None,):
            return []
        rows = connection.execute("select rule, object, message from penstock.lint").fetchall()
    return [f"{object_}: {message} ({rule})" for rule, object_, message in rows]
