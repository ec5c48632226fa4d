"""What the tests of workers need: a mail server, a receiver of webhooks, worker processes."""

import contextlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from db import process
from db.database import Database
from db.home import ROOT

PATIENCE_SECONDS = 30.0


def within(happened: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> bool:
    """Whether it happened in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.02)
    return False


def free_port() -> int:
    with socket.create_server((process.LOOPBACK, 0)) as free:
        return int(free.getsockname()[1])


class MailServer:
    """A mail server that keeps what it gets; it can be stopped and started again.

    Of recipients, nobody@… is refused for good and busy@… for now, until `busy` is False.
    """

    def __init__(self, **options: Any) -> None:
        self.port = free_port()
        self._options = options
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.busy = True
        self._controller: Controller | None = None

    async def handle_RCPT(  # noqa: N802 -- aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody@"):
            return "550 No such user here"
        if address.startswith("busy@") and self.busy:
            return "451 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 -- the same
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.raw.append(envelope.content)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    @property
    def url(self) -> str:
        return f"smtp://{process.LOOPBACK}:{self.port}"

    def ids(self) -> list[str]:
        return [str(mail["Message-ID"]) for mail in self.mails]

    def start(self) -> None:
        self._controller = Controller(
            self, hostname=process.LOOPBACK, port=self.port, **self._options
        )
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@contextmanager
def mailing(**options: Any) -> Iterator[MailServer]:
    """A mail server until the end of the block; aiosmtpd's options."""
    server = MailServer(**options)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Post:
    """What a receiver got."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A receiver of webhooks; `answers` says what each path is answered with, in turn."""

    answers: dict[str, list[int]] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    port: int = 0
    slow: float = 0.0
    scheme: str = "http"

    def url(self, path: str) -> str:
        return f"{self.scheme}://{process.LOOPBACK}:{self.port}{path}"

    def at(self, path: str) -> list[Post]:
        return [post for post in self.posts if post.path == path]

    def answer(self, path: str) -> int:
        script = self.answers.get(path, [])
        return (script.pop(0) if len(script) > 1 else script[0]) if script else 200


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(scheme="http" if tls is None else "https")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            receiver.posts.append(Post(self.path, headers, body))
            time.sleep(receiver.slow)
            status = receiver.answer(self.path)
            with contextlib.suppress(OSError):
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("location", receiver.url("/elsewhere"))
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer((process.LOOPBACK, 0), Handler) as server:
        receiver.port = server.server_address[1]
        if tls is not None:  # the handshake is the handler's, so that a bad one holds up no other
            server.socket = tls.wrap_socket(
                server.socket, server_side=True, do_handshake_on_connect=False
            )
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Worker:
    """A worker process."""

    running: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as a crash would."""
        self.running.kill()
        self.running.wait()

    def stop(self) -> int:
        """End it as an operator would; its exit code."""
        self.running.terminate()
        return self.running.wait(PATIENCE_SECONDS)

    def says(self, text: str) -> bool:
        return within(lambda: text in self.log.read_text())


def start_worker(database_url: str, log: Path, **settings: str) -> Worker:
    """A worker that is quick to try again, and whose leases are short."""
    quick = {
        "DATABASE_URL": database_url,
        "MAIL_FROM": "The Store <store@example.org>",
        "WEBHOOK_PRIVATE": "1",
        "SEND_TIMEOUT": "1",
        "DELIVERY_PAUSE": "0.05",
        "DELIVERY_ATTEMPTS": "4",
        "DELIVERY_LEASE": "3",
        "LOG_LEVEL": "info",
    }
    clean = {name: value for name, value in os.environ.items() if name != "SMTP_URL"}
    command = [sys.executable, "-m", "db.cli", "worker"]
    with log.open("ab") as output:
        running = subprocess.Popen(
            command, cwd=ROOT, env=clean | quick | settings, stdout=output, stderr=output
        )
    return Worker(running, log)


@contextmanager
def working(database: Database, log: Path, **settings: str) -> Iterator[Worker]:
    """A worker until the end of the block; it must end by itself then, and well."""
    worker = start_worker(database.serve_url, log, **settings)
    try:
        assert worker.says("the worker begins"), log.read_text()
        yield worker
        if worker.running.poll() is None:
            assert worker.stop() == 0, log.read_text()
    finally:
        worker.kill()
    assert "traceback" not in log.read_text().lower(), log.read_text()
