"""Programs and packages that peers need, put into the bench's own folder."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from db.errors import SetupError

HERE = Path(__file__).parent
PEERS = HERE / "peers"
# Debian's packages of what isn't a library of some language.
PACKAGES = {
    "wrk": ("wrk",),
    "npm": ("nodejs", "npm"),
    "go": (
        "golang-go",
        "golang-github-gin-gonic-gin-dev",
        "golang-github-jackc-pgx-v4-dev",
        "golang-github-golang-jwt-jwt-dev",
        "golang-gopkg-redis.v5-dev",  # go-redis: the newest that Debian 12 packages
    ),
}
GO_PATH = Path("/usr/share/gocode")
GO_LIBRARIES = ("github.com/golang-jwt/jwt", "gopkg.in/redis.v5")


def program(name: str) -> str:
    """The path of a program, installed through apt where we may; or a sentence."""
    found = shutil.which(name)
    complete = name != "go" or all((GO_PATH / "src" / each).exists() for each in GO_LIBRARIES)
    if found and complete:
        return found
    packages = PACKAGES[name]
    if os.getuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"{name} is missing: apt-get install {' '.join(packages)}")
    say(f"Installing {' '.join(packages)} …")
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    _run(("apt-get", "update"), environment)
    install = ("apt-get", "install", "--yes", "--no-install-recommends", *packages)
    _run(install, environment)
    return shutil.which(name) or name


def go_build(source: Path, place: Path) -> Path:
    """A Go program, from Debian's packaged libraries alone."""
    binary = place / source.name
    if _is_new(source, place):
        say(f"Building {source.name} …")
        modules = {
            "GO111MODULE": "off",
            "GOPATH": str(GO_PATH),
            "GOCACHE": str(place / "cache"),
            "GOFLAGS": "-buildvcs=false",
        }
        _run((program("go"), "build", "-o", binary, "."), modules, source)
        _done(source, place)
    return binary


def npm_install(source: Path, place: Path) -> Path:
    """The packages of a package-lock.json; the folder that has node_modules."""
    if _is_new(source, place):
        say(f"Installing {source.name} from npm …")
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, place)
        # Not `npm ci`: it insists on what is for other platforms only.
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        _run((program("npm"), "install", *quiet), {}, place)
        _done(source, place)
    return place


def python_install(requirements: Path, place: Path) -> Path:
    """A virtual environment with pinned packages; the path of its python."""
    python = place / "bin" / "python"
    if _is_new(requirements, place):
        say("Installing the Python peers …")
        _run((sys.executable, "-m", "venv", "--clear", place), {})
        pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run((*pip, "--requirement", requirements), {})
        _done(requirements, place)
    return python


def say(sentence: str) -> None:
    """Progress; standard output is for figures."""
    print(sentence, file=sys.stderr, flush=True)


def _run(
    command: Sequence[str | Path], environment: Mapping[str, str], cwd: Path | None = None
) -> None:
    done = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        env=os.environ | dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        said = done.stdout[-2000:].strip()
        raise SetupError(f"`{' '.join(map(str, command))}` failed:\n{said}")


def _is_new(source: Path, place: Path) -> bool:
    """Whether what stands in `place` was made from something else than `source` as it is."""
    place.mkdir(parents=True, exist_ok=True)
    note = place / "made-from"
    if note.exists() and note.read_text() == _digest(source):
        return False
    note.unlink(missing_ok=True)
    return True


def _done(source: Path, place: Path) -> None:
    (place / "made-from").write_text(_digest(source))


def _digest(source: Path) -> str:
    found = hashlib.sha256()
    files = sorted(source.iterdir()) if source.is_dir() else [source]
    for file in files:
        if file.is_file():
            found.update(file.name.encode() + b"\0" + file.read_bytes())
    return found.hexdigest()
