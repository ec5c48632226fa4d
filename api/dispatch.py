"""From a request that found its route to an answer.

Most requests have arrived whole, and their call needs no thread before it: they are begun at once
and answered from a callback (`Dispatcher.begin`, `Dispatcher.conclude`). All others, and those
whose call failed, go the same way as coroutines (`Dispatcher.answer`, `Dispatcher.retry`).
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar
from uuid import UUID

from psycopg import Error

from api import answering, exports, once, passwords, prefer, unloading
from api.arriving import Arriving
from api.asked import Asked, Response
from api.bulk import Import
from api.cache import Cache, settle
from api.conditions import cache_headers, entity_tag, if_match, is_known
from api.copying import CopyLane
from api.encode import ArgumentError
from api.endpoint import Bulk, Endpoint, Shape
from api.exports import Exports, Order
from api.lane import (
    Answer,
    Call,
    Context,
    Once,
    Promise,
    Ready,
    ask,
    back_off,
    may_try_again,
)
from api.long_calls import ADVANCE, BEGIN, WISH, LongCall, LongCalls, Outcome, RepeatedError
from api.negotiation import VARY, Form, form_asked, takes_gzip
from api.once import OnceKeeper
from api.paging import next_link
from api.passwords import Passwords
from api.problems import (
    Headers,
    Problem,
    from_database,
    invalid,
    too_slow,
    unauthorized,
)
from api.protocol import as_sent
from api.reading import Given, Receive, Scope, arguments, body, header, require_type
from api.routes import Match, Routes
from api.settings import Settings
from api.statement import statement
from api.tokens import Caller
from api.verdicts import broken_off, judged, problem_of

JSON = (b"content-type", b"application/json")
_LARGE_BODY = 32_768
T = TypeVar("T")
_MOST_RECENT = 10_000
_Letters = tuple[str, bytes, bytes]
_Who = tuple[str, str]


@dataclass(slots=True)
class Known:
    """A call that was made before, and may be made again as it is."""

    endpoint: Endpoint
    given: Given
    call: Call


class Dispatcher:
    """Checks, reads, calls and answers."""

    def __init__(
        self,
        settings: Settings,
        lane: Cache,
        copies: CopyLane,
        exports: Exports,
        hasher: Passwords,
        long_calls: LongCalls,
    ) -> None:
        self._settings = settings
        self._lane = lane
        self._copies = copies
        self._exports = exports
        self._hasher = hasher
        self._long_calls = long_calls
        self._keeper = OnceKeeper(self.run)
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
        if scope["state"]["prefer"] or _may_be_once(endpoint, scope):
            return None
        if endpoint.exports and form_asked(scope) is not None:
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
        asked = self.asked(routes, endpoint, given, caller, scope)
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
        headers: Headers = [VARY] if endpoint.exports else []
        if endpoint.cache is not None:
            headers += cache_headers(endpoint.cache.policy, answer)
        if value is None and (said.single or endpoint.shape is Shape.ONE):
            raise Problem(
                404, "There is nothing of that name or number.", slug="not-found", headers=headers
            )
        if said.deprecated:
            headers.append((b"deprecation", b"true"))
        if said.location:
            target = answering.location(said.location, value, given)
            headers.append((b"location", (self._settings.api_prefix + target).encode()))
        if said.page and answer.row and answer.row[1] is not None:
            link = next_link(scope["path"], scope["query_string"], answer.row[1])
            headers.append((b"link", link))
        status = answering.status(answer.status) or endpoint.status
        headers.extend(answering.headers(answer.headers))
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
        return self.conclude(asked, await self._answer(asked, self.run(asked.call, error)))

    async def answer(
        self, routes: Routes, match: Match, caller: Caller, scope: Scope, receive: Receive
    ) -> Response:
        """The answer of the endpoint. Raises Problem, and Stale where the routes are outdated."""
        endpoint = match.endpoint
        authorize(endpoint, caller)
        key = key_of(endpoint, scope)
        content = await self._content(endpoint, scope, receive)
        given = await self._arguments(match, scope, content)
        request = once.digest(endpoint.name, tellable(endpoint, given)) if key else ""
        await self.hash_passwords(endpoint, given)
        asked = self.asked(routes, endpoint, given, caller, scope)
        if endpoint.exports and (form := form_asked(scope)) is not None:
            return await self._export(asked, form, receive)
        marks: Headers = []
        if self.rehearses(scope):
            asked.call = _rehearsal(asked.call)
            marks += prefer.applied("tx=rollback")
        if key:
            found = Once(endpoint.name, key, request, self.wait_ms(asked.call.context.timeout_ms))
            if endpoint.bulk is not None:  # what is asked is known when all of it is there
                asked.call = replace(asked.call, once=found)
            else:
                asked.call = once.keep(asked.call, found, endpoint.status)
        try:
            taken: Import | Response | None = None
            if endpoint.bulk is not None:
                answer, taken = await self._take_in(asked, endpoint.bulk, scope, receive)
            else:
                answer = await self._answer(asked, self._made(asked))
            if answer.replayed:
                marks += once.REPLAYED
            if taken is None:
                response = self.conclude(asked, answer)
            elif isinstance(taken, Import):
                response = self._reported(asked, taken, answer)
            else:
                response = taken
        except Problem as problem:
            problem.headers = [*problem.headers, *marks]
            raise
        response.headers = [*response.headers, *marks]
        return response

    async def _take_in(
        self, asked: Asked, list_: Bulk, scope: Scope, receive: Receive
    ) -> tuple[Answer, Import | Response]:
        """The function's answer to a posted list and what else is to say; 202 with its response."""
        settings = self._settings
        told = once.digesting(asked.endpoint.name, asked.given)
        told.update(b"\0\0\0" + scope["state"]["prefer"] + b"\0")
        hears = None if asked.call.once is None else told.update
        source = Arriving(scope, receive, settings.max_bulk_bytes, settings.body_timeout, hears)
        status = asked.endpoint.status
        problem = partial(
            from_database,
            catalog=asked.routes.catalog,
            anonymous=not asked.caller.claims,
            names={each.name for each in list_.fields},
        )
        if (found := self._job(asked)) is not None:
            call = replace(asked.call, once=None)
            taken = Import(list_, call, scope, source, told.hexdigest, status, problem)
            return await self._put_off(asked, taken, found, told.hexdigest)
        taken = Import(list_, asked.call, scope, source, told.hexdigest, status, problem)
        called = self._once(asked, lambda _: taken.run(self._copies))
        answer = await self._answer(asked, called)
        await self.forget(answer.touched)
        return answer, taken

    def _reported(self, asked: Asked, taken: Import, answer: Answer) -> Response:
        """The response for what became of a list. Raises Problem."""
        whole = taken.whole(answer)
        response = self.conclude(asked, answer)
        headers = [*response.headers, *taken.applied]
        if whole is None:
            return Response(response.status, headers, response.body)
        # It answers with a report, also where the function says nothing.
        headers += [] if JSON in headers else [JSON]
        return Response(200 if response.status == 204 else response.status, headers, whole)

    def _job(self, asked: Asked) -> Endpoint | None:
        """Where the caller may ask what became of it, if they wish to be answered before it is."""
        routes = asked.routes
        wished = prefer.wishes(asked.scope["state"]["prefer"])
        if WISH not in wished or asked.call.rolls_back or not routes.catalog.goes_on:
            return None
        endpoint = routes.job
        return endpoint if endpoint and asked.caller.role in endpoint.roles else None

    async def _put_off(
        self, asked: Asked, taken: Import, job: Endpoint, request: Callable[[], str]
    ) -> tuple[Answer, Response]:
        """The answer to a list that goes on after it; how it is known by `request` is said late."""

        context = replace(asked.call.context, timeout_ms=self._settings.statement_timeout)

        async def begin(id_: UUID, lines: int) -> Answer:
            name = asked.endpoint.name
            call = Call(context, BEGIN, (str(id_), name, str(lines)), reads_out=False, name=BEGIN)
            if asked.call.once is not None:
                call = once.keep(call, replace(asked.call.once, request=request()), 202)
            return await self._once(replace(asked, call=call), self.run)

        async def advance(id_: UUID, done: int) -> Answer:
            said = str(id_), str(done)
            return await self.run(Call(context, ADVANCE, said, reads_out=False, name=ADVANCE))

        request_id = asked.scope["state"]["request_id"]

        def outcome(answer: Answer) -> Outcome:
            try:
                response = self._reported(asked, taken, answer)
            except Problem as problem:
                return problem.status, problem.body(request_id)
            return response.status, response.body or None

        def judge(error: BaseException) -> Outcome:
            problem = problem_of(asked, error)
            return problem.status, problem.body(request_id)

        long = LongCall(replace(asked.call, once=None), begin, advance, outcome, judge)
        work = self._go_on(taken, long)
        answer = await self._answer(asked, self._long_calls.start(long, work))
        assert answer.row is not None
        assert answer.row[0] is not None
        id_ = json.loads(answer.row[0])
        said = await self.read(asked.routes, job, {"job_id": id_}, asked.caller, asked.scope)
        headers: Headers = [
            JSON,
            (b"location", f"{self._settings.api_prefix}/jobs/{id_}".encode()),
            *prefer.applied(WISH),
            *taken.applied,
        ]
        return answer, Response(202, headers, (said.row and said.row[0]) or b"null")

    async def _go_on(self, taken: Import, long: LongCall) -> None:
        """Take a list in, whoever waits for it; what fails after it was begun is noted."""
        try:
            answer = await taken.run(self._copies, long)
        except RepeatedError:
            return
        except BaseException:
            if not long.is_begun:
                raise
            return
        await self.forget(answer.touched)

    async def _made(self, asked: Asked) -> Answer:
        answer = await self._once(asked, self.run)
        if answer.replayed:
            await self.forget(answer.touched)
        return answer

    async def _once(self, asked: Asked, run: Callable[[Call], Awaitable[Answer]]) -> Answer:
        """The call's answer, or the one that was given before to the same request."""
        if asked.call.once is None:
            return await run(asked.call)
        return await self._keeper.answer(asked.call, asked.caller.subject, run)

    async def forget(self, touched: bytes | None) -> None:
        """End what was kept of what a committed transaction touched (Answer.touched)."""
        told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._lane.touched(touched, settle(told))
        await told

    def rehearses(self, scope: Scope) -> bool:
        """Whether all is to be taken back after it was answered."""
        wanted: bytes = scope["state"]["prefer"]
        return bool(wanted) and self._settings.tx_rollback and prefer.rolls_back(wanted)

    def wait_ms(self, timeout_ms: int) -> int:
        """For how long a call with that timeout waits for another with its key."""
        return max(1, min(self._settings.idempotency_wait, timeout_ms // 2))

    async def read(
        self, routes: Routes, endpoint: Endpoint, given: Given, caller: Caller, scope: Scope
    ) -> Answer:
        """What a function that only reads answers, for a stream. Raises Problem, and Stale."""
        asked = self.asked(routes, endpoint, given, caller, scope)
        return await self._answer(asked, self.run(asked.call))

    def asked(
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
            catalog.defers and catalog.touched is not None and writes,
            None if cache is None else cache.lookup(routes.fingerprint, given, seen),
        )
        return Asked(routes, endpoint, given, caller, scope, call)

    async def _export(self, asked: Asked, form: Form, receive: Receive) -> Response:
        """A list as a file: as the same caller, past the cache, with a time of its own."""
        endpoint, given = asked.endpoint, asked.given
        timeout = endpoint.annotation.timeout_ms or self._settings.export_timeout
        order = Order(
            replace(asked.call.context, timeout_ms=timeout),
            tuple(given.values()),
            unloading.settings_statement(endpoint, given),
            unloading.copy_statement(asked.routes.catalog, endpoint, given, form),
            form,
            endpoint.annotation.isolation,
        )
        export = await self._answer(asked, self._exports.open(order, receive))
        packs = takes_gzip(asked.scope)
        export.prepare(packs=packs, failed=partial(broken_off, asked, export))
        headers = exports.headers(endpoint, form, packs=packs)
        if endpoint.annotation.deprecated:
            headers.append((b"deprecation", b"true"))
        return Response(endpoint.status, headers, export=export)

    async def _answer(self, asked: Asked, called: Awaitable[T]) -> T:
        """What was called answers; raises Problem or Stale for what PostgreSQL says instead."""
        try:
            return await called
        except Error as error:
            raise judged(asked, error) from error
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

    async def hash_passwords(self, endpoint: Endpoint, given: Given) -> None:
        for name in endpoint.passwords:
            password = given.get(name)
            if password is None:
                continue
            try:
                passwords.check(password, f"/{name}")
            except ArgumentError as error:
                raise invalid([{"pointer": error.pointer, "detail": error.sentence}]) from None
            given[name] = await self._hasher.hash(password)

    async def run(self, call: Call, failed: BaseException | None = None) -> Answer:
        """Run a call again where that is safe: lost races, and lost connections if it may repeat.

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
                if not may_try_again(error, attempt, repeatable=_may_repeat(call)):
                    raise
            await back_off(attempt)
            attempt += 1


def key_of(endpoint: Endpoint, scope: Scope) -> str | None:
    """The Idempotency-Key, where one counts. Raises Problem 400."""
    said = endpoint.annotation.idempotent
    return None if said is None else once.key_of(scope, required=said == "required")


def _may_be_once(endpoint: Endpoint, scope: Scope) -> bool:
    said = endpoint.annotation.idempotent
    return said is not None and (said == "required" or header(scope, once.HEADER) is not None)


def tellable(endpoint: Endpoint, given: Given) -> Given:
    """The arguments without passwords."""
    return {name: value for name, value in given.items() if name not in endpoint.passwords}


def _rehearsal(call: Call) -> Call:
    """The same call, of which nothing stays, and nothing is kept. A read leaves nothing anyway."""
    if call.context.read_only:
        return replace(call, lookup=None)
    # What is put off to the end would be asked at the COMMIT that never comes.
    return replace(call, rolls_back=True, settles=True)


def _may_repeat(call: Call) -> bool:
    """Whether it does no more if it is made twice."""
    return call.context.read_only or call.rolls_back or call.once is not None


def _letters(scope: Scope) -> _Letters:
    return scope["method"], scope["raw_path"], scope["query_string"]


def authorize(endpoint: Endpoint, caller: Caller) -> None:
    """EXECUTE is the access list: 401 for one who could log in, 403 for one who has."""
    if caller.role in endpoint.roles:
        return
    if not caller.claims:
        raise unauthorized("This needs a token: log in and send it as Authorization: Bearer.")
    raise Problem(403, f"The role {caller.role} may not do this.", slug="not-permitted")


def _headers_json(scope: Scope) -> str:
    return json.dumps({k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]})
