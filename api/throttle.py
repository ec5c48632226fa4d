"""How many short calls a role has under way at once on the exclusive lane.

Where PostgreSQL shares its processors with us, a few writes at once keep them busy. More are in
each other's way, each with plans and tables of its own to fetch into the caches: with 32 at once
the server took a third more time for each than with 8. Where writes wait for something else (a
disk that takes its time to flush, a server far away) the processors here are idle meanwhile, and
then more at once are done in the same time.
"""

import os
from contextlib import suppress

LEAST = 10
_LOOK_SECONDS = 0.1
_IDLE, _BUSY = 0.20, 0.15  # of all processors; between them nothing is changed
_WIDER, _NARROWER = 4, 1
_STAT = "/proc/stat"


class Throttle:
    """`limit` is how many; between LEAST and `most`, or always `most` where nobody can tell."""

    def __init__(self, most: int, stat: str = _STAT) -> None:
        self._most = most
        self._stat = stat
        self._before: tuple[float, float] | None = None
        self._looked_at = 0.0
        self.limit = most if _times(stat) is None else min(LEAST, most)

    def look(self, now: float, *, waits: bool) -> None:
        """See how busy the processors are, if calls wait for the limit; called again and again."""
        if not waits:
            self._before = None
            return
        if self._before is not None and now < self._looked_at + _LOOK_SECONDS:
            return
        self._looked_at = now
        before, self._before = self._before, _times(self._stat)
        if before is None or self._before is None:
            return
        passed = self._before[1] - before[1]
        if passed <= 0:
            return
        idle = (self._before[0] - before[0]) / passed
        if idle > _IDLE:
            self.limit = min(self._most, self.limit + _WIDER)
        elif idle < _BUSY:
            self.limit = min(self._most, max(LEAST, self.limit - _NARROWER))


def _times(path: str) -> tuple[float, float] | None:
    """What the processors have idled since the machine started, and all their time; in ticks."""
    with suppress(OSError, ValueError, IndexError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            line = os.read(descriptor, 256).split(b"\n", 1)[0]
        finally:
            os.close(descriptor)
        # user nice system idle iowait irq softirq steal; guests are part of user.
        times = [float(each) for each in line.split()[1:9]]
        return times[3] + times[4], sum(times)
    return None
