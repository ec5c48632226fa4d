"""API keys: the database says once whom a key stands for, and it counts until it is touched.

As sessions, see api/sessions.py: a key is touched when it is revoked (api_key:<id>), and all of
them when their user changes.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterable
from typing import Any

from psycopg import Error

from api.cache import Cache
from api.gatekeeper import Gatekeeper, Missing
from api.problems import unavailable
from api.tokens import Caller, wrong_token

log = logging.getLogger("penstock.api_keys")

PREFIX = "psk_"
_FIND = "select row_to_json(f)::text from auth.api_key_find(decode($1, 'hex')) as f"
_TAG = "api_key:"
_ALL = ("api_key:*", "*")
_LENGTHS = range(20, 200)
_MOST = 10_000


class ApiKeys:
    """Looks keys up, and remembers those that are good."""

    def __init__(self, gatekeeper: Gatekeeper, cache: Cache, roles: Iterable[str]) -> None:
        self._gatekeeper = gatekeeper
        self._cache = cache
        self._roles = frozenset(roles)
        self._known: dict[bytes, tuple[Caller, float]] = {}
        self._heard = 0
        cache.listen(self._hear)

    def caller(self, key: str) -> Caller | None:
        """Whom it stands for, as far as was heard a second ago; ask() if that is None."""
        known = self._known.get(_digest(key))
        if known is None or known[1] < time.monotonic() or not self._cache.hears:
            return None
        return known[0]

    async def ask(self, key: str) -> Caller:
        """Ask the database. Raises Problem: 401 for a key that is not good, 503 without answer."""
        heard = self._heard
        if len(key) not in _LENGTHS:
            raise _refused()
        digest = _digest(key)
        try:
            answer = await self._gatekeeper.read(_FIND, digest.hex(), lane="shared")
        except Missing:
            raise wrong_token("This API takes no keys.") from None
        except Error as error:
            log.exception("keys can't be looked up")
            raise unavailable() from error
        found = json.loads(answer) if answer else None
        if found is None or found["role"] not in self._roles:
            self._known.pop(digest, None)
            raise _refused()
        caller = _caller(found)
        # What was touched since we asked may have been this, after the database looked.
        if heard == self._heard:
            left = found["seconds_left"]
            until = float("inf") if left is None else time.monotonic() + left
            self._known[digest] = caller, until
            if len(self._known) > _MOST:
                del self._known[next(iter(self._known))]
        return caller

    def _hear(self, tags: Iterable[str]) -> None:
        for tag in tags:
            if tag in _ALL:
                self._known.clear()
            elif tag.startswith(_TAG):
                number = tag[len(_TAG) :]
                for digest, (caller, _) in list(self._known.items()):
                    if caller.key == number:
                        del self._known[digest]
            else:
                continue
            self._heard += 1


def _caller(found: dict[str, Any]) -> Caller:
    subject, role, key = str(found["user_id"]), found["role"], found["key_id"]
    claims = json.dumps({"sub": subject, "role": role, "typ": "key", "key": key})
    return Caller(role, claims, claims, subject, key=key, quota=found["quota"])


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _refused() -> Exception:
    return wrong_token("The key is not valid.")
