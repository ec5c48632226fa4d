"""Where a private stack keeps its state: `.local/` of the checkout, unless told otherwise."""

import fcntl
import hashlib
import json
import os
import pwd
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from db import process
from db.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent
FALLBACK_DATA = Path("/var/lib/penstock")


def default_path() -> Path:
    """PENSTOCK_HOME, or `.local/` of this checkout."""
    return Path(os.environ.get("PENSTOCK_HOME") or ROOT / ".local").resolve()


class Home:
    """One stack's folder: `state.json` (0600), `log/`, and where the servers' data lies.

    As root the servers run as an unprivileged user. Where that user can't reach the folder,
    the data goes to `/var/lib/penstock/<hash>` and `data-location` in the folder names it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path / "log"
        self._state = path / "state.json"

    @property
    def digest(self) -> str:
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:10]

    @property
    def sockets(self) -> Path:
        # A unix socket's path may have 103 bytes, so it can't lie under a clone of any depth.
        return Path("/tmp") / f"penstock-{os.getuid()}-{self.digest}"  # noqa: S108

    def port(self, server: str) -> int:
        """The port a server was given; 0 before its first start."""
        return int(self.state().get("ports", {}).get(server, 0))

    def choose_port(self, server: str, say: Callable[[str], None], first: int = 0) -> int:
        """The port this server had, if it is free, or another, which is remembered.

        The search begins at `first`, or at a place of this home's own, so that clones rarely meet.
        """
        had = self.port(server)
        if had and not process.port_taken(had):
            return had
        places = process.PRIVATE_PORTS
        begin = first or places.start + int(self.digest, 16) % (len(places) - 1000)
        port = process.free_port(range(begin, places.stop))
        wanted = had or first
        if wanted not in (0, port):
            say(f"Port {wanted} is taken by something else: {server} goes to {port}.")
        self.remember(ports=self.state().get("ports", {}) | {server: port})
        return port

    @property
    def user(self) -> str | None:
        """Who runs the servers when we are root; None when we are not."""
        return server_user() if os.getuid() == 0 else None

    @property
    def data(self) -> Path:
        note = self.path / "data-location"
        return Path(note.read_text().strip()) if note.exists() else self.path

    def make(self) -> None:
        """Make the folders; choose where the data lies the first time."""
        try:
            self.log.mkdir(parents=True, exist_ok=True)
            (self.path / "lock").touch()
        except PermissionError as error:
            raise SetupError(
                f"{self.path} can't be written by you. It was probably made by another user "
                f"(root?): run as that user, or remove the folder."
            ) from error
        if self.user and self.data == self.path and not _reaches(self.user, self.path):
            elsewhere = FALLBACK_DATA / self.digest
            elsewhere.mkdir(parents=True, exist_ok=True)
            (self.path / "data-location").write_text(f"{elsewhere}\n")
        self._make_sockets()

    def remove(self) -> None:
        """Remove everything; the servers must be stopped."""
        for path in (self.data, self.path, self.sockets):
            shutil.rmtree(path, ignore_errors=True)

    def make_private(self, folder: Path) -> Path:
        """A folder (0700) that belongs to the servers' user."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self.give(folder)
        return folder

    def give(self, path: Path) -> None:
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _make_sockets(self) -> None:
        self.make_private(self.sockets)
        owner = pwd.getpwnam(self.user).pw_uid if self.user else os.getuid()
        if self.sockets.is_symlink() or self.sockets.stat().st_uid != owner:
            raise SetupError(f"{self.sockets} belongs to somebody else: remove it and try again.")

    def state(self) -> dict[str, Any]:
        try:
            state = json.loads(self._state.read_text())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise SetupError(
                f"{self._state} is not readable ({error}). It holds the passwords of the private "
                f"cluster: restore it, or start afresh with `./dev reset`."
            ) from error
        assert isinstance(state, dict)
        return state

    def remember(self, **entries: Any) -> None:
        """Merge entries into the state file; written whole and renamed, so never half there."""
        draft = self._state.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(self.state() | entries, indent=2) + "\n")
        draft.rename(self._state)

    def secret(self, name: str) -> str:
        """A generated secret, made at its first use and kept."""
        kept: dict[str, str] = self.state().get("secrets", {})
        if name not in kept:
            kept[name] = secrets.token_hex(24)
            self.remember(secrets=kept)
        return kept[name]

    def signing_key(self) -> Path:
        """The file of the key that signs the tokens, made at its first use."""
        path = self.path / "signing-key.pem"
        if not path.exists():
            fresh = path.with_suffix(".new")
            fresh.touch(mode=0o600)
            fresh.write_bytes(
                Ed25519PrivateKey.generate().private_bytes(
                    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
                )
            )
            fresh.rename(path)
        return path

    @contextmanager
    def lock(self, name: str = "lock", waiting: Callable[[], None] | None = None) -> Iterator[None]:
        """One command at a time; `waiting` is called when another holds the lock."""
        with (self.path / name).open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if waiting:
                    waiting()
                fcntl.flock(file, fcntl.LOCK_EX)
            yield


def server_user() -> str:
    """`postgres`, as every package makes it, or `penstock`, made here when it is missing."""
    for name in ("postgres", "penstock"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    made = process.run(["useradd", "--system", "--no-create-home", "penstock"])
    if made.returncode:
        raise SetupError(
            f"PostgreSQL doesn't run as root and no user for it could be made "
            f"({made.stderr.strip()}): make one with `useradd --system penstock`."
        )
    return "penstock"


def _reaches(user: str, folder: Path) -> bool:
    return process.run(["test", "-x", folder], user=user).returncode == 0
