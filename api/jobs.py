"""Jobs: statements of penstock.jobs, done again and again, one worker at a time for each.

A job is locked for the session, not by a transaction: streams wait for transactions that are open
(see penstock.events_after), and a statement may end its own.
"""

import asyncio
import contextlib
import logging
import time
from typing import Any

from psycopg import AsyncConnection, Error, sql

from api.log import one_line
from api.outbox import connect

log = logging.getLogger("penstock.jobs")

_LONGEST_PAUSE_SECONDS = 5.0
_AFTER_TROUBLE_SECONDS = 2.0
_DUE = """
select j.name, extract(epoch from j.due_at - clock_timestamp())::double precision
from penstock.jobs as j
order by j.due_at
"""
_LOCK = "select pg_try_advisory_lock(hashtextextended('penstock.job:' || %s, 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended('penstock.job:' || %s, 0))"
# Looked at once more under the lock: another worker may have done it just now.
_READ = """
select j.statement, j.role::text, (extract(epoch from j.timeout) * 1000)::bigint
from penstock.jobs as j
where j.name = %s and j.due_at <= clock_timestamp()
"""
_NOTE = """
update penstock.jobs as j
set last_run_at = clock_timestamp() - make_interval(secs => %(seconds)s),
    last_seconds = %(seconds)s,
    last_error = %(error)s,
    due_at = greatest(
        clock_timestamp() - make_interval(secs => %(seconds)s) + j.every, clock_timestamp()
    )
where j.name = %(name)s
"""


class Jobs:
    """Does what is due, until it is cancelled."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: AsyncConnection[Any] | None = None

    async def run(self) -> None:
        """Go on and on; trouble with the database is told and waited out."""
        try:
            while True:
                try:
                    pause = await self.turn()
                except (Error, OSError) as error:
                    log.warning("jobs can't be done: %s", one_line(error))
                    await self._disconnect()
                    pause = _AFTER_TROUBLE_SECONDS
                await asyncio.sleep(pause)
        finally:
            await self._disconnect()

    async def turn(self) -> float:
        """Do what is due, each job once; for how many seconds nothing will be."""
        connection = await self._connected()
        soonest = _LONGEST_PAUSE_SECONDS
        for name, seconds in await (await connection.execute(_DUE)).fetchall():
            if seconds <= 0:
                await self._do(connection, name)
            else:
                soonest = min(soonest, seconds)
        return max(soonest, 0.05)

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._url, "penstock-jobs")
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            # Which unlocks whatever is locked; a statement under way is another's affair.
            with contextlib.suppress(Error, OSError):
                await self._connection.close()
            self._connection = None

    async def _do(self, connection: AsyncConnection[Any], name: str) -> None:
        locked = await (await connection.execute(_LOCK, (name,))).fetchone()
        if locked != (True,):
            return
        try:
            job = await (await connection.execute(_READ, (name,))).fetchone()
            if job is not None:
                await self._run(connection, name, *job)
        finally:
            if not connection.closed:
                await connection.execute(_UNLOCK, (name,))

    async def _run(
        self,
        connection: AsyncConnection[Any],
        name: str,
        statement: str,
        role: str,
        timeout_ms: int,
    ) -> None:
        began = time.monotonic()
        error = None
        try:
            await connection.execute(
                sql.SQL("set role {}; set statement_timeout = {}").format(
                    sql.Identifier(role), sql.Literal(timeout_ms)
                )
            )
            await connection.execute(statement.encode())
        except Error as failed:
            if connection.closed:
                raise
            error = " ".join(f"{failed.sqlstate} {failed}".split())[:1000]
            log.error("the job %s failed: %s", name, error)  # noqa: TRY400 -- PostgreSQL's
        seconds = time.monotonic() - began
        # As it was, whatever the statement has set or begun.
        await connection.execute("rollback")
        await connection.execute("reset statement_timeout; set role penstock_agent")
        await connection.execute(_NOTE, {"name": name, "seconds": seconds, "error": error})
        log.info("the job %s took %.3f s", name, seconds)
