"""What the fault tests need: server processes, a proxy before Redis, clients that keep watch."""

import asyncio
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from pydantic import SecretStr

from api.settings import Settings
from api.tokens import Tokens
from db import process
from db.database import Database
from db.home import ROOT
from db.readiness import readiness

SECRET = "a secret for the fault tests alone, 32 bytes or more"
_PATIENCE_SECONDS = 15
COUNTERS = """
create schema faults;
grant usage on schema faults to anon, member, staff, admin;

create table faults.counters (id bigint primary key, value bigint not null default 0);
grant all on faults.counters to anon, member, staff, admin;
insert into faults.counters (id) select n from generate_series(1, 1000) as n;
call penstock.rows_tag('faults.counters', 'counters', 'counter:{id}');

create function faults.counter_get(id bigint) returns bigint stable language sql
    as $$ select c.value from faults.counters as c where c.id = counter_get.id $$;
comment on function faults.counter_get is 'HTTP GET /counters/{id}
@cache 1min tags=counter:{id} vary=none';

-- Long enough under way for a change to come in between.
create function faults.counter_get_slowly(id bigint) returns bigint stable language plpgsql as $$
declare
    v_value bigint := (select c.value from faults.counters as c where c.id = counter_get_slowly.id);
begin
    perform pg_sleep(0.03);
    return v_value;
end $$;
comment on function faults.counter_get_slowly is 'HTTP GET /slow-counters/{id}
@cache 1min tags=counter:{id} vary=none';

create function faults.counter_add(id bigint) returns bigint volatile language sql as $$
    update faults.counters as c set value = c.value + 1
    where c.id = counter_add.id
    returning c.value
$$;
comment on function faults.counter_add is 'HTTP POST /counters/{id}';

create function faults.whoami() returns json stable language sql
    as $$ select json_build_object('user', request.user_id(), 'role', current_user) $$;
comment on function faults.whoami is 'HTTP GET /whoami
@cache 1min tags=counters';

-- A second of work; each call is counted, in a sequence that no transaction takes back.
create sequence faults.calls;
create function faults.called() returns bigint volatile security definer
    set search_path = '' language sql as $$ select nextval('faults.calls') $$;
create function faults.dear() returns text stable language plpgsql as $$
begin
    perform pg_sleep(1);
    return 'dear';
end $$;
comment on function faults.dear is 'HTTP GET /dear
@cache 1s tags=counters vary=none';

grant execute on all functions in schema faults to anon, member, staff, admin;
"""


def token(user_id: int, role: str) -> str:
    """An access token as the API's own."""
    settings = Settings(
        database_url=SecretStr("postgresql://nobody"), jwt_secret=SecretStr(SECRET), jwt_ttl=3600
    )
    return Tokens(settings).sign(str(user_id), role)[0]


@dataclass
class Worker:
    """A server process with one worker, of its own port: it can be killed, and others go on."""

    port: int
    running: subprocess.Popen[bytes]
    log: Path

    @property
    def root(self) -> str:
        return f"http://{process.LOOPBACK}:{self.port}"

    def kill(self) -> None:
        """End it as a crash would."""
        self.running.kill()
        self.running.wait()


@contextmanager
def workers(
    database: Database, folder: Path, redis_urls: list[str], fault: str | None = None
) -> Iterator[list[Worker]]:
    """A server process for each Redis URL, ready to serve."""
    started: list[Worker] = []
    try:
        for number, redis_url in enumerate(redis_urls):
            started.append(start_worker(database, folder / f"worker-{number}", redis_url, fault))
        for worker in started:
            _wait_until_ready(worker)
        yield started
    finally:
        for worker in started:
            worker.running.send_signal(signal.SIGCONT)
            worker.running.terminate()
        for worker in started:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.running.wait(15)
            worker.running.kill()
            worker.running.wait()
    for worker in started:
        log = worker.log.read_text()
        assert "traceback" not in log.lower(), log


def start_worker(database: Database, log: Path, redis_url: str, fault: str | None) -> Worker:
    with socket.create_server((process.LOOPBACK, 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": database.serve_url,
        "REDIS_URL": redis_url,
        "API_SCHEMAS": "api,faults",
        "API_PREFIX": "",
        "HOST": process.LOOPBACK,
        "PORT": str(port),
        "WORKERS": "1",
        "POOL_SIZE": "8",
        "LOG_LEVEL": "warning",
        "JWT_SECRET": SECRET,
    }
    command = [sys.executable, "-m", "tests.faults.worker", *([fault] if fault else [])]
    with log.open("ab") as output:
        running = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    return Worker(port, running, log)


def _wait_until_ready(worker: Worker) -> None:
    deadline = time.monotonic() + 30
    while not readiness(worker.root)[0]:
        assert worker.running.poll() is None, worker.log.read_text()
        assert time.monotonic() < deadline, worker.log.read_text()
        time.sleep(0.05)


class Proxy:
    """A stretch of wire before a server: it can be cut, or hold what is sent."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server((process.LOOPBACK, 0))
        self.port = self._listener.getsockname()[1]
        self.cut = False
        self.held = False
        self._sockets: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._go(self._accept)

    def _go(self, target: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.cut:
                client.close()
                continue
            try:
                server = socket.create_connection((process.LOOPBACK, self._target))
            except OSError:  # it is down
                client.close()
                continue
            self._sockets |= {client, server}
            self._go(self._pump, client, server, True)
            self._go(self._pump, server, client, False)
            if self.cut:
                self.hang_up()

    def _pump(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65_536):
                while self.held and from_client:
                    time.sleep(0.005)
                target.sendall(chunk)
        for each in (source, target):
            self._hang_up(each)

    def _hang_up(self, each: socket.socket) -> None:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        each.close()
        self._sockets.discard(each)

    def hang_up(self) -> None:
        """End all connections, and take no new ones while `cut`."""
        for each in list(self._sockets):
            self._hang_up(each)

    def close(self) -> None:
        """End it."""
        self.cut = True
        self.held = False
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # which ends accept()
        self._listener.close()
        self.hang_up()
        for thread in self._threads:
            thread.join(5)


@dataclass
class Watch:
    """What the clients saw.

    `floor` is for each counter when which value was acknowledged; a read that begins later and
    answers less is stale. `stale` holds for each such read the counter, and how many seconds
    before its begin somebody had been told of a newer value.
    """

    floor: dict[int, list[tuple[float, int]]] = field(default_factory=dict)
    stale: list[tuple[int, float]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    reads: int = 0
    hits: int = 0
    writes: int = 0
    stopped: bool = False

    def acknowledged(self, counter: int, value: int) -> None:
        """Somebody was told that the counter has this value."""
        known = self.floor.setdefault(counter, [])
        known.append((time.monotonic(), value))
        if len(known) > 400:  # long ago, and long since counted on further
            del known[:200]

    def answered(self, counter: int, began: float, value: int) -> None:
        """A read that began then gave this value."""
        self.reads += 1
        for when, floor in self.floor.get(counter, ()):
            if floor > value:
                if when < began:
                    self.stale.append((counter, began - when))
                return

    def missed(self, counters: Iterable[int], seconds: float = 0.0) -> list[tuple[int, float]]:
        """The reads of these that missed what had been acknowledged for so long."""
        return [each for each in self.stale if each[0] in counters and each[1] > seconds]


class Client:
    """A connection to one worker: requests one after another, and again if it was cut."""

    def __init__(self, port: int, authorization: str = "") -> None:
        self._port = port
        self._authorization = f"Authorization: Bearer {authorization}\r\n" if authorization else ""
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str) -> tuple[int, bytes, bytes]:
        """Status, head and body. OSError where the worker is gone."""
        if self._writer is None or self._reader is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        length = "Content-Length: 0\r\n" if method == "POST" else ""
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\n{length}{self._authorization}\r\n".encode()
        )
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                head = await self._reader.readuntil(b"\r\n\r\n")
                marker = head.lower().index(b"content-length: ") + 16
                size = int(head[marker : head.index(b"\r", marker)])
                body = await self._reader.readexactly(size)
        except TimeoutError:
            raise AssertionError(
                f"{method} {path} at port {self._port}: no answer in {_PATIENCE_SECONDS} s"
            ) from None
        except asyncio.IncompleteReadError as error:
            self.close()
            raise ConnectionResetError from error
        except BaseException:
            self.close()
            raise
        return int(head[9:12]), head, body

    async def leave(self, method: str, path: str) -> None:
        """Ask, and hang up before the answer."""
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: x\r\n{self._authorization}\r\n".encode()
        )
        await self._writer.drain()
        self.close()

    def close(self) -> None:
        """Leave, in the middle of an answer if need be."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


async def read_on(watch: Watch, worker: Worker, counters: list[int], place: str) -> None:
    """Read counters until the watch is stopped."""
    client = Client(worker.port)
    while not watch.stopped:
        counter = random.choice(counters)
        began = time.monotonic()
        try:
            status, head, body = await client.ask("GET", f"/{place}/{counter}")
        except OSError:
            await asyncio.sleep(0.02)
            continue
        if status >= 500:
            watch.failed.append(f"GET {place} {status}: {body.decode()[:300]}")
        else:
            watch.hits += b"penstock; hit" in head
            watch.answered(counter, began, json.loads(body))
    client.close()


async def write_on(watch: Watch, worker: Worker, counters: list[int], pause: float) -> None:
    """Count counters up until the watch is stopped."""
    client = Client(worker.port)
    number = 0
    while not watch.stopped:
        counter = counters[number % len(counters)]
        number += 1
        try:
            status, _, body = await client.ask("POST", f"/counters/{counter}")
        except OSError:
            await asyncio.sleep(0.02)
            continue
        if status == 200:
            watch.acknowledged(counter, json.loads(body))
            watch.writes += 1
        else:
            watch.failed.append(f"POST {status}: {body.decode()[:300]}")
        await asyncio.sleep(pause)
    client.close()


async def psql_on(watch: Watch, database: Database, counters: list[int], pause: float) -> None:
    """Count counters up by SQL until the watch is stopped."""
    async with await psycopg.AsyncConnection.connect(
        database.superuser_url, autocommit=True
    ) as connection:
        number = 0
        while not watch.stopped:
            counter = counters[number % len(counters)]
            number += 1
            cursor = await connection.execute(
                "update faults.counters set value = value + 1 where id = %s returning value",
                [counter],
            )
            row = await cursor.fetchone()
            assert row is not None
            watch.acknowledged(counter, row[0])
            watch.writes += 1
            await asyncio.sleep(pause)
