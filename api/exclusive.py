"""The exclusive lane: one call at a time on a connection, for writes and whatever is slow."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from psycopg import Error

from api.lane import Call, NoConnectionError, Promise, pinned_conninfo
from api.throttle import Throttle
from api.wire import Flight, Wire

_GRACE_SECONDS = 5.0
_TICK_SECONDS = 0.025
_PATIENCE_SECONDS = 0.1  # for how much longer than another a role waits before it is given more
LONG_SECONDS = 0.030


@dataclass(slots=True)
class Waiter:
    """A call that waits for a connection."""

    since: float
    call: Call
    promise: Promise


@dataclass(slots=True, eq=False)
class Share:
    """What one role has of the connections, and who waits for one of them."""

    role: str
    made: int = 0  # those that are being opened, too
    opening: int = 0
    old: int = 0  # connections whose call takes LONG_SECONDS already
    idle: list[Wire] = field(default_factory=list)
    waiting: deque[Waiter] = field(default_factory=deque)

    @property
    def young(self) -> int:
        """Connections with a call that is not old, or that are about to get one."""
        return self.made - len(self.idle) - self.old

    def first(self) -> Waiter | None:
        """Who has waited longest; those who gave up are passed over."""
        while self.waiting and self.waiting[0].promise.done():
            self.waiting.popleft()
        return self.waiting[0] if self.waiting else None

    def waited(self, now: float) -> float:
        """For how many seconds the first of them has waited."""
        first = self.first()
        return 0.0 if first is None else now - first.since


class ExclusiveLane:
    """At most `size` connections, whatever roles they serve; `timeout_ms` is what most calls have.

    A role has as many calls under way as `throttle` says, and besides those that have taken
    LONG_SECONDS already: short ones are not in each other's way, and wait for no long ones.

    A connection serves one role for life. Where all are made, roles wait for their own; one that
    waits longer than another takes over connections of the others, and only a few at a time: to
    open one costs the server a hundred calls.
    """

    def __init__(
        self,
        database_url: str,
        size: int,
        timeout: float,
        timeout_ms: int = 10_000,
        throttle: Throttle | None = None,
    ) -> None:
        self._conninfo = pinned_conninfo(
            database_url,
            statement_timeout=f"{timeout_ms}ms",
            default_transaction_read_only="off",
        )
        self._timeout_ms = timeout_ms
        self._size = size
        self._timeout = timeout
        self._throttle = throttle or Throttle(size)
        self._shared_out_at = 0.0
        self._shares: dict[str, Share] = {}
        self._wires: dict[Wire, Share] = {}
        self._old: set[Wire] = set()
        self._made = 0
        self._owed: deque[Share] = deque()
        self._opening: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.TimerHandle | None = None

    def start(self, call: Call, promise: Promise) -> None:
        """See Lane. TimeoutError where the server does not even keep to statement_timeout."""
        role = call.context.role
        share = self._shares.get(role) or self._shares.setdefault(role, Share(role))
        if share.idle and share.young < self._throttle.limit:
            share.idle.pop().start(call, promise)
        else:
            self._queue(share, call, promise)
        if self._ticker is None:
            self._ticker = asyncio.get_running_loop().call_later(_TICK_SECONDS, self._tick)

    def _queue(self, share: Share, call: Call, promise: Promise) -> None:
        share.waiting.append(Waiter(asyncio.get_running_loop().time(), call, promise))
        if share.young >= self._throttle.limit:
            return  # until one of them is done, or old
        if self._made < self._size:
            self._open(share)
        elif not share.made:
            self._evict(share)

    def _open(self, share: Share) -> None:
        """Begin to open a connection for this role; it goes to whoever waits for one then."""
        share.made += 1
        share.opening += 1
        self._made += 1
        task = asyncio.create_task(self._opened(share), name=f"open {share.role}")
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)

    async def _opened(self, share: Share) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                wire = await Wire.open(
                    self._conninfo, reads=False, timeout_ms=self._timeout_ms, freed=self._freed
                )
        except BaseException as error:
            share.opening -= 1
            self._count_out(share)
            if not isinstance(error, (Error, TimeoutError)):
                raise
            self._refuse(share, error if isinstance(error, Error) else self._none_free())
            self._use_room()
            return
        share.opening -= 1
        self._wires[wire] = share
        self._offer(wire)

    def _refuse(self, share: Share, error: Error) -> None:
        """Tell who has waited longest, that nobody waits for a server that is down."""
        first = share.first()
        if first is not None:
            first.promise.set_exception(error)

    def _count_out(self, share: Share) -> None:
        share.made -= 1
        self._made -= 1

    def _none_free(self) -> NoConnectionError:
        return NoConnectionError(f"no connection in {self._timeout:g} s")

    def _evict(self, share: Share) -> None:
        """Close a connection that is idle for another role, if there is one."""
        for other in self._shares.values():
            if other is not share and other.idle:
                other.idle.pop(0).close()
                return

    def _freed(self, wire: Wire) -> None:
        """A connection has nothing more to do, or is lost."""
        share = self._wires.get(wire)
        if share is None:
            return
        if wire in self._old:
            self._old.remove(wire)
            share.old -= 1
        if wire.alive:
            self._offer(wire)
            return
        del self._wires[wire]
        self._count_out(share)
        if wire in share.idle:
            share.idle.remove(wire)
        self._use_room()

    def _offer(self, wire: Wire) -> None:
        """Hand a free connection to who waits for it, or for its place."""
        if not wire.alive:
            return
        share = self._wires[wire]
        while self._owed and self._owed[0].first() is None:
            self._owed.popleft()
        if self._owed and self._owed[0] is not share:
            wire.close()  # which gives its place to the one it is owed to
            return
        first = share.first()
        if first is None or share.young > self._throttle.limit:  # it is one of them itself
            share.idle.append(wire)
            return
        share.waiting.popleft()
        wire.start(first.call, first.promise)

    def _use_room(self) -> None:
        """There is room for a connection: open one for the role that has waited longest."""
        if self._made >= self._size:
            return
        if self._owed:
            self._open(self._owed.popleft())
            return
        now = asyncio.get_running_loop().time()
        lacking = [share for share in self._shares.values() if self._lacks(share)]
        if lacking:
            self._open(max(lacking, key=lambda share: share.waited(now)))

    def _lacks(self, share: Share) -> bool:
        if share.young >= self._throttle.limit:
            return False
        return share.first() is not None and share.opening < len(share.waiting)

    def _tick(self) -> None:
        """While calls are under way: end what takes too long, and share out the connections."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        for wire, share in list(self._wires.items()):
            if wire.flights:
                self._end_overdue(wire, wire.flights[0], now)
            if wire.flights and now > wire.flights[0].since + LONG_SECONDS:
                share.old += wire not in self._old
                self._old.add(wire)
        for share in self._shares.values():
            while share.waited(now) > self._timeout:
                share.waiting.popleft().promise.set_exception(self._none_free())
        waited_for = any(share.first() is not None for share in self._shares.values())
        self._throttle.look(now, waits=waited_for)
        for share in self._shares.values():
            self._go_on(share)
        if now >= self._shared_out_at + _PATIENCE_SECONDS:
            self._shared_out_at = now
            self._share_out(now)
        busy = waited_for or any(wire.flights for wire in self._wires)
        self._ticker = loop.call_later(_TICK_SECONDS, self._tick) if busy else None

    def _go_on(self, share: Share) -> None:
        """Let as many calls that wait begin as may be under way besides the old ones."""
        while share.young < self._throttle.limit and (first := share.first()) is not None:
            if share.idle:
                share.waiting.popleft()
                share.idle.pop().start(first.call, first.promise)
            elif self._made < self._size and self._lacks(share):
                self._open(share)
            else:
                return

    def _end_overdue(self, wire: Wire, flight: Flight, now: float) -> None:
        call = flight.call
        waits_ms = call.once.wait_ms if call is not None and call.once is not None else 0
        allowed = (call.context.timeout_ms + waits_ms) / 1000 if call is not None else 0
        if now > flight.since + allowed + _GRACE_SECONDS:
            if not flight.promise.done():
                flight.promise.set_exception(TimeoutError())
            wire.abort()

    def _share_out(self, now: float) -> None:
        """Note who is owed connections: who has none, or waits longer than another role."""
        waits = {share: share.waited(now) for share in self._shares.values() if self._lacks(share)}
        with_none = [share for share in waits if not share.made]
        self._owed = deque(share for share in with_none if waits[share] > _PATIENCE_SECONDS)
        if waits and not self._owed:
            longest = max(waits, key=lambda share: waits[share])
            others = [share for share in self._shares.values() if share.made and share != longest]
            if any(waits[longest] > share.waited(now) + _PATIENCE_SECONDS for share in others):
                self._owed.extend([longest] * self._short_by(longest))
        for share in list(self._owed):
            self._evict(share)  # else those that come free next

    def _short_by(self, share: Share) -> int:
        """How many connections it lacks by its part of all who wait; an eighth of all at most."""
        waiting = sum(len(each.waiting) for each in self._shares.values())
        fair = self._size * len(share.waiting) // waiting
        return max(1, min(fair - share.made, self._size // 8))

    def plan_anew(self) -> None:
        """Rows of some table changed their fields: no plan that was made before counts."""
        for wire in self._wires:
            wire.outdated = True

    async def close(self) -> None:
        """Let what is under way end, for a second at most, and close."""
        for _ in range(100):
            if not any(wire.flights for wire in self._wires):
                break
            await asyncio.sleep(0.01)
        if self._ticker is not None:
            self._ticker.cancel()
        for task in self._opening:
            task.cancel()
        for wire in list(self._wires):
            if wire.flights:
                wire.abort()
            else:
                wire.close()
