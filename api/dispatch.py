"""From a request that found its route to an answer.

Most requests have arrived whole, and their call needs no thread before it: they are begun at once
and answered from a callback (`Dispatcher.begin`, `Dispatcher.conclude`). All others, and those
whose call failed, go the same way as coroutines (`Dispatcher.answer`, `Dispatcher.retry`).
"""

import asyncio
import json
import logging
import random
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from urllib.parse import quote

from psycopg import Error

from api import passwords
from api.arriving import Arriving
from api.bulk import Import
from api.cache import Cache, settle
from api.conditions import cache_headers, entity_tag, if_match, is_known
from api.copying import CopyLane
from api.encode import ArgumentError
from api.endpoint import Bulk, Endpoint, Shape
from api.lane import Answer, Call, Context, NoConnectionError, Promise, Ready, ask, is_lost
from api.log import unquoted
from api.paging import next_link
from api.passwords import Passwords
from api.problems import (
    Headers,
    Problem,
    bind_position,
    from_database,
    invalid,
    too_slow,
    unauthorized,
    unavailable,
)
from api.protocol import as_sent
from api.reading import Given, Receive, Scope, arguments, body, require_type
from api.routes import Match, Routes
from api.settings import Settings
from api.statement import statement
from api.strictjson import escape
from api.tokens import Caller

log = logging.getLogger("penstock.dispatch")

JSON = (b"content-type", b"application/json")
_LARGE_BODY = 32_768
_ATTEMPTS = 4
_MOST_RECENT = 10_000
_Letters = tuple[str, bytes, bytes]
_Who = tuple[str, str]
_RETRIED = ("40001", "40P01")
# What a call says when the function changed under its route, before the routes were reloaded.
_STALE = ("0A000", "42883", "42P01", "42704", "42725", "42703", "3F000")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_NOT_THEIRS = {"content-length", "transfer-encoding", "connection", "x-request-id"}


@dataclass(slots=True)
class Response:
    """A whole answer. `head` are its headers as they are sent, where that was made before."""

    status: int
    headers: Headers
    body: bytes = b""
    head: bytes = b""


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


@dataclass(slots=True)
class Known:
    """A call that was made before, and may be made again as it is."""

    endpoint: Endpoint
    given: Given
    call: Call


class Dispatcher:
    """Checks, reads, calls and answers."""

    def __init__(
        self, settings: Settings, lane: Cache, copies: CopyLane, hasher: Passwords
    ) -> None:
        self._settings = settings
        self._lane = lane
        self._copies = copies
        self._hasher = hasher
        self._recent: dict[_Letters, dict[_Who, Known]] = {}
        self._recent_routes: Routes | None = None
        self._remembered = 0

    def recent(self, routes: Routes, scope: Scope) -> "dict[_Who, Known] | None":
        """What was asked of a route that keeps its answers in the same letters, by caller.

        Hits are mostly that, and finding the route and reading the arguments is half their price.
        """
        if self._recent_routes is not routes:
            self._recent_routes = routes
            self._recent.clear()
            self._remembered = 0
        return self._recent.get(_letters(scope))

    def _remember(self, asked: Asked) -> None:
        if self._remembered >= _MOST_RECENT:
            self._recent.clear()
            self._remembered = 0
        self._remembered += 1
        callers = self._recent.setdefault(_letters(asked.scope), {})
        who = asked.caller.role, asked.caller.claims
        callers[who] = Known(asked.endpoint, asked.given, asked.call)

    def begin(
        self, routes: Routes, match: Match, caller: Caller, scope: Scope, content: bytes
    ) -> Asked | None:
        """Read a request that has arrived whole; None where that takes a coroutine.

        Raises Problem.
        """
        endpoint = match.endpoint
        if endpoint.bulk is not None or endpoint.passwords or len(content) >= _LARGE_BODY:
            return None
        authorize(endpoint, caller)
        read = None
        if endpoint.method not in ("GET", "DELETE"):
            if len(content) > self._settings.max_body_bytes:
                return None
            if content:
                require_type(scope, "application/json")
            read = bytes(content)
        required = if_match(endpoint, scope)
        given = arguments(endpoint, match.path, scope["query_string"], read, required)
        asked = self._asked(routes, endpoint, given, caller, scope)
        if endpoint.cache is not None and routes is self._recent_routes:
            self._remember(asked)
        return asked

    def start(self, asked: Asked, promise: Promise) -> None:
        """Make the call; the promise gets its answer, or what failed, for conclude() or retry()."""
        self._lane.start(asked.call, promise)

    def conclude(self, asked: Asked, answer: Answer) -> Response:
        """The response for the answer of a call. Raises Problem."""
        endpoint, given, scope = asked.endpoint, asked.given, asked.scope
        value = answer.row[0] if answer.row else None
        ready = answer.ready
        if (
            ready is not None
            and ready.left == int(answer.left)
            and value is not None
            and not is_known(scope, ready.etag)
        ):
            return Response(200, ready.headers, value, ready.head)
        said = endpoint.annotation
        headers: Headers = []
        if endpoint.cache is not None:
            headers += cache_headers(endpoint.cache.policy, answer)
        if value is None and (said.single or endpoint.shape is Shape.ONE):
            raise Problem(
                404, "There is nothing of that name or number.", slug="not-found", headers=headers
            )
        if said.deprecated:
            headers.append((b"deprecation", b"true"))
        if said.location:
            target = _location(said.location, value, given)
            headers.append((b"location", (self._settings.api_prefix + target).encode()))
        if said.page and answer.row and answer.row[1] is not None:
            link = next_link(scope["path"], scope["query_string"], answer.row[1])
            headers.append((b"link", link))
        status = _status(answer.status) or endpoint.status
        headers.extend(_response_headers(answer.headers))
        etag = b""
        if status == 200 and endpoint.has_etag:
            etag = entity_tag(endpoint, answer)
            headers.append((b"etag", etag))
            if is_known(scope, etag):
                return Response(304, headers)
        if endpoint.shape is Shape.NOTHING or status == 204:
            return Response(status, headers)
        if not any(name == b"content-type" for name, _ in headers):
            headers.append(JSON)
        if answer.cache_status.startswith("hit") and status == 200 and not said.page:
            answer.ready = Ready(int(answer.left), etag, headers, as_sent(headers))
        return Response(status, headers, value if value is not None else b"null")

    async def retry(self, asked: Asked, error: BaseException) -> Response:
        """Go on after a call failed once; raises as answer() does."""
        return self.conclude(asked, await self._answer(asked, self._run(asked.call, error)))

    async def answer(
        self, routes: Routes, match: Match, caller: Caller, scope: Scope, receive: Receive
    ) -> Response:
        """The answer of the endpoint. Raises Problem, and Stale where the routes are outdated."""
        endpoint = match.endpoint
        authorize(endpoint, caller)
        content = await self._content(endpoint, scope, receive)
        given = await self._arguments(match, scope, content)
        await self._hash_passwords(endpoint, given)
        asked = self._asked(routes, endpoint, given, caller, scope)
        if endpoint.bulk is None:
            return self.conclude(asked, await self._answer(asked, self._run(asked.call)))
        return await self._take_in(asked, endpoint.bulk, scope, receive)

    async def _take_in(self, asked: Asked, list_: Bulk, scope: Scope, receive: Receive) -> Response:
        """The answer to a posted list."""
        settings = self._settings
        source = Arriving(scope, receive, settings.max_bulk_bytes, settings.body_timeout)
        taken = Import(list_, asked.call, scope, source)
        answer = await self._answer(asked, taken.run(self._copies))
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._lane.touched(answer.touched, settle(told))
        await told
        response = self.conclude(asked, answer)
        if taken.report is None:
            return response
        # It answers with a report, also where the function says nothing.
        if response.status == 204:
            response = Response(200, [*response.headers, JSON])
        said = response.body or None
        headers = [*response.headers, *taken.applied]
        return Response(response.status, headers, taken.report.body(said))

    def _asked(
        self, routes: Routes, endpoint: Endpoint, given: Given, caller: Caller, scope: Scope
    ) -> Asked:
        said = endpoint.annotation
        catalog, cache = routes.catalog, endpoint.cache
        seen = caller if cache is None else cache.sees(caller, routes.anon_role)
        writes = not endpoint.read_only
        call = Call(
            Context(
                seen.role,
                seen.claims,
                scope["method"],
                scope["path"],
                said.timeout_ms or self._settings.statement_timeout,
                endpoint.read_only,
                _headers_json(scope) if said.headers else None,
            ),
            statement(endpoint, tuple(given)),
            tuple(given.values()),
            (catalog.sets_response and (writes or endpoint.function.sets_response))
            or (catalog.touched is not None and writes),
            said.isolation,
            endpoint.name,
            said.lane,
            catalog.defers and writes,
            None if cache is None else cache.lookup(routes.fingerprint, given, seen),
        )
        return Asked(routes, endpoint, given, caller, scope, call)

    async def _answer(self, asked: Asked, called: Awaitable[Answer]) -> Answer:
        """What was called answers; raises Problem or Stale for what PostgreSQL says instead."""
        try:
            return await called
        except Error as error:
            problem = _problem(error, asked)
            _log_failure(asked, error, problem)
            raise problem from error
        except TimeoutError as error:
            raise too_slow() from error

    async def _content(self, endpoint: Endpoint, scope: Scope, receive: Receive) -> bytes | None:
        settings = self._settings
        if endpoint.bulk is not None or endpoint.method in ("GET", "DELETE"):
            return None
        content = await body(scope, receive, settings.max_body_bytes, settings.body_timeout)
        if content:
            require_type(scope, "application/json")
        return content

    async def _arguments(self, match: Match, scope: Scope, content: bytes | None) -> Given:
        endpoint, query = match.endpoint, scope["query_string"]
        required = if_match(endpoint, scope)
        if content is None or len(content) < _LARGE_BODY:
            return arguments(endpoint, match.path, query, content, required)
        # In a thread: others would wait while a megabyte of JSON is read.
        return await asyncio.to_thread(arguments, endpoint, match.path, query, content, required)

    async def _hash_passwords(self, endpoint: Endpoint, given: Given) -> None:
        for name in endpoint.passwords:
            password = given.get(name)
            if password is None:
                continue
            try:
                passwords.check(password, f"/{name}")
            except ArgumentError as error:
                raise invalid([{"pointer": error.pointer, "detail": error.sentence}]) from None
            given[name] = await self._hasher.hash(password)

    async def _run(self, call: Call, failed: BaseException | None = None) -> Answer:
        """Run a call again where that is safe: lost races, and reads on a lost connection.

        `failed` is what came of the first attempt, if that was made.
        """
        attempt = 1
        while True:
            try:
                if failed is None:
                    return await ask(self._lane, call)
                first, failed = failed, None
                raise first
            except Error as error:
                again = error.sqlstate in _RETRIED or (call.context.read_only and is_lost(error))
                if not again or attempt == _ATTEMPTS:
                    raise
            await asyncio.sleep(random.uniform(0, 0.02) * 2**attempt)  # noqa: S311
            attempt += 1


def _letters(scope: Scope) -> _Letters:
    return scope["method"], scope["raw_path"], scope["query_string"]


def authorize(endpoint: Endpoint, caller: Caller) -> None:
    """EXECUTE is the access list: 401 for one who could log in, 403 for one who has."""
    if caller.role in endpoint.roles:
        return
    if not caller.claims:
        raise unauthorized("This needs a token: log in and send it as Authorization: Bearer.")
    raise Problem(403, f"The role {caller.role} may not do this.", slug="not-permitted")


def _problem(error: Error, asked: Asked) -> Exception:
    if isinstance(error, NoConnectionError) or is_lost(error):
        return unavailable()
    given = asked.given
    position = bind_position(error)
    if position is not None and position <= len(given):
        return _refused(error, asked, tuple(given)[position - 1])
    if error.sqlstate in _STALE and error.diag.context is None:
        return Stale(error)
    names = {each.name for each in asked.endpoint.arguments.values()}
    anonymous = not asked.caller.claims
    return from_database(error, asked.routes.catalog, anonymous=anonymous, names=names)


def _log_failure(asked: Asked, error: Error, problem: Exception) -> None:
    """Tell those who run the server what the client is not told."""
    if not isinstance(problem, Problem) or problem.status < 500:
        return
    given = asked.given.values()
    log.error(
        "%s failed: %s",
        asked.endpoint.function,
        unquoted(error.diag.message_primary or str(error), given),
        extra={
            "request_id": asked.scope["state"]["request_id"],
            "sqlstate": error.sqlstate,
            "context": unquoted(error.diag.context or "", given) or None,
        },
    )


def _refused(error: Error, asked: Asked, name: str) -> Problem:
    """The 422 for an argument that its type's own input function refused."""
    endpoint = asked.endpoint
    of_cursor = ""
    if name not in endpoint.arguments:
        name, _, of_cursor = name.partition(".")
    diag = error.diag
    rule = diag.constraint_name and asked.routes.catalog.rule(
        diag.schema_name, diag.datatype_name, diag.constraint_name
    )
    if of_cursor:
        detail = "is no cursor of this list; take it from a page's Link header"
    elif rule and rule.comment:
        detail = rule.comment
    else:
        detail = f"is no valid {endpoint.arguments[name].type.sql}"
    return invalid([{"pointer": f"/{escape(name)}", "detail": detail}])


def _headers_json(scope: Scope) -> str:
    return json.dumps({k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]})


def _location(template: str, value: bytes | None, given: Given) -> str:
    row = json.loads(value) if value else {}

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return quote(str(row.get(name, given.get(name, ""))), safe="")

    return re.sub(r"\{(\w+)\}", fill, template)


def _status(said: bytes | None) -> int | None:
    if said is None:
        return None
    if not re.fullmatch(rb"[2-5]\d\d", said):
        raise ValueError(f"response.status is {said!r}, which is no HTTP status")
    return int(said)


def _response_headers(said: bytes | None) -> Headers:
    """PostgREST's form: an array of objects with one header each; one object will do."""
    if said is None:
        return []
    parsed = json.loads(said)
    objects = parsed if isinstance(parsed, list) else [parsed]
    headers = []
    for name, value in (pair for each in objects for pair in each.items()):
        text = str(value)
        wrong = not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(text)
        if wrong or name.lower() in _NOT_THEIRS:
            raise ValueError(f"response.headers sets {name!r}, which a function can't")
        headers.append((name.lower().encode(), text.encode("latin-1")))
    return headers
