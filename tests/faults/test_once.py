"""Connections that are cut wherever they can be: what is asked with a key is done exactly once.

A proxy stands between the API and PostgreSQL and cuts each first attempt, or several in a row, at
a point of its own, before, while or after the transaction is committed. The client tries again
with its key until it is told that it was done.
"""

import asyncio
import os
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from uuid import uuid4

import httpx
import pytest

from db import process
from db.database import Database
from tests.api.conftest import Api, running
from tests.faults.house import Proxy

LONG = os.environ.get("PENSTOCK_FAULTS") == "long"
CUTS = 1_000 if LONG else 60
TOGETHER = 8
# More than the API makes by itself, so that the client has to.
IN_A_ROW = (1, 1, 1, 6)
POINTS = (
    "before a byte is sent",
    "within what is sent",
    "as soon as it is sent",
    "a moment after it is sent",
    "when it is committed",
    "within the answer",
)
SQL = """
create schema faults;
grant usage on schema faults to anon, member, staff, admin;
create table faults.payments (key text not null, made_at timestamptz not null default now());
grant all on faults.payments to member;
create function faults.pay(name text) returns text volatile language plpgsql as $$
begin
    insert into faults.payments (key) values (pay.name);
    perform pg_sleep(0.002 * random());
    return pay.name;
end $$;
comment on function faults.pay is 'HTTP POST /payments
@status 201
@idempotent';
grant execute on function faults.pay to member;
"""
_NAME = re.compile(rb"cut-([0-9]+)-([0-9]+)-[0-9a-f-]{36}")
_READY = b"Z\x00\x00\x00\x05"


class Scissors(Proxy):
    """Cuts a connection on which a name like cut-POINT-TIMES-… is sent, that many times."""

    def __init__(self, port: int) -> None:
        self.cuts: Counter[str] = Counter()
        self._left: dict[bytes, int] = {}
        self._lock = threading.Lock()
        self._doomed: dict[int, str] = {}
        super().__init__(port)

    def _point(self, chunk: bytes) -> str | None:
        """Where to cut the connection that this is sent on, if at all."""
        match = _NAME.search(chunk)
        if match is None:
            return None
        with self._lock:
            left = self._left.setdefault(match[0], int(match[2]))
            self._left[match[0]] = left - 1
            if left <= 0:
                return None
            point = POINTS[int(match[1])]
            self.cuts[point] += 1
        return point

    def _pump(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        try:
            while chunk := source.recv(65_536):
                if from_client:
                    point = self._point(chunk)
                    if point == POINTS[0]:
                        break
                    if point == POINTS[1]:
                        target.sendall(chunk[: random.randrange(len(chunk))])
                        break
                    if point in POINTS[4:]:
                        with self._lock:
                            self._doomed[id(target)] = point  # whose answer will be cut
                    target.sendall(chunk)
                    if point == POINTS[3]:
                        time.sleep(0.004 * random.random())
                    if point in POINTS[2:4]:
                        break
                    continue
                doomed = self._doomed.get(id(source))
                if doomed == POINTS[4]:
                    if chunk.endswith((_READY + b"I", _READY + b"E")):
                        break
                    continue  # swallowed
                if doomed == POINTS[5]:
                    target.sendall(chunk[: random.randrange(len(chunk))])
                    break
                target.sendall(chunk)
        except OSError:
            pass
        with self._lock:
            self._doomed.pop(id(target), None)
            self._doomed.pop(id(source), None)
        for each in (source, target):
            self._hang_up(each)


@contextmanager
def behind_scissors(database: Database) -> Iterator[tuple[Api, Scissors]]:
    """The API with its database behind the proxy."""
    port = database.cluster.port
    with closing(Scissors(port)) as scissors:
        url = database.serve_url.replace(
            f"{process.LOOPBACK}:{port}", f"{process.LOOPBACK}:{scissors.port}"
        )
        assert url != database.serve_url
        with running(url, api_schemas=("api", "faults")) as api:
            yield api, scissors


async def pay(api: Api, names: list[str], *, keyed: bool) -> Counter[int]:
    """Pay each until it is done; how often which status was answered."""
    statuses: Counter[int] = Counter()
    waiting = iter(names)
    token = api.token(1, "member")

    async def some() -> None:
        async with httpx.AsyncClient(
            base_url=str(api.base_url), headers={"authorization": f"Bearer {token}"}, timeout=30
        ) as client:
            for name in waiting:
                headers = {"idempotency-key": name} if keyed else {}
                for _ in range(20):
                    answer = await client.post("payments", json={"name": name}, headers=headers)
                    statuses[answer.status_code] += 1
                    if answer.status_code == 201:
                        assert answer.json() == name
                        break
                    assert answer.status_code in (409, 503), answer.text
                    await asyncio.sleep(0.02)
                else:
                    raise AssertionError(f"{name} was never done")

    await asyncio.gather(*(some() for _ in range(TOGETHER)))
    return statuses


def names(count: int) -> list[str]:
    return [
        f"cut-{number % len(POINTS)}-{IN_A_ROW[number // len(POINTS) % len(IN_A_ROW)]}-{uuid4()}"
        for number in range(count)
    ]


@pytest.fixture
def till(database: Database) -> Database:
    database.psql(SQL)
    return database


def test_cut_anywhere_it_is_done_once(till: Database) -> None:
    wanted = names(CUTS)
    with behind_scissors(till) as (api, scissors):
        statuses = asyncio.run(pay(api, wanted, keyed=True))

    times = Counter(till.rows("select key, count(*) from faults.payments group by key"))
    print(f"\n{CUTS:,} payments, {scissors.cuts.total():,} cuts {dict(scissors.cuts)};"
          f" answers {dict(statuses)}")  # fmt: skip
    assert set(times) == {(name, 1) for name in wanted}
    assert statuses[201] == CUTS
    assert scissors.cuts.keys() == set(POINTS)
    assert scissors.cuts.total() >= CUTS
    assert statuses[503] > 0  # the client had to try again too


def test_without_a_key_it_is_done_more_than_once(till: Database) -> None:
    """The control: the cuts do cut what was committed."""
    wanted = names(60)
    with behind_scissors(till) as (api, _):
        asyncio.run(pay(api, wanted, keyed=False))

    ((done,),) = till.rows("select count(*) from faults.payments")
    assert done > len(wanted)
