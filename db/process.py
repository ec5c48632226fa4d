"""Start, recognise and end server processes by pid, never by a broad name."""

import contextlib
import errno
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

LOOPBACK = "127.0.0.1"
# Not 5432 and 6379, which belong to the system's servers, and below the range that
# outgoing connections take theirs from.
PRIVATE_PORTS = range(15432, 28000)


def start(
    command: Sequence[str | Path],
    log: Path,
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path = Path("/"),
) -> subprocess.Popen[bytes]:
    """Start a server in a session of its own, so Ctrl-C at the terminal is ours to handle.

    The log holds this run alone; the one before is kept beside it with `.1` at its end.
    """
    with contextlib.suppress(FileNotFoundError):
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd=cwd,
            env=env,
            **identity(user),
        )


def run(
    command: Sequence[str | Path],
    *,
    user: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path = Path("/"),
) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end and keep what it said; the caller judges the return code."""
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=cwd, env=env, **identity(user)
    )


def disown(process: subprocess.Popen[bytes]) -> int:
    """Let a process outlive this one; without a return code Popen would warn about that."""
    if process.returncode is None:
        process.returncode = 0
    return process.pid


class Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def identity(user: str | None) -> Identity:
    """The keywords that make subprocess run something as that user."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {
        "user": entry.pw_uid,
        "group": entry.pw_gid,
        "extra_groups": os.getgrouplist(user, entry.pw_gid),
    }


def alive(pid: int | None, mark: str) -> bool:
    """Whether pid lives and is ours: `mark` must be one of the words it was started with."""
    if not pid or not exists(pid):
        return False
    return mark in command_line(pid)


def command_line(pid: int) -> list[str]:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        return raw.decode(errors="replace").split("\0")
    except OSError:
        if Path("/proc/self").exists():
            return []
    shown = subprocess.run(
        ["ps", "-ww", "-o", "args=", "-p", str(pid)], check=False, capture_output=True, text=True
    )
    # macOS: only the joined line is known, so every tail and head of it may be the mark.
    words = shown.stdout.split()
    return [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1)]


def stop(pid: int, mark: str, how: int = signal.SIGTERM, seconds: float = 30) -> bool:
    """Ask the process to end and wait; kill it after `seconds`. False: it wasn't there."""
    if not alive(pid, mark):
        return False
    os.kill(pid, how)
    deadline = time.monotonic() + seconds
    while alive(pid, mark):
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            deadline += seconds
        time.sleep(0.02)
    # One that is going has no words left, and is still there for a moment.
    while exists(pid) and not any(command_line(pid)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return True


def exists(pid: int) -> bool:
    """Whether any process has that pid now."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # a dead child of ours stays visible until it is waited for
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def port_taken(port: int) -> bool:
    """Whether something on this machine already listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return True
            raise
    return False


def free_port(candidates: Iterable[int]) -> int:
    return next(port for port in candidates if not port_taken(port))


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented for a message."""
    try:
        text = log.read_text(errors="replace").splitlines()[-lines:]
    except FileNotFoundError:
        text = ["(no log was written)"]
    return "\n".join(f"    {line}" for line in text)
