"""Hot reload: notices a changed catalogue and swaps in new routes, or keeps the old ones.

Nothing is installed in the database and no right is needed. Once a second a fingerprint over the
catalogues' xmin decides, which takes three milliseconds for a hundred functions. Where it takes
over ten, the sum of the statistics' write counters is asked first: half a millisecond, it moves
with any DDL, though a session that stays connected may keep its counts to itself for ten seconds.
"""

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Error
from psycopg.errors import (
    InsufficientPrivilege,
    InvalidParameterValue,
    InvalidSchemaName,
    UndefinedTable,
)

from api import catalog
from api.contract import build
from api.lane import pinned_conninfo
from api.log import one_line
from api.metrics import Metrics
from api.routes import Routes
from api.settings import Settings
from api.slices import in_slices

log = logging.getLogger("penstock.watcher")

_TICK_SECONDS = 1.0
_ANYWAY_SECONDS = 30.0
_CHEAP_SECONDS = 0.010
_DEFAULT_ANON = "anon"

_PULSE = """
select sum(
    pg_catalog.pg_stat_get_tuples_inserted(c.oid)
    + pg_catalog.pg_stat_get_tuples_updated(c.oid)
    + pg_catalog.pg_stat_get_tuples_deleted(c.oid)
)::bigint
from unnest(array[
    'pg_catalog.pg_proc', 'pg_catalog.pg_description', 'pg_catalog.pg_type',
    'pg_catalog.pg_constraint', 'pg_catalog.pg_class', 'pg_catalog.pg_namespace',
    'pg_catalog.pg_attribute', 'pg_catalog.pg_enum', 'pg_catalog.pg_policy',
    'pg_catalog.pg_rewrite',
    'pg_catalog.pg_auth_members', 'pg_catalog.pg_authid'
]::regclass[]) as c (oid)
"""
# Objects made by initdb have oids below 16384, and temporary ones are nobody's interface.
_FINGERPRINT = """
with rooms as (
    select n.oid, n.xmin
    from pg_catalog.pg_namespace as n
    where n.nspname !~ '^pg_(temp|toast)'
),
stamps (stamp) as (
    select 'n' || oid || ':' || xmin from rooms
    union all
    select 'p' || p.oid || ':' || p.xmin
    from pg_catalog.pg_proc as p join rooms as r on r.oid = p.pronamespace
    where p.oid >= 16384
    union all
    select 't' || t.oid || ':' || t.xmin
    from pg_catalog.pg_type as t join rooms as r on r.oid = t.typnamespace
    where t.oid >= 16384
    union all
    select 'c' || c.oid || ':' || c.xmin
    from pg_catalog.pg_class as c join rooms as r on r.oid = c.relnamespace
    where c.oid >= 16384
    union all
    -- Renaming a field, or giving it another type, touches nothing else.
    select 'a' || a.attrelid || ':' || a.attnum || ':' || a.xmin
    from pg_catalog.pg_attribute as a
    join pg_catalog.pg_class as c on c.oid = a.attrelid
    join rooms as r on r.oid = c.relnamespace
    where c.oid >= 16384 and c.relkind <> 'i' and a.attnum > 0
    union all
    select 'k' || k.oid || ':' || k.xmin
    from pg_catalog.pg_constraint as k join rooms as r on r.oid = k.connamespace
    where k.oid >= 16384
    union all
    -- What a view or a policy lets through changes the answers that were kept.
    select 'w' || w.oid || ':' || w.xmin from pg_catalog.pg_rewrite as w where w.oid >= 16384
    union all
    select 'y' || y.oid || ':' || y.xmin from pg_catalog.pg_policy as y where y.oid >= 16384
    union all
    select 'e' || e.oid || ':' || e.xmin from pg_catalog.pg_enum as e where e.oid >= 16384
    union all
    select 'd' || d.objoid || ':' || d.objsubid || ':' || d.xmin
    from pg_catalog.pg_description as d
    where d.objoid >= 16384
    union all
    select 'm' || m.roleid || ':' || m.member from pg_catalog.pg_auth_members as m
)
select
    md5(string_agg(stamp, ',' order by stamp)),
    md5(string_agg(stamp, ',' order by stamp) filter (where stamp like 'a%'))
from stamps
"""
_SERVABLE = """
select
    session_user::text,
    coalesce(array_agg(r.rolname::text) filter (
        where pg_catalog.pg_has_role(session_user, r.oid, 'member')
    ), '{}')
from pg_catalog.pg_roles as r
where r.rolname = any (%s)
"""
_DEPLOYED = """
select c.change
from sqitch.changes as c
order by c.committed_at desc
limit 1
"""


@dataclass(frozen=True, slots=True)
class State:
    """What one reading led to. `errors` are sentences about functions that can't be served."""

    routes: Routes
    errors: tuple[str, ...]


class Watcher:
    """Keeps the routes as the catalogue says; `state` is None until the first reading.

    `reshaped` is called when the rows of some table or type have other fields than before.
    """

    def __init__(
        self, settings: Settings, metrics: Metrics, reshaped: Callable[[], None] = lambda: None
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._reshaped = reshaped
        self._shapes = ""
        self._conninfo = pinned_conninfo(
            settings.database_url.get_secret_value(), "penstock-watcher"
        )
        self._connection: AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._pulse: int | None = None
        self._checked_at = 0.0
        self._fingerprint_took = 0.0
        self._refused = ""
        self.state: State | None = None
        self._said: str | None = None
        self.trouble: str | None = "The database has not been reached yet."
        self.errors: tuple[str, ...] = ()

    async def open(self) -> None:
        """Read the catalogue if the database answers, and watch it from now on."""
        await self._look()
        self._task = asyncio.create_task(self._watch(), name="watcher")

    async def close(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await self._disconnect()

    async def refresh(self, seen: Routes) -> bool:
        """Look right now, for a caller whose route no longer fits. Whether the routes changed."""
        if self.state is not None and self.state.routes is seen:
            self._checked_at = 0.0
            await self._look()
        return self.state is not None and self.state.routes is not seen

    async def deployed(self) -> str | None:
        """The newest change that Sqitch deployed, or None where there is no registry to read.

        Raises psycopg.Error or TimeoutError where the database does not answer.
        """
        async with self._lock, asyncio.timeout(2):
            return await _deployed(await self._connected())

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            await self._look()

    async def _look(self) -> None:
        async with self._lock:
            try:
                connection = await self._connected()
                fingerprint = await self._moved(connection)
                if fingerprint is not None:
                    with _no_collections():
                        await self._read(connection, fingerprint)
                self.trouble = self._said = None
            except (Error, OSError, TimeoutError) as error:
                await self._disconnect()
                self._report_trouble(error)
            except Exception:  # the watcher must outlive whatever it meets
                log.exception("the catalogue could not be read")
                await self._disconnect()
                self.trouble = "The catalogue could not be read; the log says why."

    def _report_trouble(self, error: Exception) -> None:
        """Once for each trouble; libpq names hosts and logins, so what it says stays in the log."""
        said = one_line(error)
        if said != self._said:
            log.error("the database does not answer: %s", said)
        self._said = said
        self.trouble = "The database does not answer; the log says why."

    async def _connected(self) -> AsyncConnection[Any]:
        if self._connection is None or self._connection.closed:
            async with asyncio.timeout(10):
                self._connection = await AsyncConnection.connect(self._conninfo, autocommit=True)
            self._checked_at = 0.0
        return self._connection

    async def _disconnect(self) -> None:
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _moved(self, connection: AsyncConnection[Any]) -> str | None:
        """What the catalogue is known by now, if that is not what we serve or refused."""
        due = time.monotonic() - self._checked_at > _ANYWAY_SECONDS
        if self._fingerprint_took > _CHEAP_SECONDS:
            pulse = await _value(connection, _PULSE)
            if pulse == self._pulse and not due:
                return None
            self._pulse = pulse
        self._checked_at = time.monotonic()
        fingerprint = await self._fingerprint(connection)
        self._fingerprint_took = time.monotonic() - self._checked_at
        if self.state is not None and fingerprint == self.state.routes.fingerprint:
            self.errors, self._refused = self.state.errors, ""  # what was refused is gone again
            return None
        return None if fingerprint == self._refused else fingerprint

    async def _fingerprint(self, connection: AsyncConnection[Any]) -> str:
        """What the catalogue is known by."""
        cursor = await connection.execute(_FINGERPRINT)
        row = await cursor.fetchone()
        assert row is not None
        fingerprint, shapes = row
        if shapes != self._shapes:
            self._shapes = shapes
            self._reshaped()
        return str(fingerprint)

    async def _read(self, connection: AsyncConnection[Any], fingerprint: str) -> None:
        """Read a catalogue that had this fingerprint a moment ago; what came since is seen next."""
        settings = self._settings
        anon_role, errors = await self._anon_role(connection)
        roles = sorted({*settings.api_roles, anon_role})
        before = None if self.state is None else self.state.routes
        read = await catalog.read(
            connection, list(settings.api_schemas), roles, before.catalog if before else None
        )
        endpoints, wrong = await in_slices(build(read, settings.api_prefix, anon_role, before))
        errors += tuple(wrong)
        for error in errors:
            log.error("the catalogue has an error: %s", error)
        self.errors = errors
        if self.state is not None and not set(errors) <= set(self.state.errors):
            self._refused = fingerprint
            self._metrics.reloaded("refused")
            log.error("the old routes stay until the catalogue is mended")
            return
        del before  # else what is let go below would be held
        grown = Routes.grow(read, endpoints, settings.api_prefix, fingerprint, anon_role)
        routes = await in_slices(grown)
        old, self.state = self.state, State(routes, errors)
        self._refused = ""
        self._metrics.reloaded("ok")
        self._metrics.routes = len(endpoints)
        log.info("serving %d endpoints", len(endpoints))
        if old is not None:
            felled = old.routes.fell()
            del old
            await in_slices(felled)

    async def _anon_role(self, connection: AsyncConnection[Any]) -> tuple[str, tuple[str, ...]]:
        """The role of callers without a token, and what is wrong with the configured one."""
        wanted = self._settings.anon_role or _DEFAULT_ANON
        cursor = await connection.execute(_SERVABLE, ([wanted],))
        row = await cursor.fetchone()
        assert row is not None
        login, servable = row
        if wanted in servable:
            return wanted, ()
        if self._settings.anon_role is not None:
            mend = f"create the role and grant {wanted} to {login}"
            return wanted, (f"ANON_ROLE names {wanted}, which {login} can't become: {mend}.",)
        log.warning("there is no role anon: callers without a token run as the login, %s", login)
        return login, ()


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """What is made here stays for long: a collection would only walk all of it, and requests wait.

    What is let go here is free of cycles, but for types that contain themselves: nothing is left.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


async def _value(connection: AsyncConnection[Any], query: str) -> Any:
    cursor = await connection.execute(query)
    row = await cursor.fetchone()
    assert row is not None
    return row[0]


async def _deployed(connection: AsyncConnection[Any]) -> str | None:
    try:
        async with connection.transaction():
            await connection.execute("set local role penstock_agent")
            return str(await _value(connection, _DEPLOYED))
    except (InsufficientPrivilege, InvalidParameterValue, InvalidSchemaName, UndefinedTable):
        return None  # somebody else's database, or one that another tool deployed
