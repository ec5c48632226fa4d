"""Connections for COPY: psycopg's own pool, for what the pipelined lanes can't carry."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, AsyncRawCursor, InterfaceError, OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api import wire
from api.lane import Answer, Call, Context, NoConnectionError, is_lost, pinned_conninfo
from api.wire import BEGIN_ONCE, FULL_CONTEXT, HEADERS, READ_OUT, SETTLE

Pool = AsyncConnectionPool[AsyncConnection[Any]]


class CopyLane:
    """A small pool for each role: at most `size` connections a role, made when needed."""

    def __init__(self, database_url: str, size: int, timeout: float) -> None:
        self._conninfo = pinned_conninfo(database_url)
        self._size = size
        self._timeout = timeout
        self._pools: dict[str, Pool] = {}

    async def _pool(self, role: str) -> Pool:
        if role not in self._pools:
            self._pools[role] = AsyncConnectionPool(
                self._conninfo,
                connection_class=AsyncConnection[Any],
                kwargs={"autocommit": True, "cursor_factory": AsyncRawCursor},
                min_size=0,
                max_size=self._size,
                timeout=self._timeout,
                max_idle=60,
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
        except PoolTimeout as error:
            raise NoConnectionError(str(error)) from None
        except (OperationalError, InterfaceError) as error:
            if is_lost(error):
                # The server has likely restarted: the others are dead too, and finding that
                # out one request at a time would fail one request each.
                await pool.drain()
            raise


async def enter(connection: AsyncConnection[Any], call: Call) -> None:
    """Become the caller, and go on only if the call's key, if it has one, was not answered yet."""
    await become(connection, call.context)
    once = call.once
    if once is not None:
        await connection.execute(BEGIN_ONCE, (once.route, once.key, str(once.wait_ms)))


async def become(connection: AsyncConnection[Any], context: Context) -> None:
    """Become the caller, within the transaction that is open."""
    settings = (
        context.role,
        context.claims,
        context.method,
        context.path,
        str(context.timeout_ms),
        "on" if context.read_only else "off",
    )
    await connection.execute(FULL_CONTEXT, settings, prepare=False)
    if context.headers is not None:
        await connection.execute(HEADERS, (context.headers,), prepare=False)


async def call(connection: AsyncConnection[Any], call: Call) -> list[bytes | None] | None:
    """Run a call as whoever the transaction has become; its one row."""
    row = first_row(await connection.execute(call.statement, call.parameters))
    await connection.execute(SETTLE)
    return row


async def read_out(
    connection: AsyncConnection[Any], call: Call, row: list[bytes | None] | None
) -> Answer:
    """The answer that a call's row makes, with what else it set and touched."""
    said = first_row(await connection.execute(READ_OUT))
    assert said is not None
    touched = None if call.rolls_back else said[2]
    return Answer(row, said[0] or None, said[1] or None, touched)


def first_row(cursor: AsyncCursor[Any]) -> list[bytes | None] | None:
    """The columns of the one row, or None where there is none."""
    return None if cursor.pgresult is None else wire.first_row(cursor.pgresult)
