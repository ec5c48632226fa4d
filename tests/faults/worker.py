"""A server process for the fault tests: `python -m tests.faults.worker [FAULT]`.

With the name of a fault it serves with one guard of the cache taken out, so that the tests can be
seen to notice.
"""

import sys
from collections.abc import Callable
from typing import Any

from api import cache, cacheable, serve, stores


def no_fence() -> None:
    """What was kept counts whatever happened to its tags since."""
    cache._joined = lambda versions: b"".join(b"-" * 8 for _ in versions)


def no_identity_in_the_key() -> None:
    """Callers share a key, and are one owner."""
    cacheable._digest = lambda _: b"anybody's" + b"-" * 7


def bump_before_commit() -> None:
    """The versions go before the change is there to be read."""

    def start(self: Any, call: Any, promise: Any) -> None:
        if call.lookup is not None:
            self._read(call, call.lookup, promise)
            return
        if call.context.read_only:
            self._lanes.start(call, promise)
            return
        tags = [f"counter:{call.parameters[0]}", "counters"]
        self._forget(tags, [], lambda _: self._lanes.start(call, promise))

    cache.Cache.start = start  # type: ignore[method-assign]


def join_any_flight() -> None:
    """Whoever asks the same waits for the call under way, whatever was changed since it began."""
    join = cache.Cache._join

    def any_flight(self: Any, asker: Any, versions: bytes) -> None:
        for name, flight in self._flights.items():
            if name.startswith(asker.lookup.key):
                flight.others.append(asker)
                return
        join(self, asker, versions)

    cache.Cache._join = any_flight  # type: ignore[method-assign]


def no_run_id() -> None:
    """A Redis that was started again from an old dump is taken for the one it was."""
    opened = stores.RedisStore._opened
    stores.RedisStore._opened = lambda self, _: opened(self, "")  # type: ignore[method-assign]


def no_drain() -> None:
    """Hits are trusted for ever, whatever psql or a process that was killed have changed."""
    cache.LEASE_SECONDS = 1e9
    absorb = cache.Cache.absorb

    async def deaf(self: Any, touched: Any, began: float) -> None:
        await absorb(self, [], began)

    cache.Cache.absorb = deaf  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        no_fence,
        no_identity_in_the_key,
        bump_before_commit,
        join_any_flight,
        no_run_id,
        no_drain,
    )
}

if __name__ == "__main__":
    for name in sys.argv[1:]:
        FAULTS[name]()
    serve.main()
