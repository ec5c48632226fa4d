"""`penstock test`: style and types, then pgTAP, then pytest; the first two fail fast."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from db import pgtap
from db.home import ROOT
from db.testbed import bed_of, open_bed

STYLE = (
    ("ruff", "format", "--check", "--quiet", "."),
    ("ruff", "check", "--quiet", "."),
    ("mypy",),
)


def run(home: Path, arguments: Sequence[str]) -> int:
    """All of it; with arguments for pytest, pytest alone. The exit code is pytest's or 1.

    With --faults, the faults that tests must find are planted instead, see tests/planted.py.
    """
    if arguments and arguments[0] == "--faults":
        return _module("tests.planted", *arguments[1:])
    if arguments:
        return _pytest(arguments)
    if not all(_step(command) for command in STYLE):
        print("Mend this first: the tests have not been run.", file=sys.stderr)
        return 1
    try:
        _heading("pgTAP")
        with open_bed(home) as bed:
            proved = pgtap.run(bed)
        _heading("pytest")
        # The summary of pytest comes last, so what failed before it is said before it.
        if not proved:
            print("pgTAP FAILED (see above), so this run fails whatever pytest says.", flush=True)
        tested = _pytest(["-n", str(os.cpu_count() or 1)])
    finally:
        bed_of(home).stop_if_unused()
    return tested or int(not proved)


def _step(command: Sequence[str]) -> bool:
    _heading(" ".join(command))
    return _module(*command) == 0


def _pytest(arguments: Sequence[str]) -> int:
    return _module("pytest", *arguments)


def _module(*command: str) -> int:
    return subprocess.run([sys.executable, "-m", *command], check=False, cwd=ROOT).returncode


def _heading(text: str) -> None:
    print(f"── {text}", flush=True)
