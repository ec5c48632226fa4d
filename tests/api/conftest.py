"""The API on a real socket, in a thread of the test process, in front of a cloned database."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from api.app import create
from api.protocol import Protocol
from api.settings import Settings
from api.tokens import Tokens
from db.database import Database
from db.testbed import Testbed
from tests.api.shed import SHED

SECRET = "a secret for the tests alone, 32 bytes or more"


class Api(httpx.Client):
    """A client of a running API, below its prefix; `as_user` makes one with a token."""

    def __init__(self, settings: Settings, origin: str) -> None:
        super().__init__(base_url=origin + settings.api_prefix, timeout=30)
        self.settings = settings
        self.origin = origin
        self._others: list[Api] = []

    def close(self) -> None:
        """Close it, and all that were made of it."""
        for other in self._others:
            other.close()
        super().close()

    def token(self, user_id: int | str, role: str) -> str:
        return Tokens(self.settings).sign(str(user_id), role)[0]

    def as_user(self, user_id: int | str, role: str) -> "Api":
        client = Api(self.settings, self.origin)
        client.headers["authorization"] = f"Bearer {self.token(user_id, role)}"
        self._others.append(client)
        return client

    def ready(self) -> dict[str, Any]:
        return httpx.get(self.origin + "/readyz").json()


@pytest.fixture(scope="module")
def shed(bed: Testbed) -> Iterator[Database]:
    """A database with the shed beside the store, for all tests of a module."""
    with bed.database() as database:
        database.psql(SHED)
        yield database


@contextmanager
def running(database_url: str, idle: int = 5, **changes: Any) -> Iterator[Api]:
    """The API with these settings, until the end of the block; `idle` as uvicorn's, in seconds."""
    # Tests log in more often than people do.
    values = {"jwt_secret": SecretStr(SECRET), "redis_url": None, "auth_rate": (), **changes}
    settings = Settings(database_url=SecretStr(database_url), **values)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            create(settings),
            log_config=None,
            access_log=False,
            proxy_headers=False,
            loop="uvloop",
            http=Protocol,
            timeout_keep_alive=idle,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            deadline = time.monotonic() + 20
            while not server.started and thread.is_alive() and time.monotonic() < deadline:
                time.sleep(0.01)
            assert server.started, "the API did not start"
            with closing(Api(settings, origin)) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(timeout=20)


def within(seconds: float, happened: Callable[[], bool]) -> bool:
    """Whether it happened in that time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if happened():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def closed(database: Database) -> Iterator[None]:
    """The database as if its server were stopped: nobody stays, nobody comes in."""
    url = database.cluster.url("postgres")
    database.psql(f"alter database {database.name} allow_connections false", url)
    database.psql(
        f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{database.name}'",
        url,
    )
    try:
        yield
    finally:
        database.psql(f"alter database {database.name} allow_connections true", url)


@pytest.fixture
def serve() -> Iterator[Callable[..., Api]]:
    """Start an API: serve(database_url, api_schemas=…, …)."""
    with ExitStack() as stack:
        yield lambda url, **changes: stack.enter_context(running(url, **changes))


@pytest.fixture
def api(database: Database) -> Iterator[Api]:
    """The API on a fresh clone of the deployed database."""
    with running(database.serve_url) as client:
        yield client


@pytest.fixture(scope="module")
def shared_api(module_database: Database) -> Iterator[Api]:
    """The API on one clone for the whole module, for tests that don't get in each other's way."""
    with running(module_database.serve_url) as client:
        yield client
