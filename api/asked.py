"""A request that was read, and what becomes of it."""

from dataclasses import dataclass

from psycopg import Error

from api.endpoint import Endpoint
from api.exports import Export
from api.lane import Call
from api.problems import Headers
from api.reading import Given, Scope
from api.routes import Routes
from api.tokens import Caller


@dataclass(slots=True)
class Response:
    """A whole answer, or one that begins with `export`.

    `head` are its headers as they are sent, where that was made before.
    """

    status: int
    headers: Headers
    body: bytes = b""
    head: bytes = b""
    export: Export | None = None


class Stale(Exception):  # noqa: N818 -- a signal, not an error
    """The database says that the function is not as the route has it."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


@dataclass(slots=True)
class Asked:
    """A request that was read: the call that it makes, and what its answer depends on."""

    routes: Routes
    endpoint: Endpoint
    given: Given
    caller: Caller
    scope: Scope
    call: Call
