"""Writes the tables that the docs take from the code: `python -m docs.write`.

Each stands between two marks, <!-- name --> and <!-- /name -->; a test compares.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from api.check import read
from api.problems import STATUS
from api.settings import Settings
from api.worker_settings import WorkerSettings

ROOT = Path(__file__).parent.parent
_ERRORS = {
    "08": "connection exception",
    "09": "triggered action exception",
    "0L": "invalid grantor",
    "0P": "invalid role",
    "22": "data exception, raised in a function's body (422 where PostgreSQL refuses an argument)",
    "23": "integrity constraint violation: a key that exists, or one that is missing",
    "23502": "a value is missing",
    "23514": "a check is broken",
    "23P01": "an exclusion constraint is broken",
    "25": "invalid transaction state",
    "25006": "a read-only function that writes",
    "28": "invalid authorization",
    "2D": "invalid transaction termination",
    "40001": "serialization failure, after bounded retries",
    "40P01": "deadlock, after bounded retries",
    "42": "syntax error or access rule violation in a function's body",
    "42501": "insufficient privilege (401 without a token)",
    "42883": "a function's body calls what is not there",
    "42P01": "a function's body reads what is not there",
    "53": "insufficient resources",
    "54": "program limit exceeded in a body (422 where PostgreSQL refuses an argument)",
    "55006": "object in use",
    "55P03": "lock not available",
    "57014": "canceled: the statement's timeout",
    "57P": "the server is shutting down or starting",
    "P0001": "raised by a function without a code",
    "P0002": "no data found",
}


def routes(database_url: str) -> str:
    """The table of endpoints of a deployed database."""
    endpoints, _ = read(database_url, ("api",))
    lines = ["| endpoint | does | who may |", "| --- | --- | --- |"]
    for each in sorted(endpoints, key=lambda each: (each.path, each.method)):
        roles = "everybody" if "anon" in each.roles else ", ".join(sorted(each.roles))
        summary = each.annotation.summary.replace("|", "\\|")
        lines.append(f"| `{each.method} {each.path}` | {summary} | {roles} |")
    return "\n".join(lines)


def errors() -> str:
    """The table from SQLSTATE to status."""
    lines = ["| SQLSTATE | status | means |", "| --- | --- | --- |"]
    lines += [f"| `{code}` | {status} | {_ERRORS[code]} |" for code, status in STATUS.items()]
    lines.append("| `PTnnn` | nnn | raised by a function for clients |")
    lines.append("| any other | 500 | |")
    return "\n".join(lines)


def settings(kind: type[BaseSettings] = Settings) -> str:
    """The table of environment variables."""
    lines = ["| variable | default | means |", "| --- | --- | --- |"]
    for name, each in kind.model_fields.items():
        default = each.default
        if default is PydanticUndefined:
            shown = "required"
        elif default is None or default in ((), ""):
            shown = "none"
        else:
            text = ",".join(default) if isinstance(default, tuple) else f"{default}".lower()
            shown = f"`{text}`"
        lines.append(f"| `{name.upper()}` | {shown} | {each.description} |")
    return "\n".join(lines)


def rewritten(text: str, name: str, table: str) -> str:
    """The text with what stands between the marks of that name replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*(<!-- /{name} -->)", re.DOTALL)
    return pattern.sub(lambda marks: f"{marks[1]}\n{table}\n\n{marks[2]}", text)


def main(database_url: str) -> None:
    """Rewrite the tables from the code and this deployed database."""
    tables: tuple[tuple[str, str, Callable[[], str]], ...] = (
        ("README.md", "routes", lambda: routes(database_url)),
        ("docs/errors.md", "errors", errors),
        ("docs/configuration.md", "settings", settings),
        ("docs/configuration.md", "worker", lambda: settings(WorkerSettings)),
    )
    for path, name, make in tables:
        file = ROOT / path
        file.write_text(rewritten(file.read_text(), name, make()))


if __name__ == "__main__":
    main(sys.argv[1])
