"""uvicorn's HTTP protocol, with two short cuts.

A request that has arrived whole is offered to the application at once: uvicorn makes a task for
each, before it has read the body. And a whole answer goes out in one write: uvicorn's `send` takes
head and body apart, which is two system calls, and looks at each header with regular expressions.
Where nothing of that fits, a request goes the way of ASGI.
"""

from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

Cycle = RequestResponseCycle
_CLOSE = b"connection: close\r\n"


class Protocol(HttpToolsProtocol):
    """For an application with a `begin(scope, receive, send, content)`: whether it takes that."""

    _waiting: tuple[Cycle, Any] | None = None
    _reads = False

    def data_received(self, data: bytes) -> None:
        """Bytes of the client's."""
        self._reads = True
        super().data_received(data)
        self._reads = False
        if self._waiting is not None:  # for more of the body than there was
            self._make_task()

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


def answer_at_once(
    send: Any, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes
) -> bool:
    """Write an answer of which the headers are known to be sound, content-length among them.

    Returns whether that was possible; if not, nothing was written.
    """
    cycle = getattr(send, "__self__", None)
    if (
        not isinstance(cycle, RequestResponseCycle)
        or cycle.response_started
        or cycle.disconnected
        or cycle.flow.write_paused
    ):
        return False
    parts = [STATUS_LINE[status]]
    for name, value in cycle.default_headers:
        parts += (name, b": ", value, b"\r\n")
    for name, value in headers:
        parts += (name, b": ", value, b"\r\n")
    if not cycle.keep_alive:
        parts.append(_CLOSE)
    parts += (b"\r\n", body)
    cycle.response_started = True
    cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join(parts))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
