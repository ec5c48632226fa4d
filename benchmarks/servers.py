"""Servers of a run: started on free ports of the loopback, ended by their pid."""

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from benchmarks.ground import Ground
from benchmarks.peers import Peer
from benchmarks.wrk import Request
from db import process
from db.errors import SetupError

READY_SECONDS = 60
# Two runs beside each other would find the same port free: each looks from another one on.
PORTS = range(21_000 + os.getpid() * 31 % 5_000, 28_000)
READY = Request("GET", "/api/v1/products/1")


@dataclass(frozen=True, eq=False)
class Server:
    """A peer that runs."""

    peer: Peer
    port: int
    pid: int

    @property
    def name(self) -> str:
        return self.peer.name

    @property
    def url(self) -> str:
        return f"http://{process.LOOPBACK}:{self.port}"

    def ask(self, request: Request) -> tuple[int, bytes]:
        """Status and body of one answer. Raises OSError where there is none."""
        connection = HTTPConnection(process.LOOPBACK, self.port, timeout=30)
        try:
            body = request.body or None
            connection.request(request.method, request.path, body, dict(request.headers))
            answer = connection.getresponse()
            return answer.status, answer.read()
        except HTTPException as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()


@contextmanager
def running(ground: Ground, peer: Peer, pool: int) -> Iterator[Server]:
    """Start a peer, wait until it answers, and end it."""
    port = process.free_port(PORTS)
    command = peer.command(ground, port)
    log = ground.home.log / f"{peer.name}.log"
    environment = peer.environment(ground, port, pool)
    child = process.start(command, log, env=environment, cwd=peer.cwd)
    server = Server(peer, port, child.pid)
    try:
        _wait(server, child, log)
        yield server
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def all_running(ground: Ground, peers: Sequence[Peer], pool: int) -> Iterator[list[Server]]:
    """All of them at once: those that wait cost nothing that matters."""
    with ExitStack() as stack:
        yield [stack.enter_context(running(ground, peer, pool)) for peer in peers]


def _wait(server: Server, child: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(server):
        if child.poll() is not None:
            said = process.tail(log)
            raise SetupError(f"{server.name} ended with code {child.returncode}:\n{said}")
        if time.monotonic() > deadline:
            said = process.tail(log)
            raise SetupError(f"{server.name} was not up in {READY_SECONDS} s:\n{said}")
        time.sleep(0.02)


def _answers(server: Server) -> bool:
    try:
        return server.ask(server.peer.translate(READY))[0] < 500
    except OSError:
        return False
