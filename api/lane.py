"""How a call reaches PostgreSQL: context, call and read-out in one round trip, one transaction.

A connection serves one role for life. PostgreSQL checks EXECUTE on an SQL function when it is
inlined at planning, so a plan that was made for one role would run for another.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from psycopg import (
    AsyncConnection,
    AsyncCursor,
    AsyncRawCursor,
    Error,
    InterfaceError,
    OperationalError,
)
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

log = logging.getLogger("penstock.lane")

# What answers depend on is pinned, whatever the cluster's or the login's defaults are.
_PINNED = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "iso_8601",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}
# Settings and call are separate statements: in one, the call would be planned and its privileges
# checked before the role is set.
_CONTEXT = (
    "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true),"
    " set_config('request.method', $3, true), set_config('request.path', $4, true),"
    " set_config('statement_timeout', $5, true), set_config('transaction_read_only', $6, true)"
)
_HEADERS = "select set_config('request.headers', $1, true)"
_READ_OUT = (
    "select current_setting('response.status', true), current_setting('response.headers', true)"
)
_GRACE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Context:
    """Who calls, and how: what functions read through request.* settings."""

    role: str
    claims: str
    method: str
    path: str
    timeout_ms: int
    read_only: bool
    headers: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function. `reads_out` asks for response.status and response.headers."""

    context: Context
    statement: str
    parameters: Sequence[str | None]
    reads_out: bool
    isolation: str | None = None


@dataclass(slots=True)
class Answer:
    """What came back: the columns of the one row as bytes, or None where there was no row."""

    row: list[bytes | None] | None = None
    status: bytes | None = None
    headers: bytes | None = field(default=None)


class Lane(Protocol):
    """Runs calls. Raises psycopg.Error as the database gave it."""

    async def run(self, call: Call) -> Answer:
        """Run one call in a transaction of its own; answered only when it is committed."""


class ExclusiveLane:
    """One request at a time on a connection; each role has its own small pool.

    At most `size` connections a role, made when they are needed.
    """

    def __init__(self, database_url: str, size: int, timeout: float) -> None:
        self._conninfo = pinned_conninfo(database_url)
        self._size = size
        self._timeout = timeout
        self._pools: dict[str, AsyncConnectionPool[AsyncConnection[Any]]] = {}

    async def _pool(self, role: str) -> AsyncConnectionPool[AsyncConnection[Any]]:
        if role not in self._pools:
            self._pools[role] = AsyncConnectionPool(
                self._conninfo,
                connection_class=AsyncConnection[Any],
                kwargs={"autocommit": True, "cursor_factory": AsyncRawCursor},
                min_size=0,
                max_size=self._size,
                timeout=self._timeout,
                max_idle=300,
                reconnect_timeout=2 * self._timeout,
                name=role,
                open=False,
            )
            await self._pools[role].open()
        return self._pools[role]

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.gather(*(pool.close(timeout=2) for pool in self._pools.values()))

    @asynccontextmanager
    async def connection(self, role: str) -> AsyncIterator[AsyncConnection[Any]]:
        """A connection that only ever serves this role; the role is not set yet."""
        pool = await self._pool(role)
        try:
            async with pool.connection() as connection:
                yield connection
        except (OperationalError, InterfaceError) as error:
            if is_lost(error):
                # The server has likely restarted: the others are dead too, and finding that
                # out one request at a time would fail one request each.
                await pool.drain()
            raise

    async def run(self, call: Call) -> Answer:
        """See Lane."""
        deadline = call.context.timeout_ms / 1000 + _GRACE_SECONDS
        async with self.connection(call.context.role) as connection, asyncio.timeout(deadline):
            try:
                return await _run(connection, call)
            except Error:
                if call.isolation is not None and not connection.broken:
                    await connection.rollback()
                raise


async def _run(connection: AsyncConnection[Any], call: Call) -> Answer:
    async with connection.pipeline():
        if call.isolation is not None:
            # A real BEGIN: the isolation level can't be set by set_config().
            begin = f"begin isolation level {call.isolation}"
            await connection.execute(begin, prepare=False)
        sent = await send(connection, call)
        if call.isolation is not None:
            await connection.execute("commit", prepare=False)
    return sent.answer()


@dataclass(frozen=True, slots=True)
class Sent:
    """The cursors of a call that is under way; their results are there once it is synced."""

    result: AsyncCursor[Any]
    read_out: AsyncCursor[Any] | None

    def answer(self) -> Answer:
        """What the call answered."""
        answer = Answer(_first_row(self.result))
        if self.read_out is not None:
            row = _first_row(self.read_out)
            assert row is not None
            answer.status, answer.headers = row[0] or None, row[1] or None
        return answer


async def send(connection: AsyncConnection[Any], call: Call) -> Sent:
    """Context, call and read-out, within whatever transaction or pipeline is open.

    What follows the call is never prepared: where the call fails, PostgreSQL passes over the rest
    of the pipeline, and psycopg would go on to use a statement that was not made.
    """
    await _set_context(connection, call.context)
    result = await connection.execute(call.statement, call.parameters)
    if not call.context.read_only:
        # A deferred constraint may still fail: better here than after the answer is made.
        await connection.execute("set constraints all immediate", prepare=False)
    read_out = await connection.execute(_READ_OUT, prepare=False) if call.reads_out else None
    return Sent(result, read_out)


async def _set_context(connection: AsyncConnection[Any], context: Context) -> None:
    await connection.execute(
        _CONTEXT,
        (
            context.role,
            context.claims,
            context.method,
            context.path,
            str(context.timeout_ms),
            "on" if context.read_only else "off",
        ),
    )
    if context.headers is not None:
        await connection.execute(_HEADERS, (context.headers,))


def _first_row(cursor: AsyncCursor[Any]) -> list[bytes | None] | None:
    result = cursor.pgresult
    if result is None or not result.ntuples:
        return None
    return [result.get_value(0, column) for column in range(result.nfields)]


def is_lost(error: Error) -> bool:
    """Whether the connection is gone, rather than a statement refused."""
    if isinstance(error, (PoolTimeout, PoolClosed, TooManyRequests)):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, (OperationalError, InterfaceError))
    # 26000: the connection has lost a prepared statement, so it is good for nothing more.
    return state[:2] == "08" or state[:3] == "57P" or state == "26000"


def pinned_conninfo(database_url: str, application: str = "penstock") -> str:
    """Connection parameters with what answers depend on pinned."""
    given = conninfo_to_dict(database_url)
    options = " ".join(f"-c {name}={value}" for name, value in _PINNED.items())
    return make_conninfo(
        database_url,
        options=f"{given.get('options') or ''} {options}".strip(),
        client_encoding="UTF8",
        application_name=given.get("application_name") or application,
        connect_timeout=given.get("connect_timeout") or 3,
    )
