"""Keep-alive connections that do nothing, held while others work."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from benchmarks.servers import Server
from db import process

# What the server and this process need beside them.
RESERVE = 600


def raise_limit() -> int:
    """Allow this process and what it starts as many files as may be; that number."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, PermissionError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@contextmanager
def holding(server: Server, count: int, path: str) -> Iterator[list[socket.socket]]:
    """Open `count` connections, one answer on each, and keep them."""
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as stack:
        opened = []
        for _ in range(count):
            each = stack.enter_context(socket.create_connection((process.LOOPBACK, server.port)))
            each.settimeout(30)
            each.sendall(head)
            opened.append(each)
            # A few at a time: this is about holding connections, not about a storm of them.
            if len(opened) >= 100:
                opened[-100].recv(65536)
        for each in opened[-99:] if count >= 100 else opened:
            each.recv(65536)
        yield opened


def still_open(connections: list[socket.socket]) -> int:
    """How many the server has not closed."""
    return sum(_is_open(each) for each in connections)


def _is_open(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
