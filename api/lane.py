"""What a lane is: it runs a call of a function in a transaction of its own.

A connection serves one role for life. PostgreSQL checks EXECUTE on an SQL function when it is
inlined at planning, so a plan that was made for one role would run for another.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from psycopg import Error, InterfaceError, OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from api.annotation import CachePolicy

_ATTEMPTS = 4
_LOST_RACE = ("40001", "40P01")
# What answers depend on is pinned, whatever the cluster's or the login's defaults are.
_PINNED = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


@dataclass(slots=True)  # not frozen: that costs a microsecond a request
class Context:
    """Who calls, and how: what functions read through request.* settings."""

    role: str
    claims: str
    method: str
    path: str
    timeout_ms: int
    read_only: bool
    headers: str | None = None


@dataclass(slots=True)
class Lookup:
    """Where the answer to a call may be kept, whose it is, and the tags that end it.

    `keys` are those of the answer and of its tags' versions in a store. `version` is the field of
    the answer that its ETag begins with, if any.
    """

    route: str
    policy: CachePolicy
    version: str | None
    key: bytes
    owner: bytes
    tags: tuple[bytes, ...]
    keys: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        self.keys = (b"e:" + self.key, *(b"v:" + tag for tag in self.tags))


@dataclass(slots=True)
class Once:
    """What makes a call be done once: a caller's key for a route (`POST /orders`).

    `request` is a digest of the arguments. Others with the key wait for `wait_ms` milliseconds.
    """

    route: str
    key: str
    request: str
    wait_ms: int


@dataclass(slots=True)
class Call:
    """One call of a function.

    `reads_out` asks for response.status and response.headers, and what was touched; `settles`
    that deferred triggers run before that. `name` is what its speed is remembered by, `lane` the
    one that its annotation asks for, if any, and `lookup` where a read's answer may be kept.
    `once` lets it go on only if its key was not answered yet, see api/once.py. What `rolls_back`
    is taken back after it was answered, and has touched nothing. `seconds` is what the server is
    expected to take, 0 where that is not known.
    """

    context: Context
    statement: str
    parameters: Sequence[str | None]
    reads_out: bool
    isolation: str | None = None
    name: str = ""
    lane: str | None = None
    settles: bool = False
    lookup: Lookup | None = None
    timed: bool = False
    once: Once | None = None
    rolls_back: bool = False
    seconds: float = 0.0


@dataclass(slots=True)
class Answer:
    """What came back: the columns of the one row as bytes, or None where there was no row.

    `touched` is a JSON array: the transaction, and the tags that it touched. `seconds` is what
    the server took, where the call asked for it (`timed`). `etag` and `cache_status` are a
    cache's, and `left` for how many seconds more the answer counts. `ready` is what was made of
    an answer that is given out again and again. `replayed` is whether it was given before, to a
    request with the same Idempotency-Key.
    """

    row: list[bytes | None] | None = None
    status: bytes | None = None
    headers: bytes | None = None
    touched: bytes | None = None
    seconds: float | None = None
    etag: str = ""
    cache_status: str = ""
    left: float = 0.0
    ready: "Ready | None" = None
    replayed: bool = False


@dataclass(slots=True)
class Ready:
    """The headers of an answer that counts for `left` more seconds; `head` as they are sent."""

    left: int
    etag: bytes
    headers: list[tuple[bytes, bytes]]
    head: bytes


class Promise(Protocol):
    """Where an answer goes: an asyncio.Future[Answer], or a Reply."""

    def done(self) -> bool:
        """Whether it has an answer, or nobody waits for one any more."""

    def set_result(self, result: Answer, /) -> None:
        """The answer."""

    def set_exception(self, exception: BaseException, /) -> None:
        """The psycopg.Error in its place."""


class Reply:
    """A promise that calls back at once, where a future would wake a task a turn later.

    `then` must not raise.
    """

    __slots__ = ("_then",)

    def __init__(self, then: "Callable[[Answer | BaseException], None]") -> None:
        self._then: Callable[[Answer | BaseException], None] | None = then

    def done(self) -> bool:
        """See Promise."""
        return self._then is None

    def set_result(self, result: Answer, /) -> None:
        """See Promise."""
        self._call(result)

    def set_exception(self, exception: BaseException, /) -> None:
        """See Promise."""
        self._call(exception)

    def _call(self, outcome: Answer | BaseException) -> None:
        then, self._then = self._then, None
        assert then is not None
        then(outcome)


class Lane(Protocol):
    """Runs calls."""

    def start(self, call: Call, promise: Promise) -> None:
        """Run one call in a transaction of its own.

        The promise gets the answer when it is committed, or psycopg.Error as the database gave
        it; maybe before this returns.
        """


async def ask(lane: Lane, call: Call) -> Answer:
    """Run one call and wait for its answer. Raises psycopg.Error as the database gave it."""
    future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
    lane.start(call, future)
    return await future


def may_try_again(error: Error, attempt: int, *, repeatable: bool) -> bool:
    """Whether a call is made again, of which attempt 1, 2 … failed.

    It is where it lost a race, or its connection and does no more if it is made twice.
    """
    again = error.sqlstate in _LOST_RACE or (repeatable and is_lost(error))
    return again and attempt < _ATTEMPTS


async def back_off(attempt: int) -> None:
    """Wait before the next attempt, whoever lost the same race not for the same time."""
    await asyncio.sleep(random.uniform(0, 0.02) * 2**attempt)  # noqa: S311


class NoConnectionError(OperationalError):
    """No connection came free, or could be made, in time."""


def is_lost(error: Error) -> bool:
    """Whether the connection is gone, rather than a statement refused."""
    if isinstance(error, NoConnectionError):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, (OperationalError, InterfaceError))
    # 26000: the connection has lost a prepared statement that the call counted on.
    return state[:2] == "08" or state[:3] == "57P" or state == "26000"


def pinned_conninfo(database_url: str, application: str = "penstock", **settings: str) -> str:
    """Connection parameters with what answers depend on pinned, and these settings besides."""
    given = conninfo_to_dict(database_url)
    options = " ".join(f"-c {name}={value}" for name, value in (_PINNED | settings).items())
    return make_conninfo(
        database_url,
        options=f"{given.get('options') or ''} {options}".strip(),
        client_encoding="UTF8",
        application_name=given.get("application_name") or application,
        connect_timeout=given.get("connect_timeout") or 3,
    )
