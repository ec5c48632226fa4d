"""Find the installed PostgreSQL (15 to 18): Debian's folders, Homebrew's, or pg_config's."""

import functools
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from db.errors import SetupError

SUPPORTED = range(15, 19)
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
HOW_TO_INSTALL = (
    "On Debian run `apt install postgresql sqitch libdbd-pg-perl redis-server`, "
    "on macOS `brew install postgresql@17 redis sqitch` (as root on Debian, ./dev does it)."
)


@dataclass(frozen=True)
class Binaries:
    major: int
    folder: Path

    def tool(self, name: str) -> Path:
        return self.folder / name

    def has_extension(self, name: str) -> bool:
        shared = _output([self.tool("pg_config"), "--sharedir"])
        return bool(shared) and (Path(shared) / "extension" / f"{name}.control").exists()


@functools.cache
def installed() -> list[Binaries]:
    """Every supported PostgreSQL server found here, the newest first."""
    folders = [folder for place in PLACES for folder in Path("/").glob(place)]
    if named := _output(["pg_config", "--bindir"]):
        folders.append(Path(named))
    found = {version: folder for folder in reversed(folders) if (version := _major(folder))}
    return [Binaries(major, found[major]) for major in sorted(found, reverse=True)]


def choose(major: int | None = None) -> Binaries:
    """The newest PostgreSQL, or the one of `major` (a data directory fits only its own)."""
    every = installed()
    if not every:
        raise SetupError(f"No PostgreSQL server of version 15 to 18 was found. {HOW_TO_INSTALL}")
    if major is None:
        return every[0]
    for binaries in every:
        if binaries.major == major:
            return binaries
    raise SetupError(
        f"The private cluster was made by PostgreSQL {major}, whose server is not installed any "
        f"more. Install postgresql-{major}, or start afresh with `./dev reset`."
    )


def _major(folder: Path) -> int | None:
    if not (folder / "initdb").exists():
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", _output([folder / "postgres", "-V"]))
    return int(found[1]) if found and int(found[1]) in SUPPORTED else None


def _output(command: list[str | Path]) -> str:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()
