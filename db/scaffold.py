"""`add` and `rework`: the real sqitch with the house's templates, and the pgTAP file beside."""

import re
from collections.abc import Sequence
from pathlib import Path

from db import sqitch
from db.errors import SetupError
from db.home import ROOT

TEMPLATES = ROOT / "db" / "templates"
ATTIC = ROOT / "db" / "reworked"
NAME = re.compile(r"([a-z_][a-z0-9_]*)/([a-z_][a-z0-9_]*)")
READS = ("get", "list", "read", "search", "count", "show")


def add(change: str, note: str, requires: Sequence[str]) -> int:
    """Scaffold a change: three scripts and a plan line through sqitch, and a test file."""
    schema, name = _parts(change)
    kind = "function" if schema == "api" else "object"
    values = _values(schema, name)
    test = ROOT / "tests" / "db" / schema / f"{name}.sql"
    arguments = [
        *("add", change, "--note", note or f"{change}."),
        *("--template-directory", str(TEMPLATES), "--template", kind),
        *(word for needed in requires or _schema_change(schema) for word in ("-r", needed)),
        *(word for pair in values.items() for word in ("--set", "=".join(pair))),
    ]
    if done := sqitch.sqitch(*arguments).returncode:
        return done
    if not test.exists():
        test.parent.mkdir(parents=True, exist_ok=True)
        text = (TEMPLATES / f"test_{kind}.sql").read_text()
        test.write_text(text.format(schema=schema, name=name, volatility=values["volatility"]))
        print(f"Created {test.relative_to(ROOT)}")
    print("Edit them, then `./dev deploy`; the running API serves it within two seconds.")
    return 0


def rework(change: str, note: str) -> int:
    """A new version of a tagged change; Sqitch 1.3 wants the attic's folders made beforehand."""
    schema, _ = _parts(change)
    for script in ("deploy", "revert", "verify"):
        (ATTIC / script / schema).mkdir(parents=True, exist_ok=True)
    done = sqitch.sqitch("rework", change, "--note", note or f"{change}, reworked.").returncode
    _remove_empty_folders(ATTIC)
    if done:
        print(
            f"If no tag stands after {change} in sqitch.plan it is nobody's history yet: edit "
            f"deploy/{change}.sql in place and run `sqitch rebase`."
        )
    return done


def _values(schema: str, name: str) -> dict[str, str]:
    """What the templates need, guessed from the verb at the name's end."""
    reads = name.rpartition("_")[2] in READS
    return {
        "schema": schema,
        "name": name,
        "method": "GET" if reads else "POST",
        "volatility": "stable" if reads else "volatile",
        "path": f"/{name.replace('_', '-')}",
    }


def _parts(change: str) -> tuple[str, str]:
    found = NAME.fullmatch(change)
    if not found:
        raise SetupError(
            f"{change} is no name for a change: write schema/object in lower case, such as "
            f"api/thing_get."
        )
    return found[1], found[2]


def _schema_change(schema: str) -> list[str]:
    wanted = f"{schema}/schema"
    return [wanted] if wanted in sqitch.planned() else []


def _remove_empty_folders(top: Path) -> None:
    for folder in sorted((path for path in top.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
    if top.exists() and not any(top.iterdir()):
        top.rmdir()
