"""Which sessions are live: the database says it once, and it counts until they are touched.

A session is touched when it ends (session:<id>), and every process hears of it within a second.
While it does not hear, and for what it has not asked about yet, the database is asked each time.
"""

import logging
import time
from collections.abc import Iterable

from psycopg import Error

from api.cache import Cache
from api.gatekeeper import Gatekeeper, Missing
from api.problems import bind_position, unauthorized, unavailable

log = logging.getLogger("penstock.sessions")

_FIND = "select f.session_id::text from auth.session_find($1) as f"
_TAG = "session:"
_ALL = ("session:*", "*")
_MOST = 10_000
_WITHOUT_SECONDS = 1.0


class Sessions:
    """Looks sessions up, and remembers those that are live."""

    def __init__(self, gatekeeper: Gatekeeper, cache: Cache) -> None:
        self._gatekeeper = gatekeeper
        self._cache = cache
        self._live: dict[str, None] = {}
        self._heard = 0
        self._without_until = 0.0
        cache.listen(self._hear)

    def trusts(self, session: str) -> bool:
        """Whether it is live as far as was heard a second ago; if not, check() it."""
        known = session in self._live and self._cache.hears
        return known or time.monotonic() < self._without_until

    async def check(self, session: str) -> None:
        """Ask the database. Raises Problem: 401 where the session has ended, 503 without answer."""
        heard = self._heard
        try:
            live = await self._is_live(session)
        except Missing:
            # Sessions are not this database's affair: an issuer elsewhere names its own in `sid`.
            self._without_until = time.monotonic() + _WITHOUT_SECONDS
            return
        if not live:
            self._live.pop(session, None)
            raise unauthorized("The session has ended; log in again.", error="invalid_token")
        # What was touched since we asked may have been this, after the database looked.
        if heard == self._heard:
            self._remember(session)

    async def _is_live(self, session: str) -> bool:
        try:
            found = await self._gatekeeper.read(_FIND, session, lane="shared")
        except Error as error:
            if bind_position(error) is not None:  # no id of a session
                return False
            log.exception("sessions can't be looked up")
            raise unavailable() from error
        # Written in another form than the database's, it would not be known by its tag.
        return found == session.encode()

    def _remember(self, session: str) -> None:
        self._live[session] = None
        if len(self._live) > _MOST:
            del self._live[next(iter(self._live))]

    def _hear(self, tags: Iterable[str]) -> None:
        for tag in tags:
            if tag in _ALL:
                self._live.clear()
            elif tag.startswith(_TAG):
                self._live.pop(tag[len(_TAG) :], None)
            else:
                continue
            self._heard += 1
