"""Lists as files: streamed by COPY as the caller, in a transaction of their own that only reads.

Nothing is sent before the first rows are there, so that whatever is refused is a problem with its
status. What fails later ends the connection in the middle of the body: a client must never take
half a file for a whole one. The last bytes go out after the commit.
"""

import asyncio
import re
import zlib
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from psycopg import AsyncConnection, Error
from psycopg.errors import QueryCanceled
from psycopg.pq import TransactionStatus

from api.copying import CopyLane, become
from api.copyout import PIECE_BYTES, CopyOut
from api.endpoint import Endpoint
from api.lane import Context, NoConnectionError, back_off, may_try_again
from api.negotiation import Form
from api.problems import Headers, Problem
from api.reading import Disconnected, Message, Receive
from api.web import NO_STORE

T = TypeVar("T")
Send = Callable[[Message], Awaitable[None]]
Pieces = AsyncGenerator[bytes, None]

_GZIP_LEVEL = 1
_CLEAN_SECONDS = 1.5
# PostgreSQL counts each statement, and not while it waits for a reader.
_GRACE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """What to write: the statements of api.unloading, the arguments' texts, and who asks."""

    context: Context
    parameters: tuple[str | None, ...]
    settings: str
    copy: str
    form: Form
    isolation: str | None


class Exports:
    """Begins exports, on connections of their own: so many at once for each role."""

    def __init__(self, lane: CopyLane, size: int) -> None:
        self._lane = lane
        self._size = size
        self._under_way: Counter[str] = Counter()

    async def open(self, order: Order, receive: Receive) -> "Export":
        """An export whose first rows are there, or none.

        Raises psycopg.Error as the database gave it, TimeoutError, and Disconnected.
        """
        until = asyncio.get_running_loop().time() + _GRACE_SECONDS
        until += order.context.timeout_ms / 1000
        attempt = 1
        while True:
            pieces = self._pieces(order)
            try:
                first = await _unless_gone(_next(pieces), receive, until)
            except NoConnectionError:
                if self._under_way[order.context.role] >= self._size:
                    raise _busy() from None
                raise
            except Error as error:
                if not may_try_again(error, attempt, repeatable=True):
                    raise
            else:
                return Export(first, pieces, receive, until)
            await back_off(attempt)
            attempt += 1

    async def _pieces(self, order: Order) -> Pieces:
        """The file in pieces, in one transaction; however it ends, the connection is free again."""
        role = order.context.role
        async with self._lane.connection(role) as connection:
            self._under_way[role] += 1
            # With a header alone nobody knows yet whether the function fails.
            copy = CopyOut(connection, least=2 if order.form is Form.CSV else 1)
            try:
                await _begin(connection, order)
                await copy.start(order.copy)
                while piece := await copy.piece():
                    yield piece
                await connection.execute("commit")
            finally:
                await _free(connection, copy)
                self._under_way[role] -= 1


class Export:
    """An export that has begun; it ends with send()."""

    def __init__(self, first: bytes, pieces: Pieces, receive: Receive, until: float) -> None:
        self._first = first
        self._pieces = pieces
        self._receive = receive
        self._until = until
        self._packs = False
        self._failed: Callable[[BaseException], Problem] | None = None
        self.sent = 0

    def prepare(self, *, packs: bool, failed: Callable[[BaseException], Problem]) -> None:
        """Whether to pack it (gzip), and who makes a problem of what fails midway, and logs it."""
        self._packs = packs
        self._failed = failed

    async def send(self, send: Send, start: Message, *, head_only: bool) -> None:
        """Send all of it. Disconnected if the client leaves; Problem where it can't be ended."""
        try:
            await send(start)
            if head_only:
                await send({"type": "http.response.body"})
                return
            await _unless_gone(self._pour(send), self._receive, self._until)
        except (Error, TimeoutError) as error:
            assert self._failed is not None
            raise self._failed(error) from error
        finally:
            await self._pieces.aclose()

    async def _pour(self, send: Send) -> None:
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        piece = self._first
        self._first = b""
        while piece:
            if self._packs:
                # In a thread: others would wait for as long as it takes.
                data = await asyncio.to_thread(_packed, packer, piece)
            else:
                data = piece
                await asyncio.sleep(0)  # a turn for others, where neither side makes us wait
            if data:
                self.sent += len(data)
                await send({"type": "http.response.body", "body": data, "more_body": True})
            piece = await _next(self._pieces)
        await send({"type": "http.response.body", "body": packer.flush() if self._packs else b""})


def _packed(packer: Any, piece: bytes) -> bytes:
    data: bytes = packer.compress(piece)
    if len(piece) < PIECE_BYTES:  # PostgreSQL takes its time, so the client gets what there is
        data += packer.flush(zlib.Z_SYNC_FLUSH)
    return data


def headers(endpoint: Endpoint, form: Form, *, packs: bool) -> Headers:
    """What is said of an export: nobody keeps it, and it has a name to be saved under."""
    words = re.sub(r"\{\w+\}", "", endpoint.path)
    name = re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-") or "export"
    charset = "; charset=utf-8" if form is Form.CSV else ""
    said = [
        (b"content-type", f"{form.value}{charset}".encode()),
        (b"content-disposition", f'attachment; filename="{name}.{form.extension}"'.encode()),
        NO_STORE,
        (b"vary", b"accept, accept-encoding"),
        (b"x-accel-buffering", b"no"),  # nginx would take it all, however slow its reader is
    ]
    if packs:
        said.append((b"content-encoding", b"gzip"))
    return said


async def _next(pieces: Pieces) -> bytes:
    return await anext(pieces, b"")


def _busy() -> Problem:
    return Problem(
        503,
        "Too many lists are being written to files; try again later.",
        slug="exports-busy",
        headers=[(b"retry-after", b"10")],
    )


async def _begin(connection: AsyncConnection[Any], order: Order) -> None:
    """Begin the transaction, as the caller, and hand the arguments over."""
    isolation = f"isolation level {order.isolation} " if order.isolation else ""
    await connection.execute(f"begin {isolation}read only".encode())
    await become(connection, order.context)
    if order.parameters:
        await connection.execute(order.settings.encode(), order.parameters)


async def _free(connection: AsyncConnection[Any], copy: CopyOut) -> None:
    """Leave the connection as it came; close it where that can't be done in short time."""
    pg = connection.pgconn
    try:
        async with asyncio.timeout(_CLEAN_SECONDS):
            if pg.transaction_status == TransactionStatus.ACTIVE:
                await connection.cancel_safe(timeout=_CLEAN_SECONDS)
                # If it had ended before, the cancel might hit whatever comes next.
                if not isinstance(await copy.drain(), QueryCanceled):
                    await connection.close()
                    return
            if pg.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                await connection.execute("rollback")
    except (Error, TimeoutError):
        await connection.close()


async def _unless_gone(work: Coroutine[Any, Any, T], receive: Receive, until: float) -> T:
    """What the work comes to, by the loop's time `until`; it has ended whatever this raises.

    Raises Disconnected when the client leaves before, and TimeoutError.
    """
    loop = asyncio.get_running_loop()
    task, gone = loop.create_task(work), loop.create_task(_left(receive))
    try:
        seconds = max(0.0, until - loop.time())
        await asyncio.wait((task, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise Disconnected if gone.done() else TimeoutError
    finally:
        task.cancel()
        gone.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
