"""The outermost ASGI application: endpoints of the catalogue first, FastAPI for the rest.

Plain ASGI, because FastAPI's routing and dependencies cost more than the database call; and where
the server hands over a request that has arrived whole, not even a task is made for it. Every
request, whoever answers it, gets an id, its time, a line in the log and a place in the metrics.
"""

import asyncio
import itertools
import logging
import re
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from starlette.types import ASGIApp

from api.asked import Asked, Response, Stale
from api.batch import PATH, Batches
from api.callers import Callers
from api.dispatch import JSON, Dispatcher
from api.door import Door
from api.exports import Export
from api.lane import Answer, Reply
from api.log import AccessLog
from api.metrics import Metrics
from api.negotiation import VARY, form_asked
from api.problems import Headers, Problem, from_database, unavailable
from api.protocol import answer_at_once, cut
from api.reading import Disconnected, Message, Receive, Scope
from api.routes import Match, Routes
from api.streams import Streams
from api.tokens import Caller
from api.watcher import State, Watcher
from api.web import Manner

Send = Callable[[Message], Awaitable[None]]

log = logging.getLogger("penstock.gateway")

PROBLEM = (b"content-type", b"application/problem+json")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_OWN_HEADERS = b"x-request-id: %s\r\nx-process-time: %.6f\r\ncontent-length: %d\r\n"
_JSON_ALONE = [JSON]
_LIST_ALONE = [VARY, JSON]
_CLIENT_GONE = 499
_BODY_ALLOWED = 200


class Gateway:
    """ASGI in, ASGI out."""

    def __init__(
        self,
        pages: ASGIApp,
        watcher: Watcher,
        dispatcher: Dispatcher,
        callers: Callers,
        metrics: Metrics,
        access: AccessLog,
        door: Door,
        batches: Batches,
        streams: Streams,
    ) -> None:
        self._pages = pages
        self._watcher = watcher
        self._dispatcher = dispatcher
        self._callers = callers
        self._metrics = metrics
        self._access = access
        self._door = door
        self._batches = batches
        self._streams = streams
        self._plain = door.web.plain
        self._new_id = _new_ids().__next__
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection event; lifespan and websockets are FastAPI's."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        exchange = Exchange(scope, send, self._new_id, self._plain)
        await self._conclude(exchange, self._serve(exchange, scope, receive))

    async def _conclude(self, exchange: "Exchange", served: Awaitable[None]) -> None:
        """Whatever comes of it, the request is answered and counted."""
        try:
            await served
        except Disconnected:
            exchange.status = _CLIENT_GONE
        except Problem as problem:
            await exchange.problem(problem)
        except Exception:
            log.exception("the request failed", extra={"request_id": exchange.id})
            await exchange.problem(Problem(500, slug="internal"))
        finally:
            self._finish(exchange)

    async def _serve(self, exchange: "Exchange", scope: Scope, receive: Receive) -> None:
        if self._door.looks:
            exchange.manner = self._door.look(scope)
        found = self._find(exchange, scope)
        if found is None and self._batches.are_at(scope["path"]):
            await exchange.respond(await self._batch(exchange, scope, receive))
            return
        if found is None:
            await self._door.check_page(exchange)
            await self._pages(scope, receive, exchange.forward)
            return
        state, match = found
        caller = await self._admit(exchange, scope, state, match)
        if match.endpoint.annotation.events is not None:
            await self._stream(exchange, state.routes, match, caller, receive)
            return
        body = _Replay(receive) if match.endpoint.bulk is None else receive
        try:
            response = await self._dispatcher.answer(state.routes, match, caller, scope, body)
        except Stale as stale:
            if not isinstance(body, _Replay):  # a list that was read is gone
                raise unavailable() from stale
            response = await self._anew(stale, state.routes, caller, scope, body)
        await exchange.respond(response)

    async def _stream(
        self,
        exchange: "Exchange",
        routes: Routes,
        match: Match,
        caller: Caller,
        receive: Receive,
    ) -> None:
        try:
            await self._streams.serve(exchange, routes, match, caller, receive)
        except Stale as stale:
            await self._watcher.refresh(routes)
            raise unavailable() from stale

    def leave(self) -> None:
        """The server is going: end what would not end by itself."""
        self._streams.close()

    def _find(self, exchange: "Exchange", scope: Scope) -> tuple[State, Match] | None:
        """The route; None where it is not one of the catalogue's."""
        state = self._watcher.state
        if state is None:
            return None
        match = state.routes.find(scope["method"], scope["raw_path"].decode("ascii", "replace"))
        if match is None:
            return None
        exchange.route = match.endpoint.path
        return state, match

    def begin(self, scope: Scope, receive: Receive, send: Send, content: bytes) -> bool:
        """Serve a request that has arrived whole, without a task. False where that can't be."""
        exchange = Exchange(scope, send, self._new_id, self._plain)
        try:
            if self._door.looks:
                exchange.manner = self._door.look(scope)
            asked = self._ask(exchange, scope, content)
            if asked is None:
                return False
        except Exception as error:  # noqa: BLE001 -- answered like any other
            self._go_on(exchange, _raise(error))
            return True
        landed = Reply(lambda outcome: self._landed(exchange, receive, asked, outcome))
        self._dispatcher.start(asked, landed)
        return True

    def _ask(self, exchange: "Exchange", scope: Scope, content: bytes) -> Asked | None:
        """The call that a whole request makes; None where making it takes a coroutine."""
        asked = self._ask_again(exchange, scope)
        if asked is not None:
            return asked
        found = self._find(exchange, scope)
        if found is None:
            return None
        state, match = found
        if match.endpoint.limits is not None or match.endpoint.annotation.events is not None:
            return None
        caller = self._known(exchange, scope, state)
        if caller is None:
            return None
        return self._dispatcher.begin(state.routes, match, caller, scope, content)

    def _ask_again(self, exchange: "Exchange", scope: Scope) -> Asked | None:
        """The call of a request that was made before, letter by letter."""
        state = self._watcher.state
        if state is None or scope["state"]["prefer"]:
            return None
        recent = self._dispatcher.recent(state.routes, scope)
        if recent is None:
            return None
        caller = self._known(exchange, scope, state)
        if caller is None:
            return None
        known = recent.get((caller.role, caller.claims))
        if known is None or (known.endpoint.exports and form_asked(scope) is not None):
            return None
        exchange.route = known.endpoint.path
        return Asked(state.routes, known.endpoint, known.given, caller, scope, known.call)

    def _known(self, exchange: "Exchange", scope: Scope, state: State) -> Caller | None:
        """Who calls; None where somebody must be asked for that. Problem 401, 403."""
        anonymous = state.routes.anon_role
        caller = self._callers.known(scope, exchange.authorizations, anonymous)
        if caller is None or caller.quota is not None:
            return None
        exchange.let_in(caller)
        return caller

    async def _admit(
        self, exchange: "Exchange", scope: Scope, state: State, match: Match
    ) -> Caller:
        """Who calls, and may by the route's rates and their key's quota.

        A wrong token counts too, by its address: or they could be tried without end.
        """
        limits, wrong, anonymous = match.endpoint.limits, None, state.routes.anon_role
        try:
            caller = await self._callers.ask(scope, exchange.authorizations, anonymous)
        except Problem as problem:
            if limits is None:
                raise
            caller, wrong = Caller(anonymous, ""), problem
        exchange.let_in(caller)
        if limits is not None:
            await self._door.check(exchange, limits, caller)
        if wrong is not None:
            raise wrong
        if caller.quota is not None:
            await self._door.check_quota(exchange, caller)
        return caller

    def _landed(
        self, exchange: "Exchange", receive: Receive, asked: Asked, outcome: Answer | BaseException
    ) -> None:
        """The call of a request that was begun has come to its end."""
        if isinstance(outcome, BaseException):
            self._go_on(exchange, self._retry(exchange, receive, asked, outcome))
            return
        try:
            response = self._dispatcher.conclude(asked, outcome)
        except Exception as error:  # noqa: BLE001 -- answered like any other
            self._go_on(exchange, _raise(error))
            return
        if exchange.respond_at_once(response):
            self._finish(exchange)
        else:
            self._go_on(exchange, exchange.respond(response))

    def _go_on(self, exchange: "Exchange", served: Awaitable[None]) -> None:
        """Go on with a task where a callback is not enough."""
        task = asyncio.create_task(self._conclude(exchange, served))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _retry(
        self, exchange: "Exchange", receive: Receive, asked: Asked, error: BaseException
    ) -> None:
        try:
            response = await self._dispatcher.retry(asked, error)
        except Stale as stale:
            body = _Replay(receive)
            routes, caller, scope = asked.routes, asked.caller, asked.scope
            response = await self._anew(stale, routes, caller, scope, body)
        await exchange.respond(response)

    async def _anew(
        self, stale: Stale, seen: Routes, caller: Caller, scope: Scope, body: "_Replay"
    ) -> Response:
        """Call what is at the path now."""

        async def answer(routes: Routes) -> Response:
            match = routes.find(scope["method"], scope["raw_path"].decode("ascii", "replace"))
            if match is None:
                raise Problem(404, slug="not-found")
            return await self._dispatcher.answer(routes, match, caller, scope, body)

        return await self._again(stale, seen, caller, body, answer)

    async def _again(
        self,
        stale: Stale,
        seen: Routes,
        caller: Caller,
        body: "_Replay",
        answer: Callable[[Routes], Awaitable[Response]],
    ) -> Response:
        """The function changed before the routes did: look now, and answer by what is there."""
        await self._watcher.refresh(seen)
        state = self._watcher.state
        assert state is not None
        body.rewind()
        try:
            return await answer(state.routes)
        except Stale as still:
            anonymous = not caller.claims
            raise from_database(
                still.error, state.routes.catalog, anonymous=anonymous, names=set()
            ) from stale

    async def _batch(self, exchange: "Exchange", scope: Scope, receive: Receive) -> Response:
        """The answer to many calls in one, see api/batch.py."""
        exchange.route = PATH
        state = self._watcher.state
        if state is None:
            raise unavailable()
        anonymous = state.routes.anon_role
        caller = await self._callers.ask(scope, exchange.authorizations, anonymous)
        exchange.let_in(caller)
        body = _Replay(receive)

        async def answer(routes: Routes, *, counted: bool = True) -> Response:
            return await self._batches.answer(routes, caller, scope, body, counted=counted)

        try:
            return await answer(state.routes, counted=False)
        except Stale as stale:
            return await self._again(stale, state.routes, caller, body, answer)

    def _finish(self, exchange: "Exchange") -> None:
        seconds = time.perf_counter() - exchange.started
        self._metrics.observe(exchange.method, exchange.route, exchange.status, seconds)
        self._access.write(
            exchange.id,
            exchange.method,
            exchange.path,
            exchange.route,
            exchange.status,
            seconds,
            exchange.role,
            self._door.addresses.of(exchange.scope),
        )


class _Replay:
    """A receive that can hand out the same messages again."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._messages: list[Message] = []
        self._position = 0

    async def __call__(self) -> Message:
        if self._position == len(self._messages):
            self._messages.append(await self._receive())
        self._position += 1
        return self._messages[self._position - 1]

    def rewind(self) -> None:
        self._position = 0


class Exchange:
    """One request and its answer on the way out."""

    def __init__(self, scope: Scope, send: Send, new_id: Callable[[], str], manner: Manner) -> None:
        self.started = time.perf_counter()
        self.scope = scope
        self.manner = manner
        self.limits: Headers = []
        self.private = False
        self.authorizations: list[bytes] = []
        given, prefer = "", b""
        for name, value in scope["headers"]:
            if name == b"authorization":
                self.authorizations.append(value)
            elif name == b"x-request-id":
                given = value.decode("latin-1")
            elif name == b"prefer":
                prefer = prefer + b"," + value if prefer else value
        self.id = given if given and _REQUEST_ID.fullmatch(given) else new_id()
        scope["state"] = {"request_id": self.id, "prefer": prefer}
        self.method: str = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self.path: str = scope["path"]
        self.route = "none"
        self.role = ""
        self.status = 500
        self._head_only = scope["method"] == "HEAD"
        self._send = send
        self._begun = False

    def let_in(self, caller: Caller) -> None:
        """Whose request it is."""
        self.role = caller.role
        self.private = self.private or bool(caller.claims)

    def _common(self) -> Headers:
        seconds = time.perf_counter() - self.started
        return [
            (b"x-request-id", self.id.encode()),
            (b"x-process-time", f"{seconds:.6f}".encode()),
            *self.limits,
        ]

    def _beside(self, headers: Headers) -> Manner:
        """The headers that are the same in all answers like this one."""
        private = self.private or bool(self.authorizations)
        if headers in (_JSON_ALONE, _LIST_ALONE):  # as of nearly every read
            return self.manner.unkept if private else self.manner
        return self.manner.beside(headers, private=private)

    async def forward(self, message: Message) -> None:
        """Send what FastAPI answers, with our headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self._begun = True
            headers = [*message["headers"]]
            own = [*self._beside(headers).pairs, *self._common()]
            message = {**message, "headers": headers + own}
        await self._send(message)

    def _begin(self, response: Response) -> tuple[Headers, bytes]:
        """All headers, and the body as it goes out."""
        self.status = response.status
        self._begun = True
        has_body = _has_body(response.status)
        headers = [*response.headers, *self._common()]
        if has_body:
            headers.append((b"content-length", b"%d" % len(response.body)))
        return headers, response.body if has_body and not self._head_only else b""

    def respond_at_once(self, response: Response) -> bool:
        """Send a whole answer in one write; False where the server is not ready for that."""
        if self._head_only or self.limits or not _has_body(response.status):
            headers, body = self._begin(response)
            head = self._beside(response.headers).head
            return answer_at_once(self._send, response.status, headers, body, head)
        self.status = response.status
        self._begun = True
        if response.head:  # nothing is left but what differs each time
            headers, manner = [], self.manner
        else:
            headers, manner = response.headers, self._beside(response.headers)
        seconds = time.perf_counter() - self.started
        own = self.id.encode(), seconds, len(response.body)
        head = response.head + manner.head + _OWN_HEADERS % own
        return answer_at_once(self._send, response.status, headers, response.body, head)

    async def respond(self, response: Response) -> None:
        """Send a whole answer."""
        if response.export is not None:
            await self._export(response, response.export)
            return
        headers, body = self._begin(response)
        manner = self._beside(response.headers)
        if answer_at_once(self._send, response.status, headers, body, manner.head):
            return
        headers += manner.pairs
        await self._send(
            {"type": "http.response.start", "status": response.status, "headers": headers}
        )
        await self._send({"type": "http.response.body", "body": body})

    def hang_up(self) -> None:
        """End the connection, whatever of the answer is not out yet."""
        cut(self._send)

    async def _export(self, response: Response, export: Export) -> None:
        """Send what comes bit by bit; hang up where it breaks off, or it would look whole."""
        self.status = response.status
        self._begun = True
        own = [*self._common(), *self._beside(response.headers).pairs]
        start = {
            "type": "http.response.start",
            "status": response.status,
            "headers": response.headers + own,
        }
        try:
            await export.send(self._send, start, head_only=self._head_only)
        except BaseException as error:
            self.status = error.status if isinstance(error, Problem) else 500
            self.hang_up()
            raise

    async def problem(self, problem: Problem) -> None:
        """Send a problem document, unless an answer has begun."""
        if self._begun:
            return
        headers = [*problem.headers]
        if problem.status != 204:
            headers.append(PROBLEM)
        await self.respond(Response(problem.status, headers, problem.body(self.id)))


def _has_body(status: int) -> bool:
    return status == 200 or (status >= _BODY_ALLOWED and status not in (204, 304))


async def _raise(error: Exception) -> None:
    raise error


def _new_ids() -> Iterator[str]:
    """Ids that no other process will use: a random beginning, and a number that goes up."""
    start = secrets.token_hex(8)
    for number in itertools.count(1):
        yield f"{start}{number:016x}"


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def fastapi_problem(problem: Problem, scope: Scope) -> dict[str, Any]:
    """The same answer as keyword arguments of a Starlette response."""
    headers = {name.decode(): value.decode() for name, value in problem.headers}
    return {
        "content": problem.body(scope["state"]["request_id"]),
        "status_code": problem.status,
        "media_type": PROBLEM[1].decode(),
        "headers": headers,
    }
