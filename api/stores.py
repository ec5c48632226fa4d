"""Where answers and the versions of tags are kept: Redis, or this process where it is alone.

Keys are given without the prefix that says whose they are. `then` is called with None where the
store could not be asked; it must not raise.
"""

import asyncio
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import blake2b, sha1
from typing import Any, Protocol

from api.redis_link import Command, RedisLink, ReplyError

Values = list[bytes | None]
_Read = tuple[Sequence[bytes], Callable[[Values | None], None]]
_Drop = tuple[Sequence[bytes], Sequence[bytes], Callable[[bool], None]]
_VERSION_BYTES = 8
_VERSION_MS = 86_400_000
_MARK_MS = 60_000
_KEYS_AT_A_TIME = 1024


class Script:
    """A script that Redis runs: the text, and the digest that it knows it by once it has it."""

    def __init__(self, text: str) -> None:
        self.text = text.encode()
        self.digest = sha1(self.text, usedforsecurity=False).hexdigest().encode()


class Store(Protocol):
    """Keeps values by key for a time.

    `up` is whether it can be asked at all, `shared` whether other processes ask it too. `changed`
    is set by its user, and called when all that it kept may be gone, or may have missed something.
    """

    shared: bool
    changed: Callable[[], None]

    @property
    def up(self) -> bool:
        """Whether it can be asked."""

    def belongs_to(self, database: str) -> None:
        """Keep what is kept of one database, in one of its lives, apart from all others."""

    def read(self, keys: Sequence[bytes], then: Callable[[Values | None], None]) -> None:
        """The values of keys, all as of one moment."""

    def ensure(self, keys: Sequence[bytes], then: Callable[[Values | None], None]) -> None:
        """The versions under keys, new ones where there are none."""

    def write(self, key: bytes, value: bytes, ms: int) -> None:
        """Keep a value for so long; nobody waits for it."""

    def drop(
        self, keys: Sequence[bytes], marks: Sequence[bytes], then: Callable[[bool], None]
    ) -> None:
        """Forget versions, and then note for a minute that this was done."""

    def take(self, key: bytes, ms: int, then: Callable[[bool | None], None]) -> None:
        """Take a lock that lasts so long."""

    def keep(self, key: bytes, ms: int) -> None:
        """Hold a lock for so long from now."""

    def give(self, key: bytes) -> None:
        """Let go of a lock."""

    async def close(self) -> None:
        """Let go of what it holds."""


def nothing() -> None:
    """What a store calls until somebody listens."""


class RedisStore:
    """Redis, for all processes. All reads of a turn of the event loop are one MGET."""

    shared = True

    def __init__(self, url: str) -> None:
        self.changed = nothing
        self._run_id = ""
        self._database = ""
        self._prefix = b""
        self._reads: list[_Read] = []
        self._drops: list[_Drop] = []
        self._loop = asyncio.get_running_loop()
        self._link = RedisLink(url, self._opened, self._lost)

    @property
    def up(self) -> bool:
        """See Store."""
        return self._link.up and bool(self._database)

    def _opened(self, run_id: str) -> None:
        self._run_id = run_id
        self._set_prefix()
        self.changed()

    def _lost(self) -> None:
        self.changed()

    def belongs_to(self, database: str) -> None:
        """See Store."""
        if database != self._database:
            self._database = database
            self._set_prefix()
            self.changed()

    def _set_prefix(self) -> None:
        whose = f"{self._run_id} {self._database}".encode()
        self._prefix = b"penstock:" + blake2b(whose, digest_size=6).hexdigest().encode() + b":"

    def read(self, keys: Sequence[bytes], then: Callable[[Values | None], None]) -> None:
        """See Store."""
        if not self._reads:
            self._loop.call_soon(self._send_reads)
        self._reads.append((keys, then))

    def _send_reads(self) -> None:
        reads, self._reads = self._reads, []
        while reads:
            batch: list[_Read] = []
            keys: dict[bytes, None] = {}  # many ask for the same versions
            while reads and len(keys) < _KEYS_AT_A_TIME:
                batch.append(reads.pop())
                keys |= dict.fromkeys(batch[-1][0])
            self._mget(list(keys), batch)

    def _mget(self, keys: list[bytes], batch: list[_Read]) -> None:
        prefix = self._prefix

        def answered(replies: list[Any] | None) -> None:
            values = _sound(replies)
            # What a server said that was another when we asked counts for nothing.
            if values is None or prefix != self._prefix:
                for _, then in batch:
                    then(None)
                return
            found = dict(zip(keys, values[0], strict=True))
            for asked, then in batch:
                then([found[key] for key in asked])

        self._link.send([(b"MGET", *[prefix + key for key in keys])], answered)

    def ensure(self, keys: Sequence[bytes], then: Callable[[Values | None], None]) -> None:
        """See Store."""
        commands: list[Command] = []
        for key in keys:
            version = os.urandom(_VERSION_BYTES)
            commands.append((b"SET", self._prefix + key, version, b"NX", b"PX", _VERSION_MS))
        commands.append((b"MGET", *[self._prefix + key for key in keys]))

        def answered(replies: list[Any] | None) -> None:
            last = replies[-1] if replies else None
            then(last if isinstance(last, list) else None)

        self._link.send(commands, answered)

    def write(self, key: bytes, value: bytes, ms: int) -> None:
        """See Store."""
        self._link.send([(b"SET", self._prefix + key, value, b"PX", ms)], _ignore)

    def drop(
        self, keys: Sequence[bytes], marks: Sequence[bytes], then: Callable[[bool], None]
    ) -> None:
        """See Store."""
        if not self._drops:
            self._loop.call_soon(self._send_drops)
        self._drops.append((keys, marks, then))

    def _send_drops(self) -> None:
        drops, self._drops = self._drops, []
        prefix = self._prefix
        keys = {prefix + key for each, _, _ in drops for key in each}
        commands: list[Command] = [(b"DEL", *keys)] if keys else []
        commands += [
            (b"SET", prefix + mark, b"1", b"PX", _MARK_MS)
            for _, marks, _ in drops
            for mark in marks
        ]

        def answered(replies: list[Any] | None) -> None:
            done = _sound(replies) is not None and prefix == self._prefix
            for _, _, then in drops:
                then(done)

        self._link.send(commands, answered)

    def take(self, key: bytes, ms: int, then: Callable[[bool | None], None]) -> None:
        """See Store."""

        def answered(replies: list[Any] | None) -> None:
            values = _sound(replies)
            then(None if values is None else values[0] is not None)

        self._link.send([(b"SET", self._prefix + key, b"1", b"NX", b"PX", ms)], answered)

    def keep(self, key: bytes, ms: int) -> None:
        """See Store."""
        self._link.send([(b"PEXPIRE", self._prefix + key, ms)], _ignore)

    def give(self, key: bytes) -> None:
        """See Store."""
        self._link.send([(b"DEL", self._prefix + key)], _ignore)

    def run(
        self,
        script: Script,
        keys: Sequence[bytes],
        numbers: Sequence[int],
        then: Callable[[list[bytes] | None], None],
    ) -> None:
        """Run a script that answers with a list, whether this server has met it or not."""
        rest = (len(keys), *[self._prefix + key for key in keys], *numbers)

        def answered(replies: list[Any] | None) -> None:
            said = replies[0] if replies else None
            if isinstance(said, ReplyError) and str(said).startswith("NOSCRIPT"):
                self._link.send([(b"EVAL", script.text, *rest)], told)
            else:
                told(replies)

        def told(replies: list[Any] | None) -> None:
            values = _sound(replies)
            then(None if values is None else values[0])

        self._link.send([(b"EVALSHA", script.digest, *rest)], answered)

    async def close(self) -> None:
        """See Store."""
        await self._link.close()


def _sound(replies: list[Any] | None) -> list[Any] | None:
    """The replies, or None where any is missing or an error."""
    if replies is None or any(isinstance(reply, ReplyError) for reply in replies):
        return None
    return replies


def _ignore(_: list[Any] | None) -> None:
    pass


class LocalStore:
    """This process alone: for a server without Redis. At most `size` bytes; the oldest go first."""

    shared = False

    def __init__(self, size: int) -> None:
        self.changed = nothing
        self._size = size
        self._used = 0
        self._values: OrderedDict[bytes, tuple[bytes, float]] = OrderedDict()
        self._database = ""

    @property
    def up(self) -> bool:
        """See Store."""
        return bool(self._database)

    def belongs_to(self, database: str) -> None:
        """See Store."""
        if database != self._database:
            self._database = database
            self._values.clear()
            self._used = 0
            self.changed()

    def read(self, keys: Sequence[bytes], then: Callable[[Values | None], None]) -> None:
        """See Store."""
        then([self._get(key) for key in keys])

    def _get(self, key: bytes) -> bytes | None:
        found = self._values.get(key)
        if found is None:
            return None
        if found[1] < time.monotonic():
            self._forget(key)
            return None
        self._values.move_to_end(key)
        return found[0]

    def _set(self, key: bytes, value: bytes, ms: int) -> None:
        self._forget(key)
        self._values[key] = value, time.monotonic() + ms / 1000
        self._used += len(key) + len(value)
        while self._used > self._size:
            self._forget(next(iter(self._values)))

    def _forget(self, key: bytes) -> None:
        found = self._values.pop(key, None)
        if found is not None:
            self._used -= len(key) + len(found[0])

    def ensure(self, keys: Sequence[bytes], then: Callable[[Values | None], None]) -> None:
        """See Store."""
        for key in keys:
            if self._get(key) is None:
                self._set(key, os.urandom(_VERSION_BYTES), _VERSION_MS)
        self.read(keys, then)

    def write(self, key: bytes, value: bytes, ms: int) -> None:
        """See Store."""
        self._set(key, value, ms)

    def drop(
        self, keys: Sequence[bytes], marks: Sequence[bytes], then: Callable[[bool], None]
    ) -> None:
        """See Store."""
        for key in keys:
            self._forget(key)
        for mark in marks:
            self._set(mark, b"1", _MARK_MS)
        then(True)

    def take(self, key: bytes, ms: int, then: Callable[[bool | None], None]) -> None:  # noqa: ARG002
        """See Store."""
        then(True)  # nobody else is here

    def keep(self, key: bytes, ms: int) -> None:
        """See Store."""

    def give(self, key: bytes) -> None:
        """See Store."""

    async def close(self) -> None:
        """See Store."""
        self._values.clear()
