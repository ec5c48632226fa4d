"""Streams of events: the rows of a function with @events, sent as they come (text/event-stream).

A stream holds no connection of the database. Its function is asked again, as its caller, when one
of its tags was touched, and what it answers is sent at once: so what a caller may see is decided
at the time it is sent. Whether the caller may still come in at all is looked at before.

What was touched is told on by the drain (api/drain.py), and passed on here as soon as every
transaction with a lower number has ended: before that, the function would not show it yet (see
penstock.events_after).
"""

import asyncio
import contextlib
import json
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from api.address import Addresses
from api.annotation import CALLERS_ROLE, CALLERS_SUBJECT
from api.asked import Response, Stale
from api.cache import Cache
from api.callers import Callers
from api.dispatch import Dispatcher, authorize
from api.encode import ArgumentError, check_argument
from api.endpoint import Endpoint
from api.problems import Headers, Problem, invalid
from api.reading import Disconnected, Given, Message, Receive, Scope, arguments, header
from api.routes import Match, Routes
from api.tokens import Caller, wrong_token

log = logging.getLogger("penstock.streams")

HEADERS: Headers = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy that waits for more would hold events up
]
_RETRY_MS = 2_000
_AGAIN_SECONDS = 2.0  # while the database does not answer
_STUCK_SECONDS = 60.0  # for a client that takes nothing
_LOOK_SECONDS = 60.0  # a stream looks this often at least, so that its place stays near the end
_MOST_PENDING = 10_000
_EVERYTHING = "*"
_DATABASE_TROUBLE = (503, 504)


class Exchange(Protocol):
    """What a stream needs of a request: see api/gateway.py."""

    authorizations: list[bytes]
    scope: Scope

    async def forward(self, message: Message) -> None:
        """Send a message of ASGI's, with our headers."""

    async def respond(self, response: Response) -> None:
        """Send a whole answer."""

    def hang_up(self) -> None:
        """End the connection, whatever of the answer is not out yet."""


@dataclass(eq=False, slots=True)
class Stream:
    """One stream. `looks` is whether its function must be asked, `over` whether it must end."""

    caller: Caller
    tags: frozenset[str]
    owner: str
    place: str | None = None
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    looks: bool = True
    over: bool = False
    blocked: bool = False
    hang_up: Callable[[], None] | None = None

    def wake(self, *, looks: bool) -> None:
        """Have it look whether its caller may still come in, and whether there is anything new."""
        self.looks = self.looks or looks
        self.woken.set()

    def end(self) -> None:
        """Have it end; at once where its client takes nothing."""
        self.over = True
        self.woken.set()
        if self.blocked and self.hang_up is not None:
            self.hang_up()


class Streams:
    """All streams of this process, `most` at once and `per_caller` of one caller."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        callers: Callers,
        cache: Cache,
        addresses: Addresses,
        *,
        most: int,
        per_caller: int,
        heartbeat: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._callers = callers
        self._addresses = addresses
        self._most = most
        self._per_caller = per_caller
        self._heartbeat = heartbeat
        self._streams: set[Stream] = set()
        self._owners: Counter[str] = Counter()
        self._by_tag: dict[str, set[Stream]] = {}
        self._by_session: dict[str, set[Stream]] = {}
        self._pending: deque[tuple[int, list[str]]] = deque()
        self._closed = False
        cache.listen(self._hear)

    def __len__(self) -> int:
        return len(self._streams)

    def close(self) -> None:
        """End all streams, and take no new ones: the process is going."""
        self._closed = True
        for stream in list(self._streams):
            stream.end()

    # ── What was touched ─────────────────────────────────────────────────────────────────────────

    def watch(
        self, touched: Iterable[tuple[str, list[str]]], snapshot: str, *, missed: bool
    ) -> None:
        """What was touched up to this snapshot; what was `missed` before may be anything."""
        lowest, highest = (int(part) for part in snapshot.split(":")[:2])
        self._pending.extend((int(xid), tags) for xid, tags in touched)
        if missed or len(self._pending) > _MOST_PENDING:
            self._pending.clear()
            self._tell([_EVERYTHING])
            self._pending.append((highest, [_EVERYTHING]))
        waiting: deque[tuple[int, list[str]]] = deque()
        for xid, tags in self._pending:
            if xid < lowest:
                self._tell(tags)
            else:  # an older transaction still runs, and may have something to say before it
                waiting.append((xid, tags))
        self._pending = waiting

    def _tell(self, tags: Iterable[str]) -> None:
        for tag in tags:
            if tag == _EVERYTHING:
                found: Iterable[Stream] = self._streams
            elif tag.endswith(":*"):
                found = {
                    stream
                    for known, streams in self._by_tag.items()
                    if known.startswith(tag[:-1])
                    for stream in streams
                }
            else:
                found = self._by_tag.get(tag, ())
            for stream in found:
                stream.wake(looks=True)

    def _hear(self, tags: Iterable[str]) -> None:
        """Sessions and keys that were touched: whoever came with one is looked at again."""
        for tag in tags:
            if tag in (_EVERYTHING, "session:*", "api_key:*"):
                found: Iterable[Stream] = self._streams
            else:
                found = self._by_session.get(tag, ())
            for stream in found:
                stream.wake(looks=False)

    # ── One stream ───────────────────────────────────────────────────────────────────────────────

    async def serve(
        self, exchange: Exchange, routes: Routes, match: Match, caller: Caller, receive: Receive
    ) -> None:
        """Stream until the client leaves, or must. Raises Problem, and Stale, before it began."""
        endpoint, scope = match.endpoint, exchange.scope
        authorize(endpoint, caller)
        _require_time(caller)
        given = _given(match, scope)
        if scope["method"] == "HEAD":
            await exchange.respond(Response(200, [*HEADERS]))
            return
        stream = self._open(endpoint, caller, scope)
        leaving = asyncio.create_task(_leave(receive, stream), name="leaving")
        try:
            rows = await self._look(stream, exchange, routes, endpoint, given)
            await exchange.forward(
                {"type": "http.response.start", "status": 200, "headers": [*HEADERS]}
            )
            await self._run(stream, exchange, routes, endpoint, given, rows)
        finally:
            leaving.cancel()
            self._forget(stream)

    def _open(self, endpoint: Endpoint, caller: Caller, scope: Scope) -> Stream:
        owner = f"u:{caller.subject}" if caller.subject else f"a:{self._addresses.of(scope)}"
        if self._owners[owner] >= self._per_caller:
            raise _too_many(
                429, f"You have {self._per_caller} streams already: close one, or share it."
            )
        if self._closed or len(self._streams) >= self._most:
            raise _too_many(503, "There are too many streams; try again shortly.")
        stream = Stream(caller, _tags(endpoint, caller), owner)
        self._streams.add(stream)
        self._owners[owner] += 1
        for tag in stream.tags:
            self._by_tag.setdefault(tag, set()).add(stream)
        if (comes_by := _comes_by(caller)) is not None:
            self._by_session.setdefault(comes_by, set()).add(stream)
        return stream

    def _forget(self, stream: Stream) -> None:
        self._streams.discard(stream)
        self._owners[stream.owner] -= 1
        if not self._owners[stream.owner]:
            del self._owners[stream.owner]
        for tag in stream.tags:
            _discard(self._by_tag, tag, stream)
        if (comes_by := _comes_by(stream.caller)) is not None:
            _discard(self._by_session, comes_by, stream)

    async def _look(
        self,
        stream: Stream,
        exchange: Exchange,
        routes: Routes,
        endpoint: Endpoint,
        given: Given,
    ) -> list[list[str | None]]:
        """What there is after the stream's place, as its caller may see it now."""
        caller = await self._callers.ask(exchange.scope, exchange.authorizations, routes.anon_role)
        _require_time(caller)
        stream.looks = False  # what is touched from here on is looked for again
        try:
            answer = await self._dispatcher.read(routes, endpoint, given, caller, exchange.scope)
        except BaseException:
            stream.looks = True
            raise
        assert answer.row is not None
        rows: list[list[str | None]] = json.loads(answer.row[0] or b"[]")
        if rows:
            given["after"] = rows[-1][0]
            stream.looks = stream.looks or rows[-1][2] is not None  # there may be more
        return rows

    async def _run(
        self,
        stream: Stream,
        exchange: Exchange,
        routes: Routes,
        endpoint: Endpoint,
        given: Given,
        rows: list[list[str | None]],
    ) -> None:
        out = _Out(exchange, stream)
        await out.send(f"retry: {_RETRY_MS}\n" + (_events(rows) or "\n"))
        said, looked, placed = time.monotonic(), time.monotonic(), given.get("after")
        while True:
            # Not before the client has taken what it was sent: so little is ever kept for it.
            await out.send("")
            if not stream.looks and not stream.over:
                next_look = min(said + self._heartbeat, looked + _LOOK_SECONDS)
                await _wait(stream, min(next_look - time.monotonic(), _seconds_left(stream.caller)))
            if stream.over:
                break
            stream.woken.clear()
            now = time.monotonic()
            try:
                if stream.looks or now >= looked + _LOOK_SECONDS:
                    rows = await self._look(stream, exchange, routes, endpoint, given)
                    looked = now
                    text = _events(rows) if any(row[2] is not None for row in rows) else ""
                else:
                    await self._may_stay(stream, exchange, routes)
                    text = ""
            except Problem as problem:
                if problem.status not in _DATABASE_TROUBLE:
                    break  # it may not stay; whoever comes again is told why
                await _pause(stream)
                text = ""
            except Stale:
                break  # the function is another by now: whoever comes again finds it
            if not text and time.monotonic() >= said + self._heartbeat:
                # A place without data is no event, but where to go on from.
                moved = given.get("after") != placed
                text = f":\nid: {_line(given['after'])}\n\n" if moved else ":\n\n"
            if text:
                await out.send(text)
                said, placed = time.monotonic(), given.get("after")
        await out.finish()

    async def _may_stay(self, stream: Stream, exchange: Exchange, routes: Routes) -> None:
        """Problem where a new request of the same caller would not be let in."""
        await self._callers.ask(exchange.scope, exchange.authorizations, routes.anon_role)
        _require_time(stream.caller)


class _Out:
    """Sends, and hangs up where the client takes nothing."""

    def __init__(self, exchange: Exchange, stream: Stream) -> None:
        self._exchange = exchange
        self._stream = stream
        stream.hang_up = exchange.hang_up

    async def send(self, text: str) -> None:
        """Raises Disconnected for a client that is stuck."""
        await self._send({"type": "http.response.body", "body": text.encode(), "more_body": True})

    async def finish(self) -> None:
        """The end of the answer."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _send(self, message: Message) -> None:
        self._stream.blocked = True
        try:
            async with asyncio.timeout(_STUCK_SECONDS):
                await self._exchange.forward(message)
        except TimeoutError:
            self._exchange.hang_up()
            raise Disconnected from None
        finally:
            self._stream.blocked = False


async def _leave(receive: Receive, stream: Stream) -> None:
    """Wait until the client leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _wait(stream: Stream, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0)):
            await stream.woken.wait()


async def _pause(stream: Stream) -> None:
    """Wait for the database; whatever wakes it meanwhile is no use."""
    until = time.monotonic() + _AGAIN_SECONDS
    while not stream.over and (left := until - time.monotonic()) > 0:
        stream.woken.clear()
        await _wait(stream, left)


def _given(match: Match, scope: Scope) -> Given:
    """The function's arguments; Last-Event-ID says where to go on from, whatever `after` says."""
    endpoint = match.endpoint
    given = arguments(endpoint, match.path, scope["query_string"], None)
    last = header(scope, b"last-event-id")
    if last:
        try:
            check_argument(last, "/Last-Event-ID")
            given["after"] = endpoint.arguments["after"].from_text(last, "/Last-Event-ID")
        except ArgumentError as error:
            raise invalid([{"pointer": error.pointer, "detail": error.sentence}]) from None
    return given


def _tags(endpoint: Endpoint, caller: Caller) -> frozenset[str]:
    said = endpoint.annotation.events or ()
    return frozenset(
        tag.replace(CALLERS_SUBJECT, caller.subject).replace(CALLERS_ROLE, caller.role)
        for tag in said
    )


def _comes_by(caller: Caller) -> str | None:
    """The tag that is touched when the caller must not come in any more."""
    if caller.session is not None:
        return f"session:{caller.session}"
    return None if caller.key is None else f"api_key:{caller.key}"


def _seconds_left(caller: Caller) -> float:
    expires = json.loads(caller.claims).get("exp") if caller.claims else None
    return float("inf") if expires is None else float(expires) - time.time()


def _require_time(caller: Caller) -> None:
    if _seconds_left(caller) <= 0:
        raise wrong_token("The token has expired; log in again.")


def _discard(places: dict[str, set[Stream]], name: str, stream: Stream) -> None:
    places[name].discard(stream)
    if not places[name]:
        del places[name]


def _events(rows: Sequence[Sequence[str | None]]) -> str:
    """The rows as they are sent; one without data is a place, and no event."""
    parts = []
    for place, event, data in rows:
        parts.append(f"id: {_line(place)}\n")
        if data is not None:
            parts.append(f"event: {_line(event)}\n" if event else "")
            # Whatever ends a line elsewhere would end it here.
            parts += (f"data: {line}\n" for line in _lines(data))
        parts.append("\n")
    return "".join(parts)


def _line(value: Any) -> str:
    return " ".join(str(value or "").splitlines())


def _lines(data: str) -> list[str]:
    return data.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _too_many(status: int, sentence: str) -> Problem:
    return Problem(status, sentence, slug="too-many-streams", headers=[(b"retry-after", b"5")])
