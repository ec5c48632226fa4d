"""uvicorn's HTTP protocol, with four short cuts and three bounds.

A request that has arrived whole is offered to the application at once: uvicorn makes a task for
each, before it has read the body. A whole answer goes out in one write: uvicorn's `send` takes
head and body apart, which is two system calls, and looks at each header with regular expressions.
The answers of a turn of the event loop go out together at its end, see Outgoing. And the timer of
an idle connection is left alone while requests come: uvicorn makes one for each.
Where nothing of that fits, a request goes the way of ASGI.

A head that goes on and on is refused: uvicorn would keep all of it. Trailers are let go: uvicorn
would add them to the headers, past any proxy that looks at those. And what is no HTTP is answered
as everything else is, with a problem document.
"""

import asyncio
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from api.problems import Problem, unauthorized

Cycle = RequestResponseCycle
_CLOSE = b"connection: close\r\n"
_MOST_OF_A_HEAD = 65_536  # bytes, of those that come after its first read
_NO_HTTP = Problem(400, "This is no HTTP request.", slug="bad-request")
_LONG_HEAD = Problem(
    431, f"The head of a request may have {_MOST_OF_A_HEAD} bytes.", slug="head-too-large"
)

_LONG_TOKEN = unauthorized("The token is too long.", error="invalid_token")


class Outgoing:
    """Answers that wait for the end of the turn of the event loop.

    Each write wakes a client, or the proxy in front, that waits on the same machine: it takes a
    processor, and asks again before the next answer is made. Written together, most find it awake.
    Measured with 64 clients on two cores, an answer at hand costs this process a quarter less.
    """

    _MOST = 64
    _LARGE = 65_536  # bytes that nobody keeps in two places

    def __init__(self) -> None:
        self._answers: list[tuple[asyncio.Transport, bytes]] = []

    def add(self, transport: asyncio.Transport, answer: bytes) -> None:
        """Write it before anything that comes later in the loop."""
        if not self._answers:
            asyncio.get_running_loop().call_soon(self.flush)
        self._answers.append((transport, answer))
        if len(self._answers) >= self._MOST or len(answer) > self._LARGE:
            self.flush()

    def flush(self) -> None:
        """Write them now."""
        answers, self._answers = self._answers, []
        for transport, answer in answers:
            if not transport.is_closing():
                transport.write(answer)


_OUTGOING: WeakKeyDictionary[asyncio.AbstractEventLoop, Outgoing] = WeakKeyDictionary()


class _Nowhere(list[tuple[bytes, bytes]]):
    """Where trailers go."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        """Let it go."""


_NOWHERE = _Nowhere()


class Protocol(HttpToolsProtocol):
    """For an application with a `begin(scope, receive, send, content)`: whether it takes that."""

    _waiting: tuple[Cycle, Any] | None = None
    _reads = False
    _idle_since: float | None = None
    _head_bytes = 0
    _has_token = False
    _pops = False

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.outgoing = _OUTGOING.setdefault(self.loop, Outgoing())

    def eof_received(self) -> None:
        """The client asks no more, but may read on: what is written from here on is lost."""
        self.outgoing.flush()
        super().eof_received()

    def data_received(self, data: bytes) -> None:
        """Bytes of the client's."""
        self._reads = True
        self._idle_since = None
        before = self.scope
        super().data_received(data)
        self._reads = False
        if not _is_half(self.scope):
            self._head_bytes, self._has_token = 0, False
        else:
            self._has_token = self._has_token or b"authorization:" in data.lower()
            if self.scope is before:
                self._head_bytes += len(data)
            if self._head_bytes > _MOST_OF_A_HEAD:
                self._refuse(_LONG_TOKEN if self._has_token else _LONG_HEAD)
        if self._waiting is not None:  # for more of the body than there was
            self._make_task()

    def on_headers_complete(self) -> None:
        """The parser has seen the end of a head; what it calls headers from now on are trailers."""
        super().on_headers_complete()
        self.headers = _NOWHERE

    def send_400_response(self, _: str) -> None:
        """Uvicorn's name for answering what is no HTTP."""
        self._refuse(_NO_HTTP)

    def _refuse(self, problem: Problem) -> None:
        """Say why, and hang up; an answer that is on its way stays the last one."""
        self.outgoing.flush()
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            body = problem.body("")
            self.transport.write(
                STATUS_LINE[problem.status]
                + b"content-type: application/problem+json\r\n"
                + as_sent(problem.headers)
                + b"content-length: %d\r\n" % len(body)
                + _CLOSE
                + b"\r\n"
                + body
            )
        self.transport.close()

    def on_message_complete(self) -> None:
        """The parser has seen the end of a request."""
        super().on_message_complete()
        if self._waiting is not None:
            self._begin(*self._waiting)

    def _start_asgi_task(self, cycle: Cycle, app: Any) -> None:
        if not cycle.more_body:
            self._begin(cycle, app)
        elif self._reads:
            self._waiting = cycle, app
        else:
            super()._start_asgi_task(cycle, app)

    def _begin(self, cycle: Cycle, app: Any) -> None:
        self._waiting = None
        begin = getattr(app, "begin", None)
        if not (begin and begin(cycle.scope, cycle.receive, cycle.send, cycle.body)):
            super()._start_asgi_task(cycle, app)

    def _make_task(self) -> None:
        assert self._waiting is not None
        cycle, app = self._waiting
        self._waiting = None
        super()._start_asgi_task(cycle, app)

    def _unset_keepalive_if_required(self) -> None:
        """Uvicorn's name for ending the timer: it goes on, and looks whether there is need."""
        if self.transport.is_closing() and self.timeout_keep_alive_task is not None:
            self.timeout_keep_alive_task.cancel()
            self.timeout_keep_alive_task = None

    def on_response_complete(self) -> None:
        """An answer is out: serve what waits behind it, or let the connection idle."""
        self.server_state.total_requests += 1
        if self.transport.is_closing() or self._pops:
            return
        self.flow.resume_reading()
        if self.pipeline and not self._answer_pipeline():
            return
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self._wait(self.timeout_keep_alive)

    def _answer_pipeline(self) -> bool:
        """Serve what waits in turn; whether all of it is answered.

        What is answered at once comes back here: one within the other, a few dozen requests would
        be deeper than Python goes.
        """
        self._pops = True
        try:
            while self.pipeline and not self.transport.is_closing():
                cycle, app = self.pipeline.pop()
                self._start_asgi_task(cycle, app)
                if not cycle.response_complete:
                    return False
        finally:
            self._pops = False
        return not self.transport.is_closing()

    def shutdown(self) -> None:
        """Uvicorn's name for letting what is under way end: what would not, is told to."""
        self.outgoing.flush()
        super().shutdown()
        leave = getattr(self.app, "leave", None)
        if leave is not None:
            leave()

    def _wait(self, seconds: float) -> None:
        self.timeout_keep_alive_task = self.loop.call_later(
            seconds, self.timeout_keep_alive_handler
        )

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection if it was idle for all the time."""
        self.timeout_keep_alive_task = None
        if self.transport.is_closing() or self._idle_since is None:
            return  # the answer that is under way makes a new timer
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._wait(left)
        else:
            self.transport.close()


def _is_half(scope: Any) -> bool:
    """Whether the head of a request has begun, and not ended yet."""
    return scope is not None and "method" not in scope


def as_sent(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Headers that are known to be sound as they go over the wire."""
    return b"".join(part for name, value in headers for part in (name, b": ", value, b"\r\n"))


def answer_at_once(
    send: Any,
    status: int,
    headers: Sequence[tuple[bytes, bytes]],
    body: bytes,
    head: bytes = b"",
) -> bool:
    """Write an answer of which the headers are known to be sound, content-length among them.

    `head` are others, as they are sent. Returns whether that was possible; if not, nothing was
    written.
    """
    cycle = getattr(send, "__self__", None)
    protocol = getattr(getattr(cycle, "on_response", None), "__self__", None)
    if (
        not isinstance(cycle, RequestResponseCycle)
        or not isinstance(protocol, Protocol)
        or cycle.response_started
        or cycle.disconnected
        or cycle.flow.write_paused
    ):
        return False
    parts = [STATUS_LINE[status]]
    for name, value in cycle.default_headers:
        parts += (name, b": ", value, b"\r\n")
    parts.append(head)
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
    if not cycle.keep_alive:
        parts.append(_CLOSE)
    parts += (b"\r\n", body)
    cycle.response_started = True
    cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    protocol.outgoing.add(cycle.transport, b"".join(parts))
    cycle.message_event.set()
    if not cycle.keep_alive:
        protocol.outgoing.flush()
        cycle.transport.close()
    # Let go of the connection, as uvicorn's task does: nothing else would but a collection.
    respond, cycle.on_response = cycle.on_response, _nothing
    respond()
    return True


def cut(send: Any) -> None:
    """End the connection of an answer that can't be ended, so that the client sees it.

    By a reset: whoever does not count chunks (HTTP/1.0, some proxies) sees that as well.
    """
    cycle = getattr(send, "__self__", None)
    if not isinstance(cycle, RequestResponseCycle) or cycle.response_complete or cycle.disconnected:
        return
    cycle.disconnected = True
    connection = cycle.transport.get_extra_info("socket")
    with suppress(OSError, ValueError):  # the client may have been faster
        if connection is not None and connection.family != socket.AF_UNIX:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    cycle.transport.abort()


def _nothing() -> None:
    pass
