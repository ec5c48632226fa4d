"""Reads from the database what was touched, by whomever, a few times a second.

A transaction that is seen later may have an earlier number, so two snapshots are compared: what
the one did not see and the other does was committed in between.
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import deque
from collections.abc import Sequence
from typing import Any, Protocol

from psycopg import AsyncConnection, Error
from psycopg.errors import InsufficientPrivilege

from api.cache import Cache
from api.lane import pinned_conninfo
from api.log import one_line

log = logging.getLogger("penstock.drain")

_TURN_SECONDS = 0.250
_LATER_SECONDS = 5.0  # where the database has nothing that could be touched
_CLEAR_SECONDS = 10.0
# What is cleared away was seen by every process that is not held up for longer than this.
_KEPT_SECONDS = 60.0
_GAP_SECONDS = 30.0

_DATABASE = """
select
    d.oid::text,
    exists (
        select
        from pg_catalog.pg_class as c
        join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = 'penstock' and c.relname = 'touches'
    )
        and exists (
            select
            from pg_catalog.pg_roles as r
            where r.rolname = 'penstock_agent'
                and pg_catalog.pg_has_role(session_user, r.oid, 'member')
        )
from pg_catalog.pg_database as d
where d.datname = current_database()
"""
_CLUSTER = "select system_identifier::text from pg_catalog.pg_control_system()"
_INCARNATION = "insert into penstock.incarnation default values on conflict do nothing"
_TOUCHED = """
select
    (select i.id::text from penstock.incarnation as i),
    pg_current_snapshot()::text,
    (
        select json_agg(json_build_array(t.xid::text, t.tags))::text
        from penstock.touches as t
        where %(since)s::pg_snapshot is null
            or (
                t.xid >= pg_snapshot_xmin(%(since)s::pg_snapshot)
                and not pg_visible_in_snapshot(t.xid, %(since)s::pg_snapshot)
            )
    )
"""
_CLEAR = """
delete from penstock.touches as t
where t.ctid = any (array(
    select old.ctid
    from penstock.touches as old
    where (select pg_try_advisory_xact_lock(hashtextextended('penstock.touches', 0)))
        and old.xid < pg_snapshot_xmax(%(before)s::pg_snapshot)
        and pg_visible_in_snapshot(old.xid, %(before)s::pg_snapshot)
    limit 20000
))
"""


class Watch(Protocol):
    """Whoever is told what was touched up to a snapshot."""

    def __call__(
        self, touched: Sequence[tuple[str, list[str]]], snapshot: str, /, *, missed: bool
    ) -> None:
        """See Streams.watch."""


def _nobody(_: Sequence[tuple[str, list[str]]], __: str, /, *, missed: bool) -> None:
    del missed


class Drain:
    """Keeps a cache told of what was touched; it alone lets hits be trusted."""

    def __init__(self, database_url: str, cache: Cache) -> None:
        self._conninfo = pinned_conninfo(
            database_url, "penstock-drain", statement_timeout="5s", jit="off"
        )
        self._cache = cache
        self._connection: AsyncConnection[Any] | None = None
        self._database = ""
        self._listens = False
        self._life = ""
        self._snapshot: str | None = None
        self._snapshots: deque[tuple[float, str]] = deque()
        self._last = 0.0
        self._cleared = 0.0
        self._said = ""
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.watch: Watch = _nobody
        cache.wake = self._woken.set

    async def open(self) -> None:
        """Take the first turn, and go on from there."""
        await self._turn()
        self._task = asyncio.create_task(self._run(), name="drain")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._disconnect()

    async def _run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                pause = _TURN_SECONDS if self._listens or not self._database else _LATER_SECONDS
                async with asyncio.timeout(pause):
                    await self._woken.wait()
            self._woken.clear()
            await self._turn()

    async def _turn(self) -> None:
        try:
            async with asyncio.timeout(_LATER_SECONDS):
                await self._look()
            self._said = ""
        except (Error, OSError, TimeoutError) as error:
            said = one_line(error)
            if said != self._said:
                log.warning("what was touched can't be read: %s", said)
            self._said = said
            await self._disconnect()
        except Exception:  # hits are not trusted without it, but it must go on
            log.exception("what was touched can't be read")
            await self._disconnect()

    async def _look(self) -> None:
        began = time.monotonic()
        connection = await self._connected()
        if not self._listens:
            self._cache.belongs_to(self._database)
            await self._cache.absorb([], began)
            await self._disconnect()  # it may get something that can be touched
            return
        if began - self._last > _GAP_SECONDS:
            self._snapshot = None  # what was cleared away meanwhile is not to be known
        cursor = await connection.execute(_TOUCHED, {"since": self._snapshot})
        row = await cursor.fetchone()
        assert row is not None
        incarnation, snapshot, touched = row
        if incarnation is None:
            await connection.execute(_INCARNATION)
            self._woken.set()
            return
        life = f"{self._database} {incarnation}"
        self._cache.belongs_to(life)
        if life != self._life and self._snapshot is not None:
            # A snapshot of another life says nothing of this one: look at all that there is.
            self._snapshot = None
            self._snapshots.clear()
            self._woken.set()
            return
        missed = self._snapshot is None
        rows = [(xid, tags) for xid, tags in json.loads(touched or "[]")]
        self._cache.heard(rows, began, missed=missed)
        self.watch(rows, snapshot, missed=missed)
        await self._cache.absorb(rows, began)
        # Only now: what was cut short is read again.
        self._life, self._snapshot, self._last = life, snapshot, began
        await self._clear_away(connection, began, snapshot)

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is not None and not self._connection.closed:
            return self._connection
        connection = await AsyncConnection.connect(self._conninfo, autocommit=True)
        self._connection = connection
        cursor = await connection.execute(_DATABASE)
        row = await cursor.fetchone()
        assert row is not None
        oid, self._listens = row
        self._database = f"{await _cluster(connection)} {oid}"
        if self._listens:
            await connection.execute("set role penstock_agent")
        return connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _clear_away(
        self, connection: AsyncConnection[Any], now: float, snapshot: str
    ) -> None:
        """Delete what was committed a minute ago; whoever comes first does it, nobody waits."""
        if now - self._cleared < _CLEAR_SECONDS or not self._cache.settled:
            return
        self._cleared = now
        self._snapshots.append((now, snapshot))
        before = None
        while self._snapshots and now - self._snapshots[0][0] >= _KEPT_SECONDS:
            before = self._snapshots.popleft()[1]
        if before is not None:
            await connection.execute(_CLEAR, {"before": before})


async def _cluster(connection: AsyncConnection[Any]) -> str:
    """What tells this server from a copy of it; nothing where that is kept from us."""
    try:
        cursor = await connection.execute(_CLUSTER)
    except InsufficientPrivilege:
        return ""
    row = await cursor.fetchone()
    assert row is not None
    return str(row[0])
