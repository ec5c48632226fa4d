"""Which lane takes a call: shared for short reads, exclusive for all else.

Nothing fast may wait behind something slow. A function begins on the exclusive lane, is promoted
when it was measured fast, and goes back for a while when it held a shared connection up.
"""

import asyncio
import time

from psycopg.errors import QueryCanceled

from api import shared
from api.exclusive import ExclusiveLane
from api.lane import Answer, Call
from api.shared import SharedLane

_FAST_SECONDS = 0.010
_RUNS_TO_PROMOTE = 4
_SLOW_FOR_SECONDS = 60.0


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
        self._fast_runs: dict[str, int] = {}
        self._slow_until: dict[str, float] = {}

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
        if call.lane != "shared" and self._fast_runs.get(call.name, 0) < _RUNS_TO_PROMOTE:
            return False
        return self._slow_until.get(call.name, 0.0) < time.monotonic()

    async def _measured(self, call: Call) -> Answer:
        if not call.context.read_only:
            return await self._exclusive.run(call)
        began = time.monotonic()
        answer = await self._exclusive.run(call)
        fast = time.monotonic() - began < _FAST_SECONDS
        self._fast_runs[call.name] = self._fast_runs.get(call.name, 0) + 1 if fast else 0
        return answer

    def _held(self, call: Call) -> None:
        self._slow_until[call.name] = time.monotonic() + _SLOW_FOR_SECONDS

    async def close(self) -> None:
        """Let what is under way end, for a second at most, and close all connections."""
        await asyncio.gather(self._shared.close(), self._exclusive.close())
