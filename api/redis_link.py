"""One connection to Redis: the commands of a turn of the event loop leave together.

Plain callbacks over hiredis, because that is where the time goes: a client that makes a task for
each command does a third of this. An answer that takes longer than the deadline ends the
connection, whatever it was for; a new one is tried for from then on.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import hiredis
from redis.connection import SSLConnection, parse_url

log = logging.getLogger("penstock.redis")

DEADLINE_SECONDS = 0.100
_CONNECT_SECONDS = 2.0
_LAST_LOOK_SECONDS = 0.010
_FIRST_PAUSE_SECONDS = 0.050
_LONGEST_PAUSE_SECONDS = 1.0

Command = tuple[Any, ...]  # of bytes, str and int
# All replies, or None where the connection was lost before them. A reply may be a ReplyError.
Then = Callable[[list[Any] | None], None]
ReplyError = hiredis.ReplyError


@dataclass(slots=True)
class _Pending:
    count: int
    then: Then
    since: float
    replies: list[Any] = field(default_factory=list)


class RedisLink(asyncio.Protocol):
    """A connection that comes back. `opened` is told the server's run_id, `lost` that it is gone.

    A run_id is a server process: one that was started again, from whatever it had saved, has
    another.
    """

    def __init__(self, url: str, opened: Callable[[str], None], lost: Callable[[], None]) -> None:
        self._target = dict(parse_url(url))  # type: ignore[no-untyped-call]
        self._opened = opened
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._reader = hiredis.Reader()
        self._pending: deque[_Pending] = deque()
        self._out: list[bytes] = []
        self._late: _Pending | None = None
        self._watch: asyncio.TimerHandle | None = None
        self._closed = False
        self._said = ""
        self._connecting = self._loop.create_task(self._connect(), name="redis")
        self.up = False

    def send(self, commands: Sequence[Command], then: Then) -> None:
        """Send commands; `then` gets their replies, or None, and must not raise."""
        if not self.up:
            then(None)
            return
        self._send(commands, then)

    def _send(self, commands: Sequence[Command], then: Then) -> None:
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out += map(hiredis.pack_command, commands)
        self._pending.append(_Pending(len(commands), then, self._loop.time()))
        if self._watch is None:
            self._watch = self._loop.call_later(DEADLINE_SECONDS, self._look)

    def _flush(self) -> None:
        if self._transport is not None and self._out:
            self._transport.write(b"".join(self._out))
        self._out.clear()

    def data_received(self, data: bytes) -> None:
        """Replies, or parts of them."""
        reader, pending = self._reader, self._pending
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not False:
                head = pending[0]
                head.replies.append(reply)
                if len(head.replies) == head.count:
                    pending.popleft()
                    head.then(head.replies)
        except (hiredis.ProtocolError, IndexError) as error:
            self._end(f"what it says is not Redis: {error}")

    def _look(self) -> None:
        """End the connection if the oldest answer is overdue.

        Asked twice: where the event loop itself was held up, timers come before what was read.
        """
        self._watch = None
        if not self._pending:
            return
        head = self._pending[0]
        left = head.since + DEADLINE_SECONDS - self._loop.time()
        if left <= 0 and self._late is head:
            self._end(f"no answer in {DEADLINE_SECONDS * 1000:g} ms")
            return
        self._late = head if left <= 0 else None
        self._watch = self._loop.call_later(max(left, _LAST_LOOK_SECONDS), self._look)

    def connection_lost(self, error: Exception | None) -> None:
        """The transport is closed."""
        self._end(str(error or "it closed the connection"))

    def _end(self, why: str) -> None:
        transport, self._transport = self._transport, None
        if transport is None:
            return
        transport.abort()
        was_up, self.up = self.up, False
        self._out.clear()
        pending = list(self._pending)
        self._pending.clear()
        if was_up:
            self._tell(why)
            self._lost()
        for each in pending:
            each.then(None)
        if was_up and not self._closed:
            self._connecting = self._loop.create_task(self._connect(), name="redis")

    def _tell(self, why: str) -> None:
        """Say once what is wrong; there may be many tries."""
        if why != self._said and not self._closed:
            log.warning("Redis does not serve: %s", why)
        self._said = why

    async def _connect(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    run_id = await self._greet()
            except (OSError, TimeoutError, hiredis.HiredisError) as error:
                self._end("it could not be greeted")
                self._tell(str(error) or "no answer to a greeting")
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
                continue
            break
        self.up = True
        if self._said:
            log.info("Redis serves again")
        self._said = ""
        self._opened(run_id)

    async def _greet(self) -> str:
        """Connect, log in, and ask which server process this is."""
        self._reader = hiredis.Reader()
        target = self._target
        if path := target.get("path"):
            made: Any = await self._loop.create_unix_connection(lambda: self, str(path))
        else:
            host, port = target.get("host", "localhost"), target.get("port", 6379)
            made = await self._loop.create_connection(lambda: self, host, port, ssl=_tls(target))
        self._transport = cast(asyncio.Transport, made[0])
        commands: list[Command] = []
        if target.get("password"):
            name = (target["username"],) if target.get("username") else ()
            commands.append(("AUTH", *name, target["password"]))
        if target.get("db"):
            commands.append(("SELECT", target["db"]))
        commands.append(("INFO", "server"))
        greeted: asyncio.Future[list[Any]] = self._loop.create_future()

        def answered(replies: list[Any] | None) -> None:
            if greeted.done():
                return
            if replies is None:
                greeted.set_exception(ConnectionResetError("it hung up at the greeting"))
            else:
                greeted.set_result(replies)

        self._send(commands, answered)
        replies = await greeted
        for reply in replies:
            if isinstance(reply, ReplyError):
                raise reply
        lines = dict(line.partition(":")[::2] for line in replies[-1].decode().splitlines())
        return str(lines["run_id"])

    async def close(self) -> None:
        """End it for good."""
        self._closed = True
        self._connecting.cancel()
        await asyncio.gather(self._connecting, return_exceptions=True)
        self._end("closed")
        if self._watch is not None:
            self._watch.cancel()


def _tls(target: dict[str, Any]) -> ssl.SSLContext | None:
    if target.get("connection_class") is not SSLConnection:
        return None
    context = ssl.create_default_context(cafile=target.get("ssl_ca_certs"))
    if target.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
