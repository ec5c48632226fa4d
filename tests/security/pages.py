"""The two pages: how they are made, and how a difference between them and the truth is told."""

import difflib
from pathlib import Path

from db.database import Database
from tests.security import privileges, reach
from tests.security.doing import VERBS
from tests.security.house import Persona
from tests.security.reach import Measured
from tests.security.relations import Relation

FOLDER = Path(__file__).parent
PRIVILEGES = FOLDER / "privileges.txt"
ROWS = FOLDER / "rows.txt"
HEADS = {
    PRIVILEGES: """\
# What is granted: each object of ours, and who may do what with it. Written by
# `./dev privileges --write`; a test compares it with a fresh deployment.
#
# Columns in parentheses are those that a privilege is limited to. "of" and "runs as" name the
# owner where that is not penstock_owner. Tables are under row-level security besides: rows.txt.
""",
    ROWS: """\
# What the grants and policies come to: which rows of tests/security/rows.sql each persona sees,
# could enter, changes and deletes, found by doing it in transactions that are rolled back. Written
# by `./dev privileges --write`; a test compares it with a fresh deployment.
#
#   -            no privilege          own         their own rows
#   none         a privilege, no row   all         every row
#   (own)        these are reached, but a rule refuses each as it is
#   error 428C9  the statement fails with this SQLSTATE whatever the rows are
#
# ada and bob are members, sam is staff, eve an admin. An insert is of a row like each that is
# there, so "own" are rows in their own name. Views that read the catalogue alone are left out.
""",
}


def pages(granted: str, measured: Measured) -> dict[Path, str]:
    """What each file should say."""
    return {PRIVILEGES: HEADS[PRIVILEGES] + granted, ROWS: HEADS[ROWS] + render(measured)}


def differences(expected: str, found: str, name: str) -> list[str]:
    """A sentence for each object that is new, gone or another, with the lines that say so."""
    before, after = _paragraphs(expected), _paragraphs(found)
    told = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key, []), after.get(key, [])
        if old == new:
            continue
        state = "is new" if not old else "is gone" if not new else "has changed"
        lines = [line for line in difflib.ndiff(old, new) if line[0] in "+-"]
        told.append("\n".join([f"{key} {state}:", *lines]))
    if told:
        told.append(
            f"If that is meant: `./dev privileges --write`, and review what it does to {name}. "
            f"If not: mend the grant or the policy."
        )
    return told


def _paragraphs(page: str) -> dict[str, list[str]]:
    """The lines of each object, by its first line up to a colon."""
    found = {}
    for paragraph in page.split("\n\n"):
        lines = [line for line in paragraph.splitlines() if line and not line.startswith("#")]
        if lines:
            found[lines[0].partition(":")[0]] = lines
    return found


def make(database: Database) -> tuple[dict[Path, str], Measured]:
    """Both pages of a database, which is filled for it."""
    granted = privileges.render(database)
    with reach.filled(database) as analyst_of_france:
        measured = reach.measure(database, analyst_of_france)
    return pages(granted, measured), measured


def render(measured: Measured) -> str:
    """The page: a table or function a paragraph, a persona a line."""
    lines = []
    width = max(len(each.name) for each in measured.personas) + 2
    for relation in measured.relations:
        owners = sorted({owner for owner in relation.owners if owner})
        lines.append(
            f"\n{relation}: {_counted(len(relation.rows))}"
            f"{' of ' + ', '.join(owners) if owners else ''}\n"
        )
        table = [
            (persona, [_cell(measured, relation, persona, verb) for verb in VERBS])
            for persona in measured.personas
        ]
        reaching = [(persona, cells) for persona, cells in table if set(cells) != {"-"}]
        if reaching:
            lines.append(f"    {'':{width}}{_columns(VERBS)}\n")
        lines += (f"    {persona.name:{width}}{_columns(cells)}\n" for persona, cells in reaching)
        others = [persona.name for persona, cells in table if set(cells) == {"-"}]
        if others:
            lines.append(f"    nothing: {', '.join(others)}\n")
    for call in measured.calls:
        lines.append(f"\n{call}\n")
        others = []
        for persona in measured.personas:
            if given := measured.answers.get((call.oid, persona.name)):
                lines.append(f"    {persona.name:{width}}{given.shown(call, persona)}\n")
            else:
                others.append(persona.name)
        if others:
            lines.append(f"    may not call it: {', '.join(others)}\n")
    return "".join(lines)


def _cell(measured: Measured, relation: Relation, persona: Persona, verb: str) -> str:
    reach = measured.reached.get((str(relation), persona.name, verb))
    return reach.shown(relation, persona) if reach else "-"


def _columns(cells: tuple[str, ...] | list[str]) -> str:
    return "".join(f"{cell:20}" for cell in cells).rstrip()


def _counted(rows: int) -> str:
    return "1 row" if rows == 1 else f"{rows} rows"
