"""The shared lane: short reads, many at once on a few connections for each role."""

import asyncio
import logging
from collections.abc import Callable

from psycopg import Error

from api.lane import Call, NoConnectionError, Promise, pinned_conninfo
from api.wire import Flight, Wire

log = logging.getLogger("penstock.shared")

# Measured, see ADR 17: short calls are best left to one connection while it has no more to do than
# this, for its backend answers many of them each time that it wakes; long ones are best made side
# by side.
_BACKLOG_SECONDS = 0.0032
_SHORT_SECONDS = 0.00025
TIMEOUT_MS = 250
HELD_SECONDS = 0.030
_TICK_SECONDS = 0.010
_DEAD_SECONDS = 3.0


class SharedLane:
    """`size` connections a role, and as many again at most while slow calls hold some up.

    `held` is told of a call that held its connection for over HELD_SECONDS; those that waited
    behind it are sent again on another connection, since all of them only read. `overran` gets
    a call that took longer than TIMEOUT_MS, with its promise.
    """

    def __init__(
        self,
        database_url: str,
        size: int,
        timeout: float,
        held: Callable[[Call], None],
        overran: Callable[[Call, Promise], None],
    ) -> None:
        self._conninfo = pinned_conninfo(
            database_url,
            statement_timeout=f"{TIMEOUT_MS}ms",
            default_transaction_read_only="on",
        )
        self._size = size
        self._timeout = timeout
        self._held = held
        self._overran = overran
        self._wires: dict[str, list[Wire]] = {}
        self._opening: dict[str, asyncio.Task[Wire]] = {}
        self._starting: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.TimerHandle | None = None

    def start(self, call: Call, promise: Promise) -> None:
        """See Lane."""
        wire = self._pick(call.context.role, call.seconds)
        if wire is None:
            task = asyncio.create_task(self._start_later(call, promise))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)
            return
        self._submit(wire, call, promise)

    def _submit(self, wire: Wire, call: Call, promise: Promise) -> None:
        wire.start(call, promise)
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().call_later(_TICK_SECONDS, self._tick)

    async def _start_later(self, call: Call, promise: Promise) -> None:
        try:
            wire = await self._opened(call.context.role)
        except Error as error:
            if not promise.done():
                promise.set_exception(error)
        else:
            self._submit(wire, call, promise)

    def _pick(self, role: str, seconds: float) -> Wire | None:
        """The wire for a call that takes so long; None where there is none to use."""
        wires = self._wires.get(role)
        if not wires:
            return None
        first = wires[0]
        if seconds < _SHORT_SECONDS and first.backlog < _BACKLOG_SECONDS and not first.blocked:
            return first
        free = [wire for wire in wires if not wire.blocked]
        if len(free) < self._size and len(wires) < 2 * self._size:
            self._begin_opening(role)
            if not free:
                return None
        return min(free or wires, key=lambda wire: wire.backlog)

    async def _opened(self, role: str) -> Wire:
        """A wire that is being made. NoConnectionError where that takes too long."""
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.shield(self._begin_opening(role))
        except TimeoutError:
            raise NoConnectionError(
                f"no connection for {role} within {self._timeout:g} s"
            ) from None

    def _begin_opening(self, role: str) -> "asyncio.Task[Wire]":
        if role not in self._opening:
            self._opening[role] = asyncio.create_task(self._open(role), name=f"open {role}")
            self._opening[role].add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening[role]

    async def _open(self, role: str) -> Wire:
        try:
            wire = await Wire.open(
                self._conninfo,
                reads=True,
                freed=lambda wire: self._tidy(role, wire),
                overran=self._overran,
            )
            self._wires.setdefault(role, []).append(wire)
            return wire
        finally:
            del self._opening[role]

    def _tidy(self, role: str, wire: Wire) -> None:
        """A wire has nothing to do: take it away if it is dead, or was only a stand-in."""
        wires = self._wires.get(role, [])
        if wire not in wires:
            return
        if not wire.alive:
            wires.remove(wire)
        elif len(wires) > self._size:
            wires.remove(wire)
            wire.close()

    def _tick(self) -> None:
        """While calls are under way: notice one that holds its wire up."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        busy = False
        for role, wires in self._wires.items():
            for wire in list(wires):
                if not wire.flights:
                    continue
                busy = True
                held = now - wire.flights[0].since
                if held > _DEAD_SECONDS:
                    wire.abort()  # the server does not even keep to its own timeout
                elif held > HELD_SECONDS and not wire.blocked and wire.still_waits():
                    self._move_on(role, wire)
        self._ticker = loop.call_later(_TICK_SECONDS, self._tick) if busy else None

    def _move_on(self, role: str, wire: Wire) -> None:
        """Leave a wire to the call at its head, and send the others again elsewhere."""
        wire.blocked = True
        holder = wire.flights[0].call
        if holder is not None:
            self._held(holder)
        waiting = list(wire.flights)[1:]
        if waiting:
            task = asyncio.create_task(self._send_again(role, waiting), name=f"move {role}")
            task.add_done_callback(lambda task: task.cancelled() or task.exception())

    async def _send_again(self, role: str, flights: list[Flight]) -> None:
        try:
            other = self._pick(role, 0) or await self._opened(role)
        except Error as error:
            log.warning("no other connection for what waits: %s", error)
            return  # they keep their place in the queue
        for flight in flights:
            if not flight.promise.done() and flight.call is not None:
                flight.moved = True
                other.start(flight.call, flight.promise)

    def plan_anew(self) -> None:
        """Rows of some table changed their fields: no plan that was made before counts."""
        for wires in self._wires.values():
            for wire in wires:
                wire.outdated = True

    async def close(self) -> None:
        """Let what is under way end, for a second at most, and close."""
        for _ in range(100):
            if not any(wire.flights for wires in self._wires.values() for wire in wires):
                break
            await asyncio.sleep(0.01)
        if self._ticker is not None:
            self._ticker.cancel()
        for task in list(self._opening.values()):
            task.cancel()
        for wires in self._wires.values():
            for wire in list(wires):
                wire.close()
        self._wires.clear()
