"""Which lane takes a call: shared for short reads, exclusive for all else.

Nothing fast may wait behind something slow. A function begins on the exclusive lane, is promoted
when it was measured fast, and goes back for a while when it held a shared connection up.
"""

import asyncio
import time
from dataclasses import dataclass

from psycopg.errors import QueryCanceled

from api import shared
from api.exclusive import ExclusiveLane
from api.lane import Answer, Call
from api.shared import SharedLane

_FAST_SECONDS = 0.010
_FAST_RUNS = 4
_SLOW_FOR_SECONDS = 60.0
_REMEMBERED = 64


@dataclass(slots=True)
class Speed:
    """What was measured of a function.

    A machine that is busy makes a fast function look slow now and then, but no slow one fast: a
    quarter of fast runs is enough.
    """

    runs: int = 0
    fast_runs: int = 0
    slow_until: float = 0.0

    @property
    def fast(self) -> bool:
        return self.fast_runs >= _FAST_RUNS and self.fast_runs * 4 >= self.runs

    def note(self, seconds: float) -> None:
        """Count a run of so many seconds."""
        self.runs += 1
        self.fast_runs += seconds < _FAST_SECONDS
        if self.runs == _REMEMBERED:  # what was measured long ago counts less
            self.runs //= 2
            self.fast_runs //= 2


class Lanes:
    """Both lanes behind the one interface of a Lane.

    Connections: `shared_size` for each role (twice that while slow calls hold some up), and
    `exclusive_size` in all.
    """

    def __init__(
        self, database_url: str, shared_size: int, exclusive_size: int, timeout: float
    ) -> None:
        self._exclusive = ExclusiveLane(database_url, exclusive_size, timeout)
        self._shared = SharedLane(database_url, shared_size, timeout, self._held)
        self._speeds: dict[str, Speed] = {}

    async def run(self, call: Call) -> Answer:
        """See Lane."""
        if self._may_share(call):
            try:
                return await self._shared.run(call)
            except QueryCanceled:
                self._held(call)  # longer than the shared lane allows: run it where it may
        return await self._measured(call)

    def _may_share(self, call: Call) -> bool:
        if (
            not call.context.read_only
            or call.isolation is not None
            or call.lane == "exclusive"
            or call.context.timeout_ms < shared.TIMEOUT_MS
        ):
            return False
        speed = self._speeds.get(call.name)
        if speed is None:
            return call.lane == "shared"
        return speed.slow_until < time.monotonic() and (call.lane == "shared" or speed.fast)

    async def _measured(self, call: Call) -> Answer:
        call.timed = call.context.read_only
        answer = await self._exclusive.run(call)
        if answer.seconds is not None:
            self._speeds.setdefault(call.name, Speed()).note(answer.seconds)
        return answer

    def _held(self, call: Call) -> None:
        speed = self._speeds.setdefault(call.name, Speed())
        speed.slow_until = time.monotonic() + _SLOW_FOR_SECONDS

    async def close(self) -> None:
        """Let what is under way end, for a second at most, and close all connections."""
        await asyncio.gather(self._shared.close(), self._exclusive.close())
