"""A thin wrapper round the real sqitch: it names the target, and nothing more."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg

from db.errors import SetupError
from db.home import ROOT
from db.tools import call, environment, require

PLAN = ROOT / "sqitch.plan"


def sqitch(
    *arguments: str, url: str | None = None, quiet: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run sqitch; `url` (as libpq writes it) becomes its target."""
    if url is None:
        return call(["sqitch", *arguments], quiet=quiet, env=_who())
    command, *rest = arguments
    target, env = _target(url)
    return call(["sqitch", command, "--target", target, *rest], quiet=quiet, env=env | _who())


def _target(url: str) -> tuple[str, dict[str, str]]:
    """Sqitch's `db:pg://…`, with the password beside it: a command line is no secret."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    netloc = f"{parts.username}@{host}" if parts.username else host
    password = {"SQITCH_PASSWORD": unquote(parts.password)} if parts.password else {}
    return "db:" + parts._replace(scheme="pg", netloc=netloc).geturl(), password


def _who() -> dict[str, str]:
    """Git's name for you where Sqitch has none; it refuses to run without one (in a container)."""
    if (Path.home() / ".sqitch" / "sqitch.conf").exists():
        return {}
    return {
        "SQITCH_FULLNAME": os.environ.get("SQITCH_FULLNAME") or _git("user.name") or "Penstock",
        "SQITCH_EMAIL": os.environ.get("SQITCH_EMAIL")
        or _git("user.email")
        or "penstock@localhost",
    }


def _git(setting: str) -> str:
    if not shutil.which("git"):
        return ""
    return call(["git", "config", setting], quiet=True).stdout.strip()


def deploy(url: str, each: Callable[[str], None]) -> None:
    """Deploy with verification, `each` line of Sqitch's as it comes."""
    target, password = _target(url)
    command = [require("sqitch"), "deploy", "--verify", "--target", target]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment() | password | _who(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as running:
        assert running.stdout
        lines = []
        for line in running.stdout:
            lines.append(line)
            each(line.rstrip())
    if running.returncode:
        said = "".join(lines[-12:])
        raise SetupError(f"`sqitch deploy` stopped. What it said last:\n{said}{_advice(said)}")


def _advice(said: str) -> str:
    if "Cannot find change" in said:
        return (
            "This database was deployed from another sqitch.plan than this one. Check out the one "
            "it came from, or start anew: `./dev reset`."
        )
    return (
        "Sqitch took back what this run had deployed: mend the script that it names, in deploy/ "
        "or verify/, and deploy again."
    )


def planned() -> list[str]:
    """The names of the plan's changes, in order."""
    lines = PLAN.read_text().splitlines()
    return [line.split()[0] for line in lines if line.strip() and line[0] not in "%@#"]


def deployed(url: str) -> str | None:
    """The change deployed last; None where Sqitch has deployed nothing."""
    with psycopg.connect(url) as connection:
        if connection.execute("select to_regclass('sqitch.changes')").fetchone() == (None,):
            return None
        found = connection.execute(
            "select change from sqitch.changes order by committed_at desc limit 1"
        ).fetchone()
    return found[0] if found else None
