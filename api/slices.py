"""Long work on the event loop, in slices so short that no request notices.

A thread would not do: it and the loop would fight for the interpreter at each of the loop's system
calls, and lose milliseconds every time. The work is a generator that yields where it may rest.
"""

import asyncio
import time
from collections.abc import Generator
from typing import TypeVar

_SECONDS = 0.00035

T = TypeVar("T")


async def in_slices(work: Generator[None, None, T]) -> T:
    """What the work returns, done bit by bit between the turns of the event loop."""
    while True:
        await asyncio.sleep(0)
        until = time.perf_counter() + _SECONDS
        while time.perf_counter() < until:
            try:
                next(work)
            except StopIteration as done:
                found: T = done.value
                return found


def at_once(work: Generator[None, None, T]) -> T:
    """What the work returns, where nobody waits."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: T = done.value
            return found
