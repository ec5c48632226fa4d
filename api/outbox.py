"""What workers deliver: taken from the database for a while, and what came of it.

The rules are functions of the schema penstock. No transaction stays open while something is sent.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from psycopg import AsyncConnection

from api.lane import pinned_conninfo

_TAKE = "select * from penstock.deliveries_take(%s, %s, %s)"
_DONE = "select penstock.deliveries_done(%s, %s)"
_FAIL = "select penstock.delivery_fail(%s, %s, %s, %s, %s)"
_END = "select penstock.webhook_end(%s, %s)"
_DEPLOYED = """
-- Not by name: that asks for the right to look into the schema, which the agent has.
select exists (
        select
        from pg_catalog.pg_proc as p
        join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
        where n.nspname = 'penstock' and p.proname = 'deliveries_take'
    )
    and exists (
        select
        from pg_catalog.pg_roles as r
        where r.rolname = 'penstock_agent'
            and pg_catalog.pg_has_role(session_user, r.oid, 'member')
    )
"""

_NOT_DEPLOYED = (
    "This database has no penstock.deliveries that this login may take from: deploy the machinery,"
    " and log in as the API does."
)


class NotDeployed(Exception):  # noqa: N818 -- a state, not an error
    """The database has no outbox, or it is not this login's."""


class Refused(Exception):  # noqa: N818 -- what a receiver says
    """It will never be taken: there is no use in another attempt."""


class Ended(Refused):
    """The receiver wants no more of anything."""


class TooLate(Exception):  # noqa: N818 -- an event, not an error
    """It was not begun while it was ours for long enough."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery that was taken. `message` is what receivers know the event by.

    `begin_by` is the last moment, of time.monotonic(), at which it may be begun.
    """

    event_id: int
    sink: str
    attempt: int
    message: UUID
    at: datetime
    topic: str
    payload: str
    url: str | None
    secret: str | None
    begin_by: float

    def begin(self) -> None:
        """Raises TooLate where others may take it before it would be done."""
        if time.monotonic() > self.begin_by:
            raise TooLate


class Sink(Protocol):
    """Where deliveries go."""

    async def send(self, delivery: Delivery) -> None:
        """Deliver it. Raises Refused or Ended, TooLate, or anything else for another attempt."""

    async def close(self) -> None:
        """Let go of connections."""


async def connect(database_url: str, application: str) -> AsyncConnection[Any]:
    """A connection as penstock_agent. Raises NotDeployed, or psycopg.Error."""
    conninfo = pinned_conninfo(database_url, application, statement_timeout="30s", jit="off")
    connection = await AsyncConnection.connect(conninfo, autocommit=True)
    try:
        row = await (await connection.execute(_DEPLOYED)).fetchone()
        if row != (True,):
            raise NotDeployed(_NOT_DEPLOYED)  # noqa: TRY301 -- the connection is closed below
        await connection.execute("set role penstock_agent")
    except BaseException:
        await connection.close()
        raise
    return connection


class Outbox:
    """The outbox of a database. Each call raises psycopg.Error, and connects again after that."""

    def __init__(self, database_url: str, lease: float, send_timeout: float) -> None:
        self._url = database_url
        self._lease = timedelta(seconds=lease)
        self._spare = lease - send_timeout
        self._connection: AsyncConnection[Any] | None = None

    async def take(self, limit: int, skipped: Sequence[str]) -> list[Delivery]:
        """What is due, `limit` at most, but for what goes to the skipped sinks."""
        begin_by = time.monotonic() + self._spare
        cursor = await self._execute(_TAKE, (limit, self._lease, list(skipped)))
        rows: list[tuple[Any, ...]] = await cursor.fetchall()
        return [Delivery(*(*row, begin_by)) for row in rows]

    async def done(self, delivered: Sequence[Delivery]) -> None:
        """These were delivered."""
        ids = [each.event_id for each in delivered]
        await self._execute(_DONE, (ids, [each.sink for each in delivered]))

    async def fail(self, delivery: Delivery, error: str, pause: float | None) -> None:
        """An attempt failed; another is made after so many seconds, none with None."""
        after = None if pause is None else timedelta(seconds=pause)
        error = error.replace("\0", "")
        parameters = (delivery.event_id, delivery.sink, delivery.attempt, error, after)
        await self._execute(_FAIL, parameters)

    async def end(self, sink: str, because: str) -> None:
        """A subscription ends."""
        await self._execute(_END, (sink, because))

    async def _execute(self, statement: str, parameters: Sequence[object]) -> Any:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._url, "penstock-worker")
        return await self._connection.execute(statement, parameters)

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
