"""What only gatekeeper may ask of the database: who logs in, and whose sessions are live.

The domain answers through functions of the schema auth; a database may lack any of them.
"""

from psycopg import Error

from api.lane import Call, Context, Lane, NoConnectionError, ask, is_lost
from api.problems import status_of, too_slow, unavailable

_ROLE = "gatekeeper"
_ATTEMPTS = 3
# No such function, no such schema, no such role.
_MISSING = ("42883", "3F000", "22023")


class Missing(Exception):  # noqa: N818 -- a signal, not an error
    """The database has no such function."""


class Gatekeeper:
    """Calls as gatekeeper. Each raises Missing, Problem 503 or 504, or the psycopg.Error."""

    def __init__(self, lane: Lane, timeout_ms: int) -> None:
        self._lane = lane
        self._timeout_ms = timeout_ms

    async def read(
        self, statement: str, *parameters: str | None, lane: str | None = None
    ) -> bytes | None:
        """The first column of the first row; `lane` as @lane says it."""
        return await self._run(self._call(statement, parameters, lane), _ATTEMPTS)

    async def write(self, path: str, statement: str, *parameters: str | None) -> bytes | None:
        """The first column of the first row; `path` is what was asked, for the record."""
        return await self._run(self._call(statement, parameters, path=path, writes=True), 1)

    async def _run(self, call: Call, attempts: int) -> bytes | None:
        while True:
            attempts -= 1
            try:
                answer = await ask(self._lane, call)
            except Error as error:
                if not attempts or not is_lost(error):
                    raise _said(error) from error
            except TimeoutError as error:
                raise too_slow() from error
            else:
                return answer.row[0] if answer.row else None

    def _call(
        self,
        statement: str,
        parameters: tuple[str | None, ...],
        lane: str | None = None,
        path: str = "",
        *,
        writes: bool = False,
    ) -> Call:
        context = Context(_ROLE, "", "POST", path, self._timeout_ms, read_only=not writes)
        return Call(context, statement, parameters, reads_out=writes, name=statement, lane=lane)


def _said(error: Error) -> Exception:
    """What to raise for it."""
    if error.sqlstate in _MISSING and error.diag.context is None:  # not within a function
        return Missing(str(error))
    if isinstance(error, NoConnectionError) or is_lost(error):
        return unavailable()
    status = status_of(error.sqlstate or "08000")
    if status == 504:
        return too_slow()
    return unavailable() if status == 503 else error
