"""What a process and its children cost, from /proc."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Cost:
    """CPU seconds since the start, and memory in MB (PSS: shared pages counted by share)."""

    cpu: float
    rss: float
    pss: float


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found += parents.get(each, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on: the second may hold anything."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu(pid: int) -> float:
    """CPU seconds of a process, its children, and those of its children that have ended."""
    total = 0
    for each in family(pid):
        with suppress(OSError):
            fields = _stat(each)
            # utime and stime of itself; cutime and cstime of children that were waited for.
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICKS


def cost(pid: int) -> Cost:
    """What the process and its children have cost so far."""
    rss = pss = 0
    for each in family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1]) * 1024
                elif line.startswith("Pss:"):
                    pss += int(line.split()[1]) * 1024
    return Cost(cpu(pid), rss / _MEGABYTE, pss / _MEGABYTE)


def wait_idle(pids: Sequence[int], seconds: float) -> None:
    """Wait until what was still queued when the clients left is done: it would disturb the next."""
    deadline = time.monotonic() + seconds
    busy = True
    while busy and time.monotonic() < deadline:
        before = [cpu(pid) for pid in pids]
        time.sleep(0.1)
        busy = any(cpu(pid) - was > 0.02 for pid, was in zip(pids, before, strict=True))


def strangers() -> float:
    """How busy the machine is with other things, in cores, over a second."""
    before = _busy()
    time.sleep(1)
    return (_busy() - before) / _TICKS


def _busy() -> int:
    """Ticks that the cores have worked: all but idle and waiting for disks."""
    ticks = [int(each) for each in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(ticks) - ticks[3] - ticks[4]
