"""Which lane takes a call: shared for short reads, exclusive for all else.

Nothing fast may wait behind something slow. A function begins on the exclusive lane, is promoted
when it was measured fast, and goes back for a while when it held a shared connection up.
"""

import asyncio
import time
from dataclasses import dataclass, replace

from api import shared
from api.exclusive import ExclusiveLane
from api.lane import Answer, Call, Promise, Reply
from api.shared import SharedLane

_FAST_SECONDS = 0.010
_FAST_RUNS = 4
_SLOW_FOR_SECONDS = 60.0
_REMEMBERED = 64
_TIMED = 64  # of so many calls on the shared lane one is timed
_STEP = 1.1


@dataclass(slots=True)
class Speed:
    """What was measured of a function.

    A machine that is busy makes a fast function look slow now and then, but no slow one fast: a
    quarter of fast runs is enough. `median` is about what one takes, in seconds: half of the runs
    move it up a little and half down, and one that was interrupted counts as any other.
    """

    runs: int = 0
    fast_runs: int = 0
    slow_until: float = 0.0
    median: float = 0.0
    shared_runs: int = 0

    @property
    def fast(self) -> bool:
        return self.fast_runs >= _FAST_RUNS and self.fast_runs * 4 >= self.runs

    def note(self, seconds: float) -> None:
        """Count a run of so many seconds."""
        self.runs += 1
        self.fast_runs += seconds < _FAST_SECONDS
        if not self.median:
            self.median = seconds
        elif seconds > self.median:
            self.median *= _STEP
        else:
            self.median /= _STEP
        if self.runs == _REMEMBERED:  # what was measured long ago counts less
            self.runs //= 2
            self.fast_runs //= 2


class Lanes:
    """Both lanes behind the one interface of a Lane.

    Connections: `shared_size` for each role (twice that while slow calls hold some up), and
    `exclusive_size` in all.
    """

    def __init__(
        self,
        database_url: str,
        shared_size: int,
        exclusive_size: int,
        timeout: float,
        timeout_ms: int,
    ) -> None:
        self._exclusive = ExclusiveLane(database_url, exclusive_size, timeout, timeout_ms)
        self._shared = SharedLane(database_url, shared_size, timeout, self._held, self._overran)
        self._speeds: dict[str, Speed] = {}

    def start(self, call: Call, promise: Promise) -> None:
        """See Lane."""
        speed = self._speeds.get(call.name)
        if self._may_share(call, speed):
            self._start_shared(call, promise, speed or self._speed(call))
        else:
            self._start_exclusive(call, promise)

    def _speed(self, call: Call) -> Speed:
        return self._speeds.setdefault(call.name, Speed())

    def _may_share(self, call: Call, speed: Speed | None) -> bool:
        if (
            not call.context.read_only
            or call.isolation is not None
            or call.lane == "exclusive"
            or call.context.timeout_ms < shared.TIMEOUT_MS
        ):
            return False
        if speed is None:
            return call.lane == "shared"
        return speed.slow_until < time.monotonic() and (call.lane == "shared" or speed.fast)

    def _start_shared(self, call: Call, promise: Promise, speed: Speed) -> None:
        """Where a call is fast; now and then one is timed, to know how many a connection bears."""
        call.seconds = speed.median
        if speed.shared_runs % _TIMED == 0:
            call, promise = self._timed(call, promise)
        speed.shared_runs += 1
        self._shared.start(call, promise)

    def _start_exclusive(self, call: Call, promise: Promise) -> None:
        """Where a call may be slow; a read is timed, for it may turn out to be fast."""
        if call.context.read_only and not call.timed:  # one that overran may be timed already
            call, promise = self._timed(call, promise)
        self._exclusive.start(call, promise)

    def _timed(self, call: Call, promise: Promise) -> tuple[Call, Promise]:
        """The call with its time to be measured, and where that is noted."""

        def note(outcome: Answer | BaseException) -> None:
            if isinstance(outcome, BaseException):
                if not promise.done():
                    promise.set_exception(outcome)
                return
            if outcome.seconds is not None:
                self._speed(call).note(outcome.seconds)
            if not promise.done():
                promise.set_result(outcome)

        # A copy, for a call may be under way elsewhere too, and is not timed there.
        return replace(call, timed=True), Reply(note)

    def _overran(self, call: Call, promise: Promise) -> None:
        """Longer than the shared lane allows: run it where it may."""
        self._held(call)
        self._start_exclusive(call, promise)

    def _held(self, call: Call) -> None:
        self._speed(call).slow_until = time.monotonic() + _SLOW_FOR_SECONDS

    def plan_anew(self) -> None:
        """Rows of some table changed their fields: no plan that was made before counts."""
        self._shared.plan_anew()
        self._exclusive.plan_anew()

    async def close(self) -> None:
        """Let what is under way end, for a second at most, and close all connections."""
        await asyncio.gather(self._shared.close(), self._exclusive.close())
