"""Long work on the event loop: others get their turns, and nothing is left of what it replaced."""

import asyncio
import gc
import time
import weakref
from collections.abc import Generator

import pytest

from api.catalog import Catalog, Function
from api.contract import build
from api.endpoint import Endpoint
from api.routes import Routes
from api.slices import at_once, in_slices
from db.database import Database
from tests.api.catalogue import read_catalog

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

    gc.collect()
    gc.disable()
    try:
        before = left()
        kept = [grown(module_database)]
        known = weakref.ref(kept[0])
        assert left() > before
        felled = kept.pop().fell()
        at_once(felled)
        assert known() is None
        assert left() == before
    finally:
        gc.enable()


def test_a_reload_makes_anew_what_changed_and_nothing_else(database: Database) -> None:
    before = grown(database)
    database.psql(
        "comment on function api.user_get(bigint) is E'Show.\\n\\nHTTP GET /users/{user_id}'"
    )
    after = grown(database, before)
    was = {each.name: each for each in before.endpoints}
    anew = [each.name for each in after.endpoints if was[each.name] is not each]
    assert len(after.endpoints) == len(before.endpoints) > 20
    assert anew == ["GET /users/{user_id}"]


@pytest.mark.parametrize(
    "change",
    [
        "alter type app.user_role add value 'guest'",
        "comment on domain app.email is 'Where mail arrives.'",
        "drop function penstock.idempotency_keep cascade",
    ],
)
def test_what_all_endpoints_are_made_of_makes_all_anew(database: Database, change: str) -> None:
    before = grown(database)
    database.psql(change)
    after = grown(database, before)
    assert after.endpoints
    assert not {id(each) for each in after.endpoints} & {id(each) for each in before.endpoints}


def test_another_role_without_a_token_makes_all_anew(database: Database) -> None:
    """Whether an answer may be kept for everybody depends on who may call."""
    before = grown(database)
    after = grown(database, before, anon_role="member")
    assert not {id(each) for each in after.endpoints} & {id(each) for each in before.endpoints}


def test_endpoints_that_stay_hold_nothing_of_their_first_reading(database: Database) -> None:
    """Else each reload would leave a catalogue behind."""
    gc.collect()
    gc.disable()
    try:
        others = catalogs()
        routes = [grown(database)]
        was = {id(each) for each in routes[0].endpoints}
        for _ in range(3):
            routes.append(grown(database, routes[0]))
            felled = routes.pop(0).fell()
            at_once(felled)
        assert {id(each) for each in routes[0].endpoints} == was
        assert catalogs() == others + 1
    finally:
        gc.enable()


def grown(database: Database, before: Routes | None = None, anon_role: str = "anon") -> Routes:
    found = read_catalog(database, ["api"], ["anon"], before.catalog if before else None)
    endpoints, _ = at_once(build(found, "/api/v1", anon_role, before))
    return at_once(Routes.grow(found, endpoints, "/api/v1", anon_role=anon_role))


def left() -> int:
    return sum(isinstance(each, (Function, Endpoint)) for each in gc.get_objects())


def catalogs() -> int:
    return sum(isinstance(each, Catalog) for each in gc.get_objects())
