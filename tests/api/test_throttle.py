"""How many short calls go on at once: few where processors are busy, more where they idle."""

import asyncio
from pathlib import Path

import pytest

from api.exclusive import ExclusiveLane
from api.lane import Call, Context, ask
from api.throttle import LEAST, Throttle
from db.database import Database

READ = Context("anon", "", "GET", "/", 5000, read_only=True)
MOST = 32


class Processors:
    """A /proc/stat, and a clock far ahead of any lane's, which then looks at nothing by itself."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = 1e9
        self.busy = self.idle = 1000
        self.pass_(0, 0)

    def pass_(self, busy: int, idle: int) -> None:
        self.clock += 0.11
        self.busy += busy
        self.idle += idle
        self.path.write_text(f"cpu  {self.busy} 0 0 {self.idle} 0 0 0 0 0 0\ncpu0 1 2 3\n")


@pytest.fixture
def processors(tmp_path: Path) -> Processors:
    return Processors(tmp_path / "stat")


@pytest.fixture
def throttle(processors: Processors) -> Throttle:
    return Throttle(MOST, str(processors.path))


def looks(
    throttle: Throttle, processors: Processors, busy: int, idle: int, times: int = 40
) -> list[int]:
    """The limits while calls wait, and each tenth of a second so much goes by."""
    limits = []
    for _ in range(times):
        processors.pass_(busy, idle)
        throttle.look(processors.clock, waits=True)
        limits.append(throttle.limit)
    return limits


def test_few_go_on_at_once_where_processors_are_busy(
    throttle: Throttle, processors: Processors
) -> None:
    assert set(looks(throttle, processors, busy=18, idle=2)) == {LEAST}


def test_more_do_where_they_idle_until_they_are_busy_again(
    throttle: Throttle, processors: Processors
) -> None:
    limits = looks(throttle, processors, busy=5, idle=15)

    assert limits == sorted(limits)
    assert limits[-1] == MOST
    assert looks(throttle, processors, busy=18, idle=2)[-1] == LEAST


def test_what_is_in_between_changes_nothing(throttle: Throttle, processors: Processors) -> None:
    wide = looks(throttle, processors, busy=5, idle=15, times=3)[-1]

    assert LEAST < wide < MOST
    assert set(looks(throttle, processors, busy=82, idle=18)) == {wide}


def test_time_in_which_nobody_waited_does_not_count(
    throttle: Throttle, processors: Processors
) -> None:
    """A machine that did nothing all night is no reason to let everything in."""
    looks(throttle, processors, busy=18, idle=2, times=2)
    throttle.look(processors.clock, waits=False)

    processors.pass_(0, 10_000)
    throttle.look(processors.clock, waits=True)
    assert set(looks(throttle, processors, busy=18, idle=2)) == {LEAST}


@pytest.mark.parametrize("content", [None, "", "cpu\n", "cpu 1 2 x 4 5 6 7 8\n", "cpu 1 2 3\n"])
def test_where_nobody_can_tell_all_go_on(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "stat"
    if content is not None:
        path.write_text(content)
    throttle = Throttle(MOST, str(path))
    throttle.look(1, waits=True)

    assert throttle.limit == MOST


def test_there_are_no_more_than_connections(processors: Processors) -> None:
    throttle = Throttle(3, str(processors.path))

    assert set(looks(throttle, processors, busy=18, idle=2)) == {3}


def test_short_calls_use_few_connections(module_database: Database, throttle: Throttle) -> None:
    async def run() -> set[bytes | None]:
        lane = ExclusiveLane(module_database.serve_url, MOST, timeout=20, throttle=throttle)
        call = Call(READ, "select pg_backend_pid(), pg_sleep(0.002)", [], reads_out=False)
        answers = await asyncio.gather(*(ask(lane, call) for _ in range(2000)))
        await lane.close()
        return {answer.row and answer.row[0] for answer in answers}

    backends = asyncio.run(run())

    # A server that had other things to do may have let a call grow old.
    assert len(backends) < MOST // 2


def test_a_short_call_waits_for_no_long_ones(module_database: Database, throttle: Throttle) -> None:
    """As many as may be under way, and then one that takes no time."""

    async def run() -> int:
        lane = ExclusiveLane(module_database.serve_url, MOST, timeout=20, throttle=throttle)
        slow = Call(READ, "select pg_sleep(3)::text", [], reads_out=False)
        crowd = [asyncio.create_task(ask(lane, slow)) for _ in range(2 * LEAST)]
        await asyncio.sleep(0)
        answer = await ask(lane, Call(READ, "select 'mine'", [], reads_out=False))
        assert answer.row == [b"mine"]
        done = sum(task.done() for task in crowd)
        await asyncio.gather(*crowd)
        await lane.close()
        return done

    assert asyncio.run(run()) == 0


def test_what_was_narrowed_leaves_connections_that_are_used_again(
    module_database: Database, processors: Processors, throttle: Throttle
) -> None:
    async def run() -> list[bool]:
        lane = ExclusiveLane(module_database.serve_url, MOST, timeout=20, throttle=throttle)
        call = Call(READ, "select pg_sleep(0.005)::text", [], reads_out=False)
        for busy, idle in ((1, 19), (19, 1), (1, 19)):
            looks(throttle, processors, busy, idle)
            await asyncio.gather(*(ask(lane, call) for _ in range(300)))
        await lane.close()
        return [bool(share.first()) for share in lane._shares.values()]

    assert asyncio.run(run()) == [False]
