"""API keys: the database says once whom a key stands for, and it counts until it is touched.

As sessions, see api/heard.py: a key is touched when it is revoked (api_key:<id>), and all of them
when their user changes.
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
from api.heard import Heard
from api.problems import unavailable
from api.tokens import Caller, wrong_token

log = logging.getLogger("penstock.api_keys")

PREFIX = "psk_"
_FIND = "select row_to_json(f)::text from auth.api_key_find(decode($1, 'hex')) as f"
_LENGTHS = range(20, 200)


class ApiKeys:
    """Looks keys up, and remembers those that are good."""

    def __init__(self, gatekeeper: Gatekeeper, cache: Cache, roles: Iterable[str]) -> None:
        self._gatekeeper = gatekeeper
        self._roles = frozenset(roles)
        self._known: Heard[bytes, tuple[Caller, float]] = Heard(cache, "api_key")

    def caller(self, key: str) -> Caller | None:
        """Whom it stands for, as far as was heard a second ago; ask() if that is None."""
        known = self._known.get(_digest(key))
        return known[0] if known is not None and known[1] >= time.monotonic() else None

    async def ask(self, key: str) -> Caller:
        """Ask the database. Raises Problem: 401 for a key that is not good, 503 without answer."""
        heard = self._known.count
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
            self._known.drop(digest)
            raise _refused()
        left = found["seconds_left"]
        until = float("inf") if left is None else time.monotonic() + left
        caller = _caller(found)
        self._known.put(digest, found["key_id"], (caller, until), heard)
        return caller


def _caller(found: dict[str, Any]) -> Caller:
    subject, role, key = str(found["user_id"]), found["role"], found["key_id"]
    claims = json.dumps({"sub": subject, "role": role, "typ": "key", "key": key})
    return Caller(role, claims, claims, subject, key=key, quota=found["quota"])


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _refused() -> Exception:
    return wrong_token("The key is not valid.")
