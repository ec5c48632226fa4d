"""Calls that go on after their answer: `Prefer: respond-async`, for lists that take long.

A list is taken in as ever until all of it is there. Then the call is noted, in a transaction of
its own, and the client gets 202 and where to ask; the transaction that the lines are in goes on,
and its last statement notes what it came to. So a call is done exactly if it was committed.

Whoever does it holds an advisory lock of its connection from before it is noted until its end is.
If the process dies, PostgreSQL ends the connection, and with it the transaction and the lock: so a
call that says it runs, and has no such lock, was rolled back (see penstock.long_call_find). There
is no heartbeat that could be late.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection, Error

from api import copying
from api.lane import Answer, Call
from api.problems import Problem

log = logging.getLogger("penstock.long_calls")

WISH = "respond-async"
_ADVANCE_SECONDS = 0.5
BEGIN = "select to_json(penstock.long_call_begin($1::uuid, $2, $3::bigint))::text"
ADVANCE = "select penstock.long_call_advance($1::uuid, $2::bigint)"
_END = "select penstock.long_call_end($1::uuid, $2::integer, $3::json)"
_FAIL = "select penstock.long_call_fail($1::uuid, $2::integer, $3::json)"
_LOCK = "select pg_advisory_lock(hashtextextended('penstock.long_call:' || $1, 0))"
_UNLOCK = "select pg_advisory_unlock(hashtextextended('penstock.long_call:' || $1, 0))"
# PostgreSQL looks whether we are there also while a statement runs, and waits no longer for one
# if the whole machine is gone.
_WATCH = (
    "select set_config('client_connection_check_interval', '1s', true),"
    " set_config('idle_in_transaction_session_timeout', '1min', true)"
)

Outcome = tuple[int, bytes | None]  # a status and a body


class RepeatedError(Exception):
    """The key was answered already, and nothing is to be done."""


class LongCall:
    """One such call.

    `begin` notes it, with its id and the number of lines, and may find that its key was answered
    with another's id; `advance` notes how many of them are done. `outcome` says what an answer
    comes to, `judge` what an error does. `started` has the answer to `begin`, a JSON string with
    the id.
    """

    def __init__(
        self,
        call: Call,
        begin: Callable[[UUID, int], Awaitable[Answer]],
        advance: Callable[[UUID, int], Awaitable[Answer]],
        outcome: Callable[[Answer], Outcome],
        judge: Callable[[BaseException], Outcome],
    ) -> None:
        self.id = uuid4()
        self.started: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.is_begun = False
        self._call = call
        self._begin = begin
        self._advance = advance
        self._advanced_at = 0.0
        self._outcome = outcome
        self._judge = judge

    @asynccontextmanager
    async def held(self, connection: AsyncConnection[Any]) -> AsyncIterator[None]:
        """Hold the lock; the block is the transaction. Why it failed is noted after it."""
        await connection.execute(_LOCK, (str(self.id),))
        try:
            yield
        except BaseException as error:
            if self.is_begun:
                await self._fail(connection, error)
            raise
        finally:
            await self._let_go(connection)

    async def begin(self, connection: AsyncConnection[Any], lines: int) -> None:
        """All has arrived: note it, which lets the client be answered.

        Raises RepeatedError, and what noting it raises.
        """
        await connection.execute(_WATCH)
        answer = await self._begin(self.id, lines)
        row = answer.row
        assert row is not None
        # Our own, if it was noted and the connection lost before we heard of it.
        is_ours = row[0] == b'"%b"' % str(self.id).encode()
        if is_ours:
            answer.replayed = False
            self.is_begun = True
        if not self.started.done():
            self.started.set_result(answer)
        if not is_ours:
            raise RepeatedError

    async def advance(self, done: int) -> None:
        """So many lines are done: note it, now and then, on another connection or never."""
        now = asyncio.get_running_loop().time()
        if now < self._advanced_at + _ADVANCE_SECONDS:
            return
        self._advanced_at = now
        try:
            await self._advance(self.id, done)
        except (Error, OSError) as error:  # whatever it is, it is no reason to stop
            log.warning("how far %s is could not be noted: %s", self.id, error)

    async def end(self, connection: AsyncConnection[Any], answer: Answer) -> None:
        """Note the outcome, as the last statement of the transaction."""
        await self._note(connection, _END, self._outcome(answer))

    async def _fail(self, connection: AsyncConnection[Any], error: BaseException) -> None:
        outcome = self._judge(error)
        try:
            async with connection.transaction():
                await copying.enter(connection, self._call)
                await self._note(connection, _FAIL, outcome)
        except Error as other:
            # Then it is lost, as everybody sees when the connection is gone.
            log.warning("why %s failed could not be noted: %s", self.id, other)
            await connection.close()

    async def _note(
        self, connection: AsyncConnection[Any], statement: str, outcome: Outcome
    ) -> None:
        status, body = outcome
        said = None if body is None else body.decode()
        await connection.execute(statement, (str(self.id), str(status), said))

    async def _let_go(self, connection: AsyncConnection[Any]) -> None:
        if connection.closed:
            return
        try:
            await connection.execute(_UNLOCK, (str(self.id),))
        except Error:
            await connection.close()


class LongCalls:
    """Those under way in this process."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, call: LongCall, work: Coroutine[Any, Any, None]) -> Answer:
        """Begin the work, and wait until it is noted; it goes on by itself then.

        Raises what the work raises before that. Whoever stops waiting stops it, too.
        """
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            await asyncio.wait((task, call.started), return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not call.started.done():
            await task
        return call.started.result()

    async def close(self) -> None:
        """End all that is under way: it is rolled back, and noted as failed."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def stopped() -> Problem:
    """What became of a call that the server's end has ended."""
    return Problem(
        503,
        "The server was stopped before this was done, and nothing of it was kept: send it again.",
        slug="call-stopped",
    )
