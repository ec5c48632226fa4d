"""A client that sends bytes as they are: no library corrects a hostile request on its way."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

_PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it goes out; `what` says in words where the hostile part of it is."""

    method: bytes
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes | None = None
    what: str = ""

    def sent(self) -> bytes:
        """Head and body."""
        head = [self.method + b" " + self.target + b" HTTP/1.1", b"Host: penstock.example"]
        head += [name + b": " + value for name, value in self.headers]
        if self.body is not None:
            head.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(head) + b"\r\n\r\n" + (self.body or b"")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; status 0 where the connection was closed without an answer."""

    status: int
    head: bytes
    body: bytes
    seconds: float

    def header(self, name: str) -> str | None:
        """The first header of that lower-case name."""
        for line in self.head.split(b"\r\n")[1:]:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.encode():
                return value.strip().decode("latin-1")
        return None


class Wire:
    """One connection, made again where the API has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: Request) -> Answer:
        """The answer. AssertionError where none comes in time."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                try:
                    head, body = await self._exchange(request)
                except (ConnectionError, asyncio.IncompleteReadError):
                    self.close()  # it was idle for too long, or the one before was its last
                    head, body = await self._exchange(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
            return Answer(0, b"", b"", time.perf_counter() - started)
        except TimeoutError:
            self.close()
            raise AssertionError(f"no answer in {_PATIENCE_SECONDS} s: {request}") from None
        if b"\r\nconnection: close" in head.lower():
            self.close()
        return Answer(int(head[9:12]), head, body, time.perf_counter() - started)

    async def _exchange(self, request: Request) -> tuple[bytes, bytes]:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(
                "127.0.0.1", self._port, limit=2**22
            )
        self._writer.write(request.sent())
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
        bodiless = request.method == b"HEAD" or head[9:12] in (b"204", b"304")
        if bodiless:
            return head, b""
        if length:
            return head, await self._reader.readexactly(int(length))
        if b"\r\ntransfer-encoding: chunked" in head.lower():
            return head, await _chunks(self._reader)
        body = await self._reader.read()  # until it is closed, as an answer without a length is
        self.close()
        return head, body

    def close(self) -> None:
        """Hang up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    """A body that comes in chunks. IncompleteReadError where it breaks off."""
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


Seen = Callable[[Request, Answer], None]


async def ask_all(
    port: int, requests: Iterable[Request], connections: int = 8, seen: Seen | None = None
) -> list[tuple[Request, Answer]]:
    """Ask all of them over so many connections at once; the answers in no order.

    Where `seen` is given it gets each, and none is kept.
    """
    waiting = iter(requests)
    answered: list[tuple[Request, Answer]] = []
    see: Seen = seen or (lambda request, answer: answered.append((request, answer)))

    async def work() -> None:
        wire = Wire(port)
        for request in waiting:
            see(request, await wire.ask(request))
        wire.close()

    await asyncio.gather(*(work() for _ in range(connections)))
    return answered
