"""The body of a request as it comes: in pieces, unpacked, and bounded in size and time.

Nothing of it is kept. This is the one place that sees every byte of a body that is not read
whole, so whoever must know what was sent (a digest of it, say) hears of it here.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator

from api.problems import Problem
from api.reading import Disconnected, Message, Receive, Scope, header

PIECE = 32_768  # bytes that are handed on at a time: a third of a millisecond's work
_SLOWEST = 65_536  # bytes a second that a client must send in the long run
_GZIP = 31  # zlib's window bits: the gzip format, and no other


class Arriving:
    """A body under way.

    `limit` bounds its bytes, as sent and as unpacked (Problem 413). It may take `seconds`, and a
    second more for each 64 KB that came (Problem 408); the time that we take to digest it is not
    the client's. `hears` is told of all bytes as they were sent.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        limit: int,
        seconds: float,
        hears: Callable[[bytes], object] | None = None,
    ) -> None:
        self._receive = receive
        self._limit = limit
        self._seconds = seconds
        self._hears = hears
        self._sent = self._unpacked = 0
        self._waited = 0.0
        self._is_packed = _is_packed(scope)
        self._unpacker = zlib.decompressobj(_GZIP)
        self._is_amid = self._is_packed  # nothing at all is no gzip either
        length = header(scope, b"content-length")
        if length is not None and length.isdigit() and int(length) > limit:
            raise self._too_large()

    def _too_large(self) -> Problem:
        return Problem(413, f"The body is larger than {self._limit} bytes.", slug="body-too-large")

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body, PIECE bytes at a time or less. Raises Problem, or Disconnected."""
        while True:
            message = await self._message()
            chunk = message.get("body", b"")
            self._sent += len(chunk)
            if self._sent > self._limit:
                raise self._too_large()
            if chunk and self._hears is not None:
                self._hears(chunk)
            if self._is_packed:
                for piece in self._unpack(chunk):
                    yield piece
            else:
                for start in range(0, len(chunk), PIECE):
                    yield chunk[start : start + PIECE]
            if not message.get("more_body"):
                break
        if self._is_packed and self._is_amid:
            raise _not_gzip("The body ends in the middle of its gzip stream.")

    async def _message(self) -> Message:
        loop = asyncio.get_running_loop()
        began = loop.time()
        left = self._seconds + self._sent / _SLOWEST - self._waited
        try:
            async with asyncio.timeout(left):
                message = await self._receive()
        except TimeoutError:
            allowed = self._seconds + self._sent / _SLOWEST
            said = f"The body did not arrive within {allowed:.3g} seconds."
            raise Problem(408, said, slug="body-too-slow") from None
        self._waited += loop.time() - began
        if message["type"] == "http.disconnect":
            raise Disconnected
        return message

    def _unpack(self, chunk: bytes) -> Iterator[bytes]:
        """What is in a chunk. A bomb is met here: a piece at a time, and the limit after each."""
        while True:
            try:
                piece = self._unpacker.decompress(chunk, PIECE)
            except zlib.error:
                raise _not_gzip("The body is not gzip, as its Content-Encoding says.") from None
            self._is_amid = self._is_amid or bool(chunk)
            chunk = self._unpacker.unconsumed_tail
            if self._unpacker.eof:  # another stream may follow
                chunk = self._unpacker.unused_data
                self._unpacker = zlib.decompressobj(_GZIP)
                self._is_amid = False
            self._unpacked += len(piece)
            if self._unpacked > self._limit:
                raise self._too_large()
            if piece:
                yield piece
            if not chunk and len(piece) < PIECE:
                return


def _is_packed(scope: Scope) -> bool:
    """Whether the body is gzip. Problem 415 where it is anything else."""
    encoding = (header(scope, b"content-encoding") or "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise Problem(
            415,
            f"The body must be gzip or as it is, not {encoding[:100]}.",
            slug="wrong-content-encoding",
            headers=[(b"accept-encoding", b"gzip")],
        )
    return encoding != "identity"


def _not_gzip(sentence: str) -> Problem:
    return Problem(400, sentence, slug="not-gzip")
