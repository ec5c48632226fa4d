"""A whole answer in one write.

uvicorn's `send` takes head and body apart, which is two system calls an answer, and looks at each
header with regular expressions. Where uvicorn is the server, and nothing hinders, the answer is
put together here and written at once; anywhere else ASGI's way is as good.
"""

from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

_CLOSE = b"connection: close\r\n"


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
