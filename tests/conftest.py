"""Real servers for every test: databases cloned from a deployed template, and a Redis."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from api.passwords import Passwords
from db.database import Database
from db.redis_server import RedisServer
from db.testbed import Testbed, open_bed


@pytest.fixture(scope="session")
def bed() -> Iterator[Testbed]:
    """The test cluster with its deployed template; shared by all workers, kept between runs."""
    with open_bed() as bed:
        yield bed


@pytest.fixture
def database(bed: Testbed) -> Iterator[Database]:
    """A fresh clone of the deployed database, dropped after the test."""
    with bed.database() as database:
        yield database


@pytest.fixture(scope="module")
def module_database(bed: Testbed) -> Iterator[Database]:
    """One clone for all tests of a module."""
    with bed.database() as database:
        yield database


@pytest.fixture
def empty_database(bed: Testbed) -> Iterator[Database]:
    """A database with nothing of Penstock in it, as somebody else's would be."""
    with bed.database("template0") as database:
        yield database


@pytest.fixture(scope="session")
def redis_server(bed: Testbed) -> Iterator[RedisServer]:
    """A Redis of this test worker alone: it may be stopped and started again."""
    with bed.redis() as server:
        yield server


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """An empty Redis, running whatever the test before did to it."""
    redis_server.start()
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that were compared with a hash."""
    compared: list[str] = []
    verify = Passwords.verify

    async def counted(self: Passwords, password: str, hashed: str | None) -> Any:
        compared.append(password)
        return await verify(self, password, hashed)

    monkeypatch.setattr(Passwords, "verify", counted)
    return compared
