"""What the database said once, and counts until it is touched.

A session or an API key is touched when it ends (session:<id>), and every process hears of that
within a second. What is put here is bounded: the oldest goes first.
"""

from collections.abc import Iterable
from typing import Generic, TypeVar

from api.cache import Cache

Key = TypeVar("Key")
Value = TypeVar("Value")

_MOST = 10_000


class Heard(Generic[Key, Value]):
    """Values by key, each of a number under which it is touched as `kind`:number."""

    def __init__(self, cache: Cache, kind: str) -> None:
        self._cache = cache
        self._tag = f"{kind}:"
        self._all = (f"{kind}:*", "*")
        self._values: dict[Key, tuple[str, Value]] = {}
        self._keys: dict[str, Key] = {}
        self.count = 0
        cache.listen(self._hear)

    def get(self, key: Key) -> Value | None:
        """The value as far as was heard a second ago; None where the database must be asked."""
        found = self._values.get(key)
        return found[1] if found is not None and self._cache.hears else None

    def put(self, key: Key, number: str, value: Value, count: int) -> None:
        """Keep what the database said when it was asked at this `count`.

        What was touched since may have been this, after the database looked.
        """
        if count != self.count:
            return
        self.drop(key)
        self._values[key] = number, value
        self._keys[number] = key
        if len(self._values) > _MOST:
            self.drop(next(iter(self._values)))

    def drop(self, key: Key) -> None:
        """Keep it no longer."""
        found = self._values.pop(key, None)
        if found is not None:
            self._keys.pop(found[0], None)

    def _hear(self, tags: Iterable[str]) -> None:
        for tag in tags:
            if tag in self._all:
                self._values.clear()
                self._keys.clear()
            elif tag.startswith(self._tag):
                number = tag[len(self._tag) :]
                if number in self._keys:
                    self.drop(self._keys[number])
            else:
                continue
            self.count += 1
