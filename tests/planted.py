"""`./dev test --faults`: plants faults, one at a time, each of which a named test must find.

Each is planted in a copy of the checkout, in the code or in what is deployed last, and the test
that guards against it is run there. That it fails there, and not the copy, is what is asked for.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from db import pgtap
from db.home import ROOT, default_path
from db.testbed import open_bed

_SECONDS = 300
_SKIPPED = shutil.ignore_patterns(".git", ".local", ".venv", "__pycache__", ".*_cache")


@dataclass(frozen=True)
class Edit:
    """One piece of text of a file that stands for another."""

    file: str
    old: str
    new: str

    def apply(self, root: Path) -> None:
        """Raises LookupError where the text is not there, or not once."""
        path = root / self.file
        text = path.read_text()
        if text.count(self.old) != 1:
            raise LookupError(
                f"{self.file} has {self.old!r} {text.count(self.old)} times, not once"
            )
        path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True)
class Fault:
    """A guard that is taken away: by edits, or by SQL at the end of what is deployed.

    `test` is a test of pytest (file::name) or a file of pgTAP that must fail then.
    """

    name: str
    test: str
    edits: tuple[Edit, ...] = ()
    sql: str = ""

    def plant(self, root: Path) -> None:
        """Raises LookupError where it does not fit any more."""
        for edit in self.edits:
            edit.apply(root)
        if self.sql:
            script = root / "deploy" / f"{_last_change(root)}.sql"
            body, commit, rest = script.read_text().rpartition("\ncommit;")
            script.write_text(f"{body}\n{self.sql};\n{commit}{rest}")


def _last_change(root: Path) -> str:
    """The change that is deployed last: no verify script after it would stop the fault."""
    lines = (root / "sqitch.plan").read_text().splitlines()
    return [line for line in lines if re.match(r"[a-z]", line)][-1].split()[0]


def main(arguments: Sequence[str]) -> int:
    """Plant all faults, or those with a word in their name; 0 if each was found."""
    from tests.faults.planted import FAULTS  # noqa: PLC0415 -- it needs this module's classes

    parser = argparse.ArgumentParser(prog="./dev test --faults")
    parser.add_argument("words", nargs="*", help="only faults whose name has one of these")
    words = parser.parse_args(arguments).words
    chosen = [each for each in FAULTS if not words or any(word in each.name for word in words)]
    if not chosen:
        print(f"No fault has {' or '.join(words)} in its name.", file=sys.stderr)
        return 1
    with open_bed(default_path()), ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        missed = [name for name, found in pool.map(_report, chosen) if not found]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} planted faults were found.")
    return int(bool(missed))


def _report(fault: Fault) -> tuple[str, bool]:
    found, said = _is_found(fault)
    print(f"{'found ' if found else 'MISSED'}  {fault.name}  ({fault.test})", flush=True)
    if not found:
        print(said, flush=True)
    return fault.name, found


def _is_found(fault: Fault) -> tuple[bool, str]:
    """Whether its test fails with it; and what was said otherwise."""
    with _copy() as root:
        try:
            fault.plant(root)
        except LookupError as error:
            return False, f"It does not fit any more: {error}."
        command = [sys.executable, "-m"]
        if fault.test.endswith(".sql"):
            command += ["tests.planted", "--prove", fault.test]
        else:
            command += ["pytest", "-q", "-p", "no:cacheprovider", fault.test]
        environment = os.environ | {"PENSTOCK_HOME": str(default_path())}
        try:
            done = subprocess.run(
                command,
                cwd=root,
                env=environment,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False, f"Its test took more than {_SECONDS} seconds."
    said = done.stdout + done.stderr
    # An error on the way to the test is no finding.
    failed = re.search(r"^(FAILED |Result: FAIL)|\d+ failed", said, re.MULTILINE)
    errors = re.search(r"^ERROR \S+::|^ERROR \S+ - |\d+ errors?\b.* in ", said, re.MULTILINE)
    return done.returncode == 1 and bool(failed) and not errors, said[-3000:]


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="penstock-fault-") as folder:
        root = Path(folder) / "penstock"
        shutil.copytree(ROOT, root, ignore=_SKIPPED)
        yield root


def _prove(file: str) -> int:
    """Run one file of pgTAP in this checkout."""
    with open_bed(default_path()) as bed, bed.database(pgtap.template(bed)) as database:
        passed, said = pgtap.prove(database, [ROOT / file])
    print(said)
    return int(not passed)


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(_prove(given[1]) if given[:1] == ["--prove"] else main(given))
