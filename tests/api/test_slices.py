"""Long work on the event loop: others get their turns, and nothing is left of what it replaced."""

import asyncio
import gc
import time
import weakref
from collections.abc import Generator

import psycopg
import pytest

from api import catalog
from api.catalog import Function
from api.contract import build
from api.endpoint import Endpoint
from api.routes import Routes
from api.slices import at_once, in_slices
from db.database import Database

STEPS = 20


def _work() -> Generator[None, None, str]:
    for _ in range(STEPS):
        until = time.perf_counter() + 0.001  # longer than a slice
        while time.perf_counter() < until:
            pass
        yield
    return "done"


def test_others_have_their_turns_while_work_goes_on() -> None:
    async def run() -> tuple[str, int]:
        turns = 0

        async def other() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        task = asyncio.create_task(other())
        done = await in_slices(_work())
        task.cancel()
        return done, turns

    done, turns = asyncio.run(run())
    assert done == "done"
    assert turns >= STEPS


def test_an_error_in_the_work_reaches_who_waits_for_it() -> None:
    def broken() -> Generator[None, None, None]:
        yield
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        asyncio.run(in_slices(broken()))
    with pytest.raises(ValueError, match="broken"):
        at_once(broken())


def test_routes_that_were_replaced_are_freed_without_a_collection(
    module_database: Database,
) -> None:
    """A reload ends with gc.freeze(): what is part of a cycle then would stay for good."""

    async def routes() -> Routes:
        url = module_database.superuser_url
        async with await psycopg.AsyncConnection.connect(url) as connection:
            read = await catalog.read(connection, ["api"], ["anon"])
        endpoints, _ = at_once(build(read, "/api/v1"))
        return at_once(Routes.grow(read, endpoints, "/api/v1"))

    def left() -> int:
        return sum(isinstance(each, (Function, Endpoint)) for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = left()
        kept = [asyncio.run(routes())]
        known = weakref.ref(kept[0])
        assert left() > before
        felled = kept.pop().fell()
        at_once(felled)
        assert known() is None
        assert left() == before
    finally:
        gc.enable()
