"""Requests with an `Idempotency-Key`: done once, however often they are sent.

The transaction that does what is asked also keeps the answer. It begins with
penstock.idempotency_begin(), which lets one request with a key go on at a time and ends the
transaction where the key was answered already; and the call itself is wrapped, so that what it
answers is handed to penstock.idempotency_keep(). So both are there, or neither, and it takes no
round trip more. What was answered already is read by a second one, and given out again.

Since nothing can be done twice, a call whose connection was lost is made again.
"""

import asyncio
import re
import weakref
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from psycopg import Error

from api.lane import Answer, Call, Once
from api.problems import Headers, Problem
from api.reading import Scope

HEADER = b"idempotency-key"
REPLAYED: Headers = [(b"idempotency-replayed", b"true")]
# What a key may look like, as OpenAPI tells clients: as it is, or as a string of RFC 9651.
KEY_PATTERN = r'^(?:[!#-~][!-~]{0,254}|"(?:[!#-\[\]-~]|\\["\\]){1,255}")$'
_RAW = re.compile(r"[!#-~][!-~]{0,254}")
_QUOTED = re.compile(r'"((?:[!#-\[\]-~]|\\["\\]){1,255})"')
_ANSWERED = "PK001"
_BUSY = "PK002"
_PRIMARY_KEY = "idempotency_keys_pkey"
_ATTEMPTS = 4
_DIGEST_BYTES = 16  # a uuid's
KEEP = "select penstock.idempotency_keep($1, $2, $3::uuid, $4::integer, $5)"
_FIND = (
    "select f.request, f.status::text, f.headers, f.body, f.touched"
    " from penstock.idempotency_find($1, $2) as f"
)


def key_of(scope: Scope, *, required: bool) -> str | None:
    """The Idempotency-Key of a request. Problem 400 where it is none, or missing and required."""
    given = [value for name, value in scope["headers"] if name == HEADER]
    if not given:
        if not required:
            return None
        raise Problem(
            400,
            "This is done once for each Idempotency-Key: send one, such as a random UUID, and the"
            " same one when you try again.",
            slug="idempotency-key-needed",
        )
    text = given[0].decode("latin-1").strip(" \t")
    quoted = _QUOTED.fullmatch(text)
    if len(given) > 1 or not (quoted or _RAW.fullmatch(text)):
        raise Problem(
            400,
            "An Idempotency-Key has 1 to 255 visible ASCII characters, as they are or in double"
            " quotes, and comes once.",
            slug="idempotency-key-malformed",
        )
    return re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text


def digest(route: str, given: Mapping[str, str | None]) -> str:
    """What tells another request from a repetition: the arguments.

    Without passwords, which nobody should be able to guess from what is kept: the caller leaves
    them out.
    """
    return digesting(route, given).hexdigest()


def digesting(route: str, given: Mapping[str, str | None]) -> blake2b:
    """The same, of a request that goes on: a list that comes bit by bit."""
    parts = [route]
    # NUL is in no argument, so no two lists of them look the same.
    parts += [
        f"{name}\0{value}" if value is not None else name for name, value in sorted(given.items())
    ]
    return blake2b("\0\0".join(parts).encode(), digest_size=_DIGEST_BYTES)


def keep(call: Call, once: Once, status: int) -> Call:
    """The same call, which goes on once and keeps its answer; `status` is that of success."""
    first = len(call.parameters) + 1
    return replace(
        call,
        statement=_keeping(call.statement, first),
        parameters=(*call.parameters, once.route, once.key, once.request, str(status)),
        once=once,
    )


@lru_cache(1000)
def _keeping(statement: str, first: int) -> str:
    """A call's statement that hands its first column to penstock.idempotency_keep().

    Also where it gives no row: what was done is done, whatever it says.
    """
    route, key, request, status = (f"${first + place}" for place in range(4))
    return (
        f"with c (body) as materialized ({statement})"  # noqa: S608 -- our own statement
        " select c.body, penstock.idempotency_keep("
        f"{route}, {key}, {request}::uuid, {status}::integer, c.body::text)"
        " from (values (1)) as one left join c on true"
    )


@dataclass(slots=True)
class _Kept:
    """What was answered before."""

    request: str
    answer: Answer


class OnceKeeper:
    """Makes calls that are to be done once, and gives out again what was answered.

    Of the requests with one key, one at a time holds a connection of this process. `run` makes a
    call, and again where that is safe.
    """

    def __init__(self, run: Callable[[Call], Awaitable[Answer]]) -> None:
        self._run = run
        self._turns: weakref.WeakValueDictionary[tuple[str, ...], asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )

    async def answer(
        self, call: Call, subject: str, run: Callable[[Call], Awaitable[Answer]]
    ) -> Answer:
        """The answer, which may have been given before. `run` makes the call itself.

        Raises psycopg.Error as the call does; Problem 409 while another request with the key is
        still being answered, and 422 where the key was sent with other arguments.
        """
        once = call.once
        assert once is not None
        name = call.context.role, subject, once.route, once.key
        lock = self._turns.setdefault(name, asyncio.Lock())
        await _take(lock, once.wait_ms)
        try:
            for attempt in range(_ATTEMPTS):
                try:
                    return await run(call)
                except Error as error:
                    if error.sqlstate == _BUSY:
                        raise _busy() from error
                    if not _was_answered(error) or attempt == _ATTEMPTS - 1:
                        raise
                kept = await self._find(call, once)
                if kept is None:  # cleared away just now
                    continue
                if kept.request.replace("-", "") != once.request:
                    raise _another()
                return kept.answer
        finally:
            lock.release()
        raise AssertionError  # the last attempt returns or raises

    async def _find(self, call: Call, once: Once) -> _Kept | None:
        context = replace(call.context, read_only=True, headers=None)
        answer = await self._run(
            Call(context, _FIND, (once.route, once.key), reads_out=False, name=_FIND)
        )
        if answer.row is None:
            return None
        request, status, headers, body, touched = answer.row
        assert request is not None
        return _Kept(request.decode(), Answer([body], status, headers, touched, replayed=True))


async def _take(lock: asyncio.Lock, wait_ms: int) -> None:
    """Take a lock. Problem 409 where that takes longer."""
    try:
        async with asyncio.timeout(wait_ms / 1000):
            await lock.acquire()
    except TimeoutError:
        raise _busy() from None


def _was_answered(error: Error) -> bool:
    """Whether the key was found, also by a call whose snapshot was too old to see it."""
    diag = error.diag
    return error.sqlstate == _ANSWERED or (
        error.sqlstate == "23505"
        and (diag.schema_name, diag.constraint_name) == ("penstock", _PRIMARY_KEY)
    )


def _busy() -> Problem:
    return Problem(
        409,
        "Another request with this Idempotency-Key is still being answered; try again shortly.",
        slug="idempotency-key-busy",
        headers=[(b"retry-after", b"1")],
    )


def _another() -> Problem:
    return Problem(
        422,
        "This Idempotency-Key was sent before, with another request: use a new key for each.",
        slug="idempotency-key-reused",
    )
