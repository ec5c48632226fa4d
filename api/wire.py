"""One connection in libpq's pipeline mode: many calls under way at once, answered in order.

All statements up to a Sync are one implicit transaction, so what a call sets with
set_config(…, true) holds for it alone, and an error aborts nothing but its own call. A wire
serves one role for life, and its statements are prepared after the role is set: PostgreSQL checks
EXECUTE on an SQL function when it is inlined at planning, so a plan that was made for one role
would run for another.
"""

import asyncio
import itertools
import logging
import os
import socket
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from psycopg import AsyncConnection, Error, OperationalError, pq
from psycopg.errors import QueryCanceled, error_from_result

from api.lane import Answer, Call, Promise

log = logging.getLogger("penstock.wire")

# Settings and call are separate statements: in one, the call would be planned and its privileges
# checked before the role is set. All of a condition is evaluated, for no setting becomes null; as
# fields, the claims would be sent back each time, which is a fortieth of a read.
_CONTEXT = (
    b"select where set_config('role', $1, true) is not null"
    b" and set_config('request.jwt.claims', $2, true) is not null"
    b" and set_config('request.method', $3, true) is not null"
    b" and set_config('request.path', $4, true) is not null"
)
FULL_CONTEXT = (
    _CONTEXT + b" and set_config('statement_timeout', $5, true) is not null"
    b" and set_config('transaction_read_only', $6, true) is not null"
)
HEADERS = b"select where set_config('request.headers', $1, true) is not null"
_READ_OUT = (
    b"current_setting('response.status', true), current_setting('response.headers', true),"
    b" array_to_json(nullif(current_setting('penstock.touched', true), '')::text[])"
)
READ_OUT = b"select " + _READ_OUT
SETTLE = b"set constraints all immediate"
# Where no BEGIN came before, SET CONSTRAINTS would warn, each time; and a statement less is a
# twenty-fifth less of a write's work for PostgreSQL. The call is in FROM, so it has run when the
# fields are made, which are made from left to right. Where it gives no row, this gives one.
_SETTLED = (
    "select s.*, penstock.settle(), {read_out} from (select) as one left join ({call}) as s on true"
)
_SETTLED_FIELDS = 4
BEGIN_ONCE = "select penstock.idempotency_begin($1, $2, $3)"
_FIXED = {
    b"context": _CONTEXT,
    b"full_context": FULL_CONTEXT,
    b"headers": HEADERS,
    b"settle": SETTLE,
    b"read_out": READ_OUT,
    # By the server's clock: by ours, a busy event loop would look like a slow function.
    b"elapsed": b"select extract(epoch from clock_timestamp() - transaction_timestamp())",
}
_MAX_PREPARED = 500
# On loopback a segment may be 64 KB, and Linux sends none until the receiver has room for a whole
# one. With the default buffer's window of about as much, a connection that answers many calls
# stands still until a timer of 200 ms and more probes it.
_RECEIVE_BUFFER = 1 << 20
# PQpipelineSync writes to the socket each time, and each time the backend that it wakes may take
# this processor. So where many calls share a connection, the kernel holds back what is sent until
# the turn of the event loop is done, or some are there: for all of them PostgreSQL would wait for
# the last. What has a connection to itself is sent at once.
_CALLS_A_SEGMENT = 4
_TCP_CORK: int | None = getattr(socket, "TCP_CORK", None)  # Linux has it
_WATCH_SECONDS = 0.25

_TUPLES = pq.ExecStatus.TUPLES_OK
_SYNC = pq.ExecStatus.PIPELINE_SYNC
_FATAL = pq.ExecStatus.FATAL_ERROR
_COMMAND = pq.ExecStatus.COMMAND_OK
_IDLE = pq.TransactionStatus.IDLE


class Flight:
    """A call that is under way.

    `since` is when it came to the head of its wire; `moved` says that it was sent again on
    another, and the first answer counts. `unprepared` are the statements that it prepares, in the
    order in which their answers come, `begun` that one of a real BEGIN comes before them.
    `settled` is whether what is read out comes in the call's own row. `seconds` is what it adds to
    its wire's backlog.
    """

    __slots__ = (
        "begun", "call", "error", "moved", "promise", "rows", "seconds", "settled", "since",
        "skip", "unprepared",
    )  # fmt: skip

    def __init__(self, promise: Promise, call: Call | None) -> None:
        self.promise = promise
        self.call = call
        self.moved = False
        self.skip = 0
        self.rows: list[list[bytes | None] | None] = []
        self.error: pq.abc.PGresult | None = None
        self.unprepared: list[str] = []
        self.begun = False
        self.settled = False
        self.since = 0.0
        self.seconds = 0.0


class Wire:
    """A connection and the calls under way on it. Make it with `Wire.open()`.

    `reads` wires are read-only with a statement timeout of their own, both set at connect, and
    take many calls at once; others take one call at a time, and are set to write with a timeout of
    `timeout_ms`, as most calls do. `freed` is told when nothing is under way any more, and
    `overran` of a call that took too long, in place of its promise.
    """

    def __init__(
        self,
        connection: AsyncConnection[Any],
        *,
        reads: bool,
        timeout_ms: int,
        freed: Callable[["Wire"], None],
        overran: Callable[[Call, Promise], None] | None,
    ) -> None:
        self._connection = connection
        self._pg = connection.pgconn
        self._socket = connection.pgconn.socket  # libpq forgets it when the connection is lost
        self._options = socket.socket(fileno=os.dup(self._socket))  # for setsockopt() alone
        self._corks = _TCP_CORK is not None and self._options.family != socket.AF_UNIX
        self._held_back = 0
        self._loop = asyncio.get_running_loop()
        self._reads = reads
        self._timeout_ms = timeout_ms
        self._freed = freed
        self._overran = overran
        self._prepared: dict[str, bytes] = {}
        self._numbers = itertools.count()
        self._flush_due = False
        self._writing = False
        self._watched = False
        self.flights: deque[Flight] = deque()
        self.backlog = 0.0  # seconds that what is under way is expected to take
        self.alive = True
        self.blocked = False
        self.outdated = False
        self._asked: Flight | None = None

    @classmethod
    async def open(
        cls,
        conninfo: str,
        *,
        reads: bool,
        timeout_ms: int = 0,
        freed: Callable[["Wire"], None] = lambda _: None,
        overran: Callable[[Call, Promise], None] | None = None,
    ) -> "Wire":
        """Connect and prepare what every call needs. Raises psycopg.Error."""
        connection = await AsyncConnection.connect(conninfo, autocommit=True)
        wire = cls(connection, reads=reads, timeout_ms=timeout_ms, freed=freed, overran=overran)
        try:
            await wire._start()
        except BaseException:
            wire.close()
            raise
        return wire

    async def _start(self) -> None:
        self._options.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER)
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._on_readable)
        prepared: asyncio.Future[Answer] = self._loop.create_future()
        for name, statement in _FIXED.items():
            self._pg.send_prepare(name, statement)
        self._launch(Flight(prepared, None))
        await prepared

    def start(self, call: Call, promise: Promise) -> None:
        """Put a call on the wire; the promise gets the answer or the psycopg.Error.

        It may wait on another wire too; the first answer counts.
        """
        try:
            if self.outdated:
                self._plan_anew()
            self._send(Flight(promise, call), call)
        except Exception as error:  # noqa: BLE001 -- whoever waits for the answer gets it
            # Half a call may be in the pipeline: its answers would be taken for another's.
            self.close()
            if not promise.done():
                promise.set_exception(error)

    def _plan_anew(self) -> None:
        """Forget the plans, as some table's rows have other fields now.

        PostgreSQL does most of that by itself. But a statement that calls a function of a table's
        rows, which is inlined, gives NULL for a column that the table got since, whatever its
        default.
        """
        self.outdated = False
        self._pg.send_query_params(b"discard plans", [])
        self._launch(Flight(self._loop.create_future(), None))

    def _send(self, flight: Flight, call: Call) -> None:
        pg = self._pg
        flight.seconds = call.seconds
        self.backlog += call.seconds
        context = call.context
        settings = [
            context.role.encode(),
            context.claims.encode(),
            context.method.encode(),
            context.path.encode(),
        ]
        # All is encoded before anything is sent: what can't be must not leave half a call behind.
        headers = None if context.headers is None else [context.headers.encode()]
        parameters = [None if text is None else text.encode() for text in call.parameters]
        once = call.once
        key: list[bytes | None] = []
        if once is not None:
            key = [once.route.encode(), once.key.encode(), b"%d" % once.wait_ms]
        # A real BEGIN: the isolation level can't be set by set_config(), nor is there anything to
        # roll back without it.
        flight.begun = call.isolation is not None or call.rolls_back
        if flight.begun:
            level = f" isolation level {call.isolation}" if call.isolation else ""
            pg.send_query_params(b"begin" + level.encode(), [])
        if self._reads or (not context.read_only and context.timeout_ms == self._timeout_ms):
            pg.send_query_prepared(b"context", settings)
        else:
            settings.append(b"%d" % context.timeout_ms)
            settings.append(b"on" if context.read_only else b"off")
            pg.send_query_prepared(b"full_context", settings)
        flight.skip = 1
        if headers is not None:
            pg.send_query_prepared(b"headers", headers)
            flight.skip = 2
        if key:
            self._execute(flight, BEGIN_ONCE, key)
            flight.skip += 1
        flight.settled = call.reads_out and call.settles and not flight.begun
        if flight.settled:
            self._execute(flight, settled(call.statement), parameters)
        else:
            self._execute(flight, call.statement, parameters)
            if call.settles and flight.begun:
                pg.send_query_prepared(b"settle", [])
            if call.reads_out:
                pg.send_query_prepared(b"read_out", [])
        if call.timed:
            pg.send_query_prepared(b"elapsed", [])
        if flight.begun:
            pg.send_query_params(b"rollback" if call.rolls_back else b"commit", [])
        self._launch(flight)

    def _execute(self, flight: Flight, statement: str, parameters: list[bytes | None]) -> None:
        """Send a statement, and prepare it if it wasn't yet."""
        pg = self._pg
        name = self._prepared.get(statement)
        if name is not None:
            pg.send_query_prepared(name, parameters)
        elif len(self._prepared) < _MAX_PREPARED:
            # Those that follow may use it at once: they come after it in the pipeline.
            name = self._prepared[statement] = b"s%d" % next(self._numbers)
            flight.unprepared.append(statement)
            pg.send_prepare(name, statement.encode())
            pg.send_query_prepared(name, parameters)
        else:
            pg.send_query_params(statement.encode(), parameters)

    def _launch(self, flight: Flight) -> None:
        if not self.flights:
            flight.since = self._loop.time()
        self.flights.append(flight)
        if self._reads and not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush_all)
            self._cork(on=True)
        self._pg.pipeline_sync()
        if not self._reads:
            self._flush()
        else:
            self._held_back += 1
            if self._held_back == _CALLS_A_SEGMENT:
                self._cork(on=False)
                self._cork(on=True)
        if not self._watched:
            self._watched = True
            self._loop.call_later(_WATCH_SECONDS, self._watch)

    def _cork(self, *, on: bool) -> None:
        self._held_back = 0
        if self._corks and _TCP_CORK is not None:
            self._options.setsockopt(socket.IPPROTO_TCP, _TCP_CORK, on)

    def _watch(self) -> None:
        """While calls are under way, look now and then without being told.

        Where a socket was reset, uvloop stops polling it and says nothing: the call would wait
        until its timeout.
        """
        self._watched = self.alive and bool(self.flights)
        if self._watched:
            self._on_readable()
            self._loop.call_later(_WATCH_SECONDS, self._watch)

    def _flush_all(self) -> None:
        """What was held back, when all that was called in this turn of the loop is there."""
        self._flush_due = False
        if self.alive and self._flush():
            self._cork(on=False)

    def _flush(self) -> bool:
        """Write what the socket takes, the rest as soon as it does; False if that is lost."""
        try:
            unsent = self._pg.flush()
        except OperationalError as error:
            self.close(error)
            return False
        if unsent and not self._writing:
            self._writing = True
            self._loop.add_writer(self._socket, self._on_writable)
        return True

    def _on_writable(self) -> None:
        try:
            unsent = self._pg.flush()
        except OperationalError as error:
            self.close(error)
            return
        if not unsent:
            self._writing = False
            self._loop.remove_writer(self._socket)

    def still_waits(self) -> bool:
        """Whether the call at the head has no answer, not even one that we were too busy to read.

        Asked twice about the same call: the first time may be before it was even sent.
        """
        head = self.flights[0]
        self._on_readable()
        asked_before, self._asked = self._asked is head, head
        return asked_before and bool(self.flights) and self.flights[0] is head

    def _on_readable(self) -> None:
        pg, flights = self._pg, self.flights
        try:
            pg.consume_input()
            while flights and not pg.is_busy():
                result = pg.get_result()
                if result is None:
                    continue
                status = result.status
                flight = flights[0]
                if status == _TUPLES:
                    if flight.skip:
                        flight.skip -= 1
                    else:
                        flight.rows.append(first_row(result))
                elif status == _SYNC:
                    flights.popleft()
                    if flights:
                        flights[0].since = self._loop.time()
                    self._land(flight)
                elif status == _FATAL:
                    flight.error = flight.error or result
                elif status == _COMMAND:
                    if flight.begun:
                        flight.begun = False
                    elif flight.unprepared:
                        del flight.unprepared[0]  # it was prepared, whatever comes of the call
        except Error as error:
            self.close(error)

    def _land(self, flight: Flight) -> None:
        self.blocked = False
        self.backlog -= flight.seconds
        if flight.error is not None:
            for statement in flight.unprepared:
                # Not prepared after all. Calls sent meanwhile fail with 26000, and are run again.
                self._prepared.pop(statement, None)
        if not self.flights and self.alive:
            self.backlog = 0.0
            if self._pg.transaction_status != _IDLE:  # a real BEGIN that failed before its COMMIT
                self._pg.send_query_params(b"rollback", [])
                self._launch(Flight(self._loop.create_future(), None))
            else:
                # The next call is on its way to the server while this one's answer is made.
                self._freed(self)
        if flight.error is not None:
            self._refuse(flight, error_from_result(flight.error, "utf-8"))
        elif not flight.promise.done():
            self._fulfil(flight)

    def _fulfil(self, flight: Flight) -> None:
        try:
            answer = _answer(flight)
        except Exception as error:  # noqa: BLE001 -- or whoever waits would wait for ever
            flight.promise.set_exception(error)
        else:
            flight.promise.set_result(answer)

    def _refuse(self, flight: Flight, error: Error) -> None:
        if flight.promise.done():
            return
        if self._overran is None or flight.call is None or not isinstance(error, QueryCanceled):
            flight.promise.set_exception(error)
        elif not flight.moved:  # else it runs elsewhere already
            self._overran(flight.call, flight.promise)

    def close(self, error: Error | None = None) -> None:
        """End the connection; calls that are under way fail with an error of a lost one."""
        if not self.alive:
            return
        self.alive = False
        self._loop.remove_reader(self._socket)
        if self._writing:
            self._loop.remove_writer(self._socket)
        self._options.close()
        self._pg.finish()
        lost = OperationalError(f"the connection was lost: {error or 'closed'}")
        while self.flights:
            flight = self.flights.popleft()
            said = flight.error
            self._refuse(flight, lost if said is None else error_from_result(said, "utf-8"))
        self._freed(self)

    def abort(self) -> None:
        """Give up the call under way: tell the server to cancel it, and close."""
        cancel = self._pg.get_cancel()
        self._loop.run_in_executor(None, _cancel, cancel)
        self.close()


def _cancel(cancel: pq.abc.PGcancel) -> None:
    try:
        cancel.cancel()
    except Error as error:
        log.debug("cancelling: %s", error)


@lru_cache(maxsize=_MAX_PREPARED)
def settled(call: str) -> str:
    """The statement of a call, and what is to be done and read out after it."""
    return _SETTLED.format(read_out=_READ_OUT.decode(), call=call)


def _answer(flight: Flight) -> Answer:
    rows = iter(flight.rows)
    row = next(rows, None)
    answer = Answer(row)
    if flight.call is not None and flight.call.reads_out:
        if flight.settled:
            assert row is not None
            answer.row, read_out = row[:-_SETTLED_FIELDS], row[1 - _SETTLED_FIELDS :]
        else:
            said = next(rows)
            assert said is not None
            read_out = said
        answer.status, answer.headers = read_out[0] or None, read_out[1] or None
        answer.touched = None if flight.call.rolls_back else read_out[2]
    if flight.call is not None and flight.call.timed:
        elapsed = next(rows)
        assert elapsed is not None
        answer.seconds = float(elapsed[0] or 0)
    return answer


def first_row(result: pq.abc.PGresult) -> list[bytes | None] | None:
    """The columns of the one row, or None where there is none."""
    if not result.ntuples:
        return None
    return [result.get_value(0, column) for column in range(result.nfields)]
