"""The exclusive lane: one call at a time on a connection, for writes and whatever is slow."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass

from api.lane import Answer, Call, NoConnectionError, pinned_conninfo
from api.wire import Wire

_GRACE_SECONDS = 5.0
# How long a caller waits for a connection that other callers' role keeps busy, before one of
# theirs is closed for it.
_PATIENCE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Waiter:
    """Somebody who waits for a connection; None as the wire is room to open one."""

    role: str
    since: float
    wire: "asyncio.Future[Wire | None]"


class ExclusiveLane:
    """At most `size` connections, whatever roles they serve.

    A connection serves one role for life; where all are made and none is idle for the role that
    is asked for, one that is idle for another role makes room.
    """

    def __init__(self, database_url: str, size: int, timeout: float) -> None:
        self._conninfo = pinned_conninfo(database_url)
        self._size = size
        self._timeout = timeout
        self._roles: dict[Wire, str] = {}
        self._idle: dict[str, list[Wire]] = {}
        self._opening = 0
        self._waiting: deque[Waiter] = deque()

    async def run(self, call: Call) -> Answer:
        """See Lane. TimeoutError where the server does not even keep to statement_timeout."""
        role = call.context.role
        idle = self._idle.get(role)
        wire = idle.pop() if idle else await self._acquire(role)
        flight = wire.submit(call)
        try:
            async with asyncio.timeout(call.context.timeout_ms / 1000 + _GRACE_SECONDS):
                return await flight.future
        except (TimeoutError, asyncio.CancelledError):
            if flight in wire.flights:
                wire.abort()
            raise

    async def _acquire(self, role: str) -> Wire:
        """A connection of this role that nobody uses."""
        if len(self._roles) + self._opening < self._size or self._evict():
            return await self._open(role)
        waiter = Waiter(role, time.monotonic(), asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._timeout):
                wire = await waiter.wire
        except BaseException as error:
            if waiter in self._waiting:
                self._waiting.remove(waiter)
            elif waiter.wire.done() and not waiter.wire.cancelled():
                self._pass_on(waiter.wire.result())
            if isinstance(error, TimeoutError):
                raise NoConnectionError(f"no connection in {self._timeout:g} s") from None
            raise
        if wire is None:
            return await self._open(role)
        return wire

    async def _open(self, role: str) -> Wire:
        self._opening += 1
        try:
            async with asyncio.timeout(self._timeout):
                wire = await Wire.open(self._conninfo, reads=False, freed=self._freed)
            self._roles[wire] = role
        except TimeoutError:
            raise NoConnectionError(f"no connection in {self._timeout:g} s") from None
        finally:
            self._opening -= 1
            if not self._full():
                self._wake(None)
        return wire

    def _full(self) -> bool:
        return len(self._roles) + self._opening >= self._size

    def _evict(self) -> bool:
        """Close a connection that is idle for some role; whether there was one."""
        for wires in self._idle.values():
            if wires:
                wires[0].close()
                return True
        return False

    def _freed(self, wire: Wire) -> None:
        """A connection has nothing more to do, or is lost."""
        role = self._roles.get(wire)
        if role is None:
            return
        if wire.alive:
            self._pass_on(wire)
            return
        del self._roles[wire]
        if wire in self._idle.get(role, ()):
            self._idle[role].remove(wire)
        self._wake(None)

    def _pass_on(self, wire: Wire | None) -> None:
        """Give a connection, or the room for one, to who waits for it."""
        if wire is None or not wire.alive:
            self._wake(None)
            return
        role = self._roles[wire]
        oldest = self._waiting[0] if self._waiting else None
        if (
            oldest is not None
            and oldest.role != role
            and oldest.since < time.monotonic() - _PATIENCE
        ):
            wire.close()  # which wakes them
            return
        if not self._wake(wire):
            self._idle.setdefault(role, []).append(wire)
            if self._waiting:
                self._evict()

    def _wake(self, wire: Wire | None) -> bool:
        """Hand over to the first who can use it; None stands for room to open another."""
        role = None if wire is None else self._roles[wire]
        while True:
            able = (waiter for waiter in self._waiting if role in (None, waiter.role))
            waiter = next(able, None)
            if waiter is None:
                return False
            self._waiting.remove(waiter)
            if not waiter.wire.done():  # else it has given up, and not yet gone away
                waiter.wire.set_result(wire)
                return True

    async def close(self) -> None:
        """Let what is under way end, for a second at most, and close."""
        for _ in range(100):
            if not any(wire.flights for wire in self._roles):
                break
            await asyncio.sleep(0.01)
        for wire in list(self._roles):
            wire.close()
