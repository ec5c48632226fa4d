"""What COPY … TO STDOUT writes, in pieces of some size.

psycopg's own copy awaits each row, which costs more than PostgreSQL needs to make it. Here the
rows that libpq holds are taken in one go, and the socket is looked at only while a piece is wanted:
so a reader that is slow holds PostgreSQL up, and nothing piles up here.
"""

import asyncio
from typing import Any

from psycopg import AsyncConnection, Error, pq
from psycopg.errors import error_from_result

PIECE_BYTES = 65_536
_LOOK_SECONDS = 0.25

_COPY_OUT = pq.ExecStatus.COPY_OUT
_FATAL = pq.ExecStatus.FATAL_ERROR


class CopyOut:
    """One COPY on a connection that does nothing else meanwhile.

    The first piece has `least` rows or more, unless that is all there is.
    """

    def __init__(self, connection: AsyncConnection[Any], *, least: int = 1) -> None:
        self._pg = connection.pgconn
        self._socket = self._pg.socket
        self._loop = asyncio.get_running_loop()
        self._least = least
        self._rows: list[bytes | memoryview] = []
        self._size = 0
        self._copies = False
        self._ended = False
        self._error: Error | None = None
        self._wanted: asyncio.Future[None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def start(self, statement: str) -> None:
        """Send the statement. Raises psycopg.Error."""
        self._pg.send_query(statement.encode())
        while self._pg.flush():  # noqa: ASYNC110 -- a few hundred bytes fit nearly always
            await asyncio.sleep(0.001)

    async def piece(self) -> bytes:
        """The next rows; empty when there are no more. Raises psycopg.Error.

        They are fewer than PIECE_BYTES at the end, or where PostgreSQL takes its time.
        """
        if not self._advance():
            await self._wait()
        if self._error is not None:
            raise self._error
        piece = b"".join(self._rows)
        self._rows.clear()
        self._size = 0
        self._least = 1
        return piece

    async def drain(self) -> Error | None:
        """Pass over what is left, and tell how it ended. Raises psycopg.Error for a lost one."""
        while not self._ended:
            self._rows.clear()
            self._size = 0
            if not self._advance():
                await self._wait()
        return self._error

    async def _wait(self) -> None:
        """Until there is a piece, or a row or so and some time has passed."""
        self._wanted = self._loop.create_future()
        self._loop.add_reader(self._socket, self._on_readable)
        self._timer = self._loop.call_later(_LOOK_SECONDS, self._look)
        try:
            await self._wanted
        finally:
            self._wanted = None
            self._timer.cancel()
            self._loop.remove_reader(self._socket)

    def _on_readable(self) -> None:
        wanted = self._wanted
        if wanted is None or wanted.done():
            return
        try:
            self._pg.consume_input()
            if self._advance():
                wanted.set_result(None)
        except Error as error:
            self._ended = True
            wanted.set_exception(error)

    def _look(self) -> None:
        """Look without being told: where a socket was reset, uvloop says nothing."""
        self._on_readable()
        wanted = self._wanted
        if wanted is None or wanted.done():
            return
        if len(self._rows) >= self._least:
            wanted.set_result(None)
        else:
            self._timer = self._loop.call_later(_LOOK_SECONDS, self._look)

    def _advance(self) -> bool:
        """Take what libpq holds; whether that is a whole piece, or the end."""
        while not self._ended:
            if self._copies:
                if self._take():
                    return True
                if self._copies:
                    return False
            if self._pg.is_busy():
                return False
            result = self._pg.get_result()
            if result is None:
                self._ended = True
            elif result.status == _COPY_OUT:
                self._copies = True
            elif result.status == _FATAL:
                self._error = error_from_result(result, "utf-8")
        return True

    def _take(self) -> bool:
        """Rows up to a whole piece, and whether it is one; no longer copies at the end of all."""
        take, add, size = self._pg.get_copy_data, self._rows.append, self._size
        while size < PIECE_BYTES:
            count, row = take(1)
            if count <= 0:
                self._copies = count == 0
                self._size = size
                return False
            add(row)
            size += count
        self._size = size
        return True
