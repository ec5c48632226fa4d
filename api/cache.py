"""A lane in front of the lanes: answers reads from what was kept, while that is the truth.

The fence. Each tag has a random version in the store. An answer is kept together with the versions
of its tags, which were read before the database was; it counts only while they are the same, and
answer and versions are read at one moment. Whoever changes something forgets the versions of its
tags after the commit and before the client hears of it: a read that begins later finds others.

The lease. What was changed by others than this API (psql, a process that was killed before it
could forget a version) stands in penstock.touches, which the drain reads all the time. Hits are
trusted for a second from the beginning of a drain that went well, so no answer is ever older.
"""

import asyncio
import json
import logging
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from typing import TypeVar

from psycopg import Error
from psycopg.errors import QueryCanceled

from api.lane import Answer, Call, Lane, Lookup, NoConnectionError, Promise, Reply, is_lost
from api.metrics import Metrics
from api.stores import Store, Values, nothing

T = TypeVar("T")

log = logging.getLogger("penstock.cache")

LEASE_SECONDS = 1.0
_LOCK_MS = 2_000
_RENEW_SECONDS = 0.7
_FIRST_POLL_SECONDS = 0.005
_LONGEST_POLL_SECONDS = 0.050
_LARGEST_BYTES = 1 << 20
_MOST_OWED = 10_000
_MOST_OPEN = 1_024
_SMALL_BYTES = 16_384
_EVERYTHING = b"*"
_HEAD = struct.Struct("<BBd16sII")  # form, flags, when, owner, lengths of etag and second column
_FORM = 1
_NO_ROW, _NO_VALUE, _NO_NEXT = 1, 2, 4


@dataclass(slots=True)
class Kept:
    """An answer as it was kept, for its owner."""

    owner: bytes
    versions: bytes
    at: float
    answer: Answer


@dataclass(slots=True)
class Asker:
    """A read that waits: its call, and what to fall back on if the database does not answer."""

    call: Call
    lookup: Lookup
    promise: Promise
    why: str
    old: Kept | None


@dataclass(slots=True)
class Flight:
    """One call of the database for all who ask the same, and have seen the same versions."""

    name: bytes
    versions: bytes
    first: Asker
    others: list[Asker] = field(default_factory=list)
    leads: bool = False
    pause: float = _FIRST_POLL_SECONDS


class Cache:
    """See the module."""

    def __init__(self, lanes: Lane, metrics: Metrics) -> None:
        self._lanes = lanes
        self._metrics = metrics
        self._store: Store | None = None
        self._trusted_until = 0.0
        self._heard_until = 0.0
        self._owed: set[bytes] = set()
        self._unsure: list[Callable[[bool], None]] = []
        self._trouble_since: float | None = None
        self._flights: dict[bytes, Flight] = {}
        self._open: dict[bytes, tuple[bytes, Kept]] = {}
        self._local: dict[bytes, tuple[float, Answer]] = {}
        self._listeners: list[Callable[[Iterable[str]], None]] = []
        self.wake: Callable[[], None] = nothing

    def open(self, store: Store | None) -> None:
        """Keep answers there from now on; nowhere with None."""
        self._store = store
        if store is not None:
            store.changed = self._lost

    async def close(self) -> None:
        """Let go of the store."""
        if self._store is not None:
            await self._store.close()

    # ── Calls ────────────────────────────────────────────────────────────────────────────────────

    def start(self, call: Call, promise: Promise) -> None:
        """See Lane."""
        if call.lookup is not None:
            self._read(call, call.lookup, promise)
        elif call.reads_out:
            self._lanes.start(call, Reply(partial(self._changed, promise)))
        else:
            self._lanes.start(call, promise)

    def _read(self, call: Call, lookup: Lookup, promise: Promise) -> None:
        store, policy = self._store, lookup.policy
        if policy.local and (answer := self._at_hand(lookup)) is not None:
            self._count(lookup, "hit")
            promise.set_result(answer)
            return
        trusted = self._trusts(lookup)
        if store is None or not store.up or not (trusted or policy.stale):
            self._pass_by(Asker(call, lookup, promise, "bypass", None))
            return
        asked = time.monotonic()

        def found(values: Values | None) -> None:
            old = None if values is None else self._opened(values[0], lookup)
            if values is None or not trusted:
                self._pass_by(Asker(call, lookup, promise, "bypass", old))
                return
            versions = values[1:]
            if old is not None and old.versions == _joined(versions):
                left = old.at + policy.ttl - time.time()
                if left > 0:
                    self._hit(lookup, promise, old.answer, left, asked)
                    return
            asker = Asker(call, lookup, promise, "uri-miss" if old is None else "stale", old)
            self._miss(asker, versions)

        store.read(lookup.keys, found)

    def _opened(self, packed: bytes | None, lookup: Lookup) -> Kept | None:
        """What was kept; the same object for the same bytes, so that it is made ready once."""
        if packed is None:
            return None
        known = self._open.get(lookup.key)
        if known is not None and known[0] == packed and known[1].owner == lookup.owner:
            return known[1]
        kept = _unpack(packed, lookup)
        if kept is not None and len(packed) <= _SMALL_BYTES:
            if len(self._open) >= _MOST_OPEN:
                self._open.clear()
            self._open[lookup.key] = packed, kept
        return kept

    def _at_hand(self, lookup: Lookup) -> Answer | None:
        """What a route's own processes may give out without asking."""
        found = self._local.get(lookup.key)
        if found is None or found[0] < time.monotonic():
            return None
        return found[1]

    def _hit(
        self, lookup: Lookup, promise: Promise, answer: Answer, left: float, asked: float
    ) -> None:
        answer.left = left
        if answer.ready is None or answer.ready.left != int(left):
            answer.cache_status = f"hit; ttl={int(left)}"
        self._count(lookup, "hit")
        if lookup.policy.local and lookup.key in self._open:  # small enough
            self._keep_at_hand(lookup, answer, asked + min(lookup.policy.local, left))
        if not promise.done():
            promise.set_result(answer)

    def _keep_at_hand(self, lookup: Lookup, answer: Answer, until: float) -> None:
        if len(self._local) >= _MOST_OPEN:
            self._local.clear()
        self._local[lookup.key] = until, answer

    def _pass_by(self, asker: Asker) -> None:
        """Ask the database and keep nothing."""
        self._count(asker.lookup, "bypass")
        call = asker.call
        self._lanes.start(call, Reply(lambda outcome: self._answer(asker, outcome, stored=False)))

    # ── Misses ───────────────────────────────────────────────────────────────────────────────────

    def _miss(self, asker: Asker, versions: Values) -> None:
        """Make sure that each tag has a version, and only then read the database."""
        store = self._store
        assert store is not None
        missing = [
            key
            for key, version in zip(asker.lookup.keys[1:], versions, strict=True)
            if version is None
        ]
        if not missing:
            self._join(asker, _joined(versions))
            return

        def ensured(made: Values | None) -> None:
            if made is None or None in made:
                self._pass_by(asker)
                return
            fresh = iter(made)
            whole = [next(fresh) if version is None else version for version in versions]
            self._join(asker, _joined(whole))

        store.ensure(missing, ensured)

    def _join(self, asker: Asker, versions: bytes) -> None:
        """Wait for the call that is under way, if it began under the same versions."""
        name = asker.lookup.key + versions
        flight = self._flights.get(name)
        if flight is not None:
            flight.others.append(asker)
            return
        flight = self._flights[name] = Flight(name, versions, asker)
        self._take(flight)

    def _take(self, flight: Flight) -> None:
        """Lead, if no other process does."""
        store = self._store
        assert store is not None

        def taken(mine: bool | None) -> None:
            if mine is False:
                asyncio.get_running_loop().call_later(flight.pause, self._poll, flight)
                return
            flight.leads = True
            if store.shared:
                self._renew(flight)
            self._lanes.start(flight.first.call, Reply(partial(self._landed, flight)))

        store.take(b"l:" + flight.name, _LOCK_MS, taken)

    def _renew(self, flight: Flight) -> None:
        """Hold the lock for as long as the call takes."""

        def again() -> None:
            if self._flights.get(flight.name) is flight and self._store is not None:
                self._store.keep(b"l:" + flight.name, _LOCK_MS)
                self._renew(flight)

        asyncio.get_running_loop().call_later(_RENEW_SECONDS, again)

    def _poll(self, flight: Flight) -> None:
        """Look whether the process that leads is done, or gone."""
        store = self._store
        assert store is not None
        lookup = flight.first.lookup

        def seen(values: Values | None) -> None:
            kept = None if values is None else _unpack(values[0], lookup)
            if kept is not None and kept.versions == flight.versions:
                self._land(flight, kept.answer, stored=False)
            elif values is None or values[1] is None:
                self._take(flight)
            else:
                flight.pause = min(flight.pause * 1.5, _LONGEST_POLL_SECONDS)
                asyncio.get_running_loop().call_later(flight.pause, self._poll, flight)

        store.read([lookup.keys[0], b"l:" + flight.name], seen)

    def _landed(self, flight: Flight, outcome: Answer | BaseException) -> None:
        """The database has answered the flight that this process leads."""
        stored = False
        try:
            stored = isinstance(outcome, Answer) and self._keep(flight, outcome)
        except Exception:  # the answer is good, whatever became of its copy
            log.exception("an answer of %s could not be kept", flight.first.lookup.route)
        if self._store is not None:
            self._store.give(b"l:" + flight.name)
        self._land(flight, outcome, stored=stored)

    def _keep(self, flight: Flight, answer: Answer) -> bool:
        """Keep the answer under the versions that were read before it; whether that was tried."""
        store, lookup = self._store, flight.first.lookup
        assert store is not None
        if answer.status is not None or answer.headers is not None:
            return False  # a function that sets them speaks to this caller
        answer.etag = etag_of(answer, lookup.version)
        packed = _pack(answer, lookup, flight.versions)
        if len(packed) > _LARGEST_BYTES or not store.up:
            return False
        seconds = lookup.policy.ttl + lookup.policy.stale
        store.write(lookup.keys[0], packed, int(seconds * 1000))
        self._metrics.kept(lookup.route, len(packed))
        return True

    def _land(self, flight: Flight, outcome: Answer | BaseException, *, stored: bool) -> None:
        del self._flights[flight.name]
        self._count(flight.first.lookup, "miss" if flight.leads else "collapsed")
        self._answer(flight.first, outcome, stored=stored, collapsed=not flight.leads)
        for asker in flight.others:
            self._count(asker.lookup, "collapsed")
            self._answer(asker, outcome, stored=stored, collapsed=True)

    def _answer(
        self,
        asker: Asker,
        outcome: Answer | BaseException,
        *,
        stored: bool,
        collapsed: bool = False,
    ) -> None:
        if asker.promise.done():
            return
        if isinstance(outcome, Answer):
            status = f"fwd={asker.why}"
            if collapsed:
                status += "; collapsed"
            elif stored:
                status += "; stored"
            left = asker.lookup.policy.ttl if stored or collapsed else 0.0
            row, etag = outcome.row, outcome.etag
            answer = Answer(row, outcome.status, outcome.headers, etag=etag)
            answer.cache_status, answer.left = status, left
            asker.promise.set_result(answer)
            return
        old, policy = asker.old, asker.lookup.policy
        if policy.stale and old is not None and _unanswered(outcome):
            left = old.at + policy.ttl - time.time()
            if left + policy.stale > 0:
                self._count(asker.lookup, "stale")
                answer = Answer(old.answer.row, etag=old.answer.etag)
                answer.cache_status = f"hit; ttl={left:.0f}; detail=database-unavailable"
                asker.promise.set_result(answer)
                return
        asker.promise.set_exception(outcome)

    # ── Changes ──────────────────────────────────────────────────────────────────────────────────

    def listen(self, listener: Callable[[Iterable[str]], None]) -> None:
        """Tell somebody of every tag that is touched, by whomever, within a second."""
        self._listeners.append(listener)

    def heard(
        self, touched: Iterable[tuple[str, list[str]]], began: float, *, missed: bool
    ) -> None:
        """Tell the listeners what was touched up to a drain that `began` then.

        What was `missed` before may be anything, so they are told of everything.
        """
        tags = [tag for _, tags in touched for tag in tags if tag]
        if missed:
            tags.append(_EVERYTHING.decode())
            if self._store is not None and not self._store.shared:
                self._owed.add(_EVERYTHING)  # nobody else has told a store of our own
        if tags:
            self._tell(tags)
        self._heard_until = began + LEASE_SECONDS

    @property
    def hears(self) -> bool:
        """Whether the listeners have been told of all that was touched a second ago and before."""
        return time.monotonic() < self._heard_until

    def _changed(self, promise: Promise, outcome: Answer | BaseException) -> None:
        """A change is committed: nobody hears of it before its tags have lost their versions."""
        if isinstance(outcome, BaseException):
            if not promise.done():
                promise.set_exception(outcome)
            return

        def done(_: bool) -> None:
            if not promise.done():
                promise.set_result(outcome)

        self.touched(outcome.touched, done)

    def touched(self, said: bytes | None, then: Callable[[bool], None]) -> None:
        """Forget the versions of what a committed transaction touched (Answer.touched).

        `then` is told whether that is certain: at once, or as soon as the store is back. After a
        second it is true in any case, for by then all others have read it from the database, or
        trust no hit. A store that has been out of reach for longer is not waited for: the others
        may be a second late then.
        """
        if said is None or self._store is None:
            then(True)
            return
        xid, *tags = json.loads(said)
        self._tell(tags)

        def forgotten(done: bool) -> None:
            if done:
                then(True)
            else:
                self._wait(then)

        self._forget(tags, [xid], forgotten)

    def _wait(self, then: Callable[[bool], None]) -> None:
        now = time.monotonic()
        if self._trouble_since is None:
            self._trouble_since = now
        if now > self._trouble_since + LEASE_SECONDS:
            then(False)
            return

        def give_up() -> None:
            if then in self._unsure:
                self._unsure.remove(then)
                then(False)

        self._unsure.append(then)
        asyncio.get_running_loop().call_later(LEASE_SECONDS, give_up)
        self.wake()

    def _tell(self, tags: Iterable[str]) -> None:
        for listener in self._listeners:
            listener(tags)

    def _forget(
        self, tags: Iterable[str], xids: Iterable[str], then: Callable[[bool], None]
    ) -> None:
        keys = {tag.encode() for tag in tags if tag}
        store = self._store
        if store is None or not store.up:
            self._owe(keys)
            then(False)
            return

        def dropped(done: bool) -> None:
            if not done:
                self._owe(keys)
                self._trusted_until = 0.0
            then(done)

        marks = [b"d:" + xid.encode() for xid in xids]
        store.drop([b"v:" + key for key in keys], marks, dropped)

    def _owe(self, keys: set[bytes]) -> None:
        if self._store is None:
            return
        self._owed |= keys
        if len(self._owed) > _MOST_OWED:
            self._owed = {_EVERYTHING}

    # ── The lease ────────────────────────────────────────────────────────────────────────────────

    def _trusts(self, lookup: Lookup) -> bool:
        return not lookup.tags or time.monotonic() < self._trusted_until

    def _lost(self) -> None:
        """The store was out of reach, or is another: trust it no more before the next drain."""
        self._trusted_until = 0.0
        self.wake()

    def belongs_to(self, database: str) -> None:
        """What is kept is of this database, in this life of it, and no other."""
        if self._store is not None:
            self._store.belongs_to(database)

    @property
    def settled(self) -> bool:
        """Whether all that was touched is known to the store."""
        return not self._owed

    async def absorb(self, touched: Sequence[tuple[str, list[str]]], began: float) -> None:
        """Take in what was touched, (transaction, tags), up to a drain that `began` then.

        Whoever made a change through an API has forgotten the versions already, and left a mark.
        """
        if self._store is None:
            return
        news = await self._unmarked(touched)
        tags = {tag for _, each in news for tag in each if tag}
        tags |= {key.decode() for key in self._owed}
        if tags:
            certain: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            self._owed.clear()
            self._forget(tags, [xid for xid, _ in news], settle(certain))
            if not await certain:
                return
        if self._store.up and not self._owed:
            self._trusted_until = began + LEASE_SECONDS
            self._trouble_since = None
            unsure, self._unsure = self._unsure, []
            for then in unsure:
                then(True)

    async def _unmarked(
        self, touched: Sequence[tuple[str, list[str]]]
    ) -> Sequence[tuple[str, list[str]]]:
        store = self._store
        if not touched or store is None or not store.up:
            return touched
        marked: asyncio.Future[Values | None] = asyncio.get_running_loop().create_future()
        store.read([b"d:" + xid.encode() for xid, _ in touched], settle(marked))
        marks = await marked
        if marks is None:
            return touched
        return [each for each, mark in zip(touched, marks, strict=True) if mark is None]

    def _count(self, lookup: Lookup, result: str) -> None:
        self._metrics.looked_up(lookup.route, result)


def settle(future: "asyncio.Future[T]") -> Callable[[T], None]:
    """A callback for a future that nobody may be waiting for any more."""

    def set_result(value: T) -> None:
        if not future.done():
            future.set_result(value)

    return set_result


def etag_of(answer: Answer, version: str | None) -> str:
    """The ETag of an answer: a digest of its bytes, and before it the version in that field."""
    digest = blake2b(digest_size=8)
    for column in answer.row or ():
        digest.update(b"0" if column is None else b"1" + column)
    if version is None or not answer.row or answer.row[0] is None:
        return f'"{digest.hexdigest()}"'
    return f'"{json.loads(answer.row[0])[version]}-{digest.hexdigest()}"'


def _unanswered(outcome: BaseException) -> bool:
    """Whether the database did not answer, rather than refuse."""
    return isinstance(outcome, (NoConnectionError, QueryCanceled, TimeoutError)) or (
        isinstance(outcome, Error) and is_lost(outcome)
    )


def _joined(versions: Values) -> bytes:
    return b"".join(version or b"-" for version in versions)


def _pack(answer: Answer, lookup: Lookup, versions: bytes) -> bytes:
    row = answer.row
    value = row[0] if row else None
    following = row[1] if row and len(row) > 1 else None
    flags = _NO_ROW * (row is None) + _NO_VALUE * (value is None) + _NO_NEXT * (following is None)
    value, following = value or b"", following or b""
    etag = answer.etag.encode("ascii", "replace")
    head = _HEAD.pack(_FORM, flags, time.time(), lookup.owner, len(etag), len(following))
    return b"".join((head, versions, etag, following, value))


def _unpack(packed: bytes | None, lookup: Lookup) -> Kept | None:
    """What was kept, if it is this caller's; None for anything that we would not have kept."""
    if packed is None or len(packed) < _HEAD.size + 8 * len(lookup.tags):
        return None
    form, flags, at, owner, of_etag, of_following = _HEAD.unpack_from(packed)
    if form != _FORM or owner != lookup.owner:
        return None
    after_versions = _HEAD.size + 8 * len(lookup.tags)
    after_etag = after_versions + of_etag
    after_following = after_etag + of_following
    following = None if flags & _NO_NEXT else packed[after_etag:after_following]
    value = None if flags & _NO_VALUE else packed[after_following:]
    row = None if flags & _NO_ROW else [value, following]
    etag = packed[after_versions:after_etag].decode("ascii", "replace")
    return Kept(owner, packed[_HEAD.size : after_versions], at, Answer(row, etag=etag))
