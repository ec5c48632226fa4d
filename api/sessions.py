"""Which sessions are live.

While a process does not hear what is touched, and for what it has not asked about yet, the
database is asked each time, see api/heard.py.
"""

import logging
import time

from psycopg import Error

from api.cache import Cache
from api.gatekeeper import Gatekeeper, Missing
from api.heard import Heard
from api.problems import bind_position, unauthorized, unavailable

log = logging.getLogger("penstock.sessions")

_FIND = "select f.session_id::text from auth.session_find($1) as f"
_WITHOUT_SECONDS = 1.0


class Sessions:
    """Looks sessions up, and remembers those that are live."""

    def __init__(self, gatekeeper: Gatekeeper, cache: Cache) -> None:
        self._gatekeeper = gatekeeper
        self._live: Heard[str, bool] = Heard(cache, "session")
        self._without_until = 0.0

    def trusts(self, session: str) -> bool:
        """Whether it is live as far as was heard a second ago; if not, check() it."""
        return self._live.get(session) is not None or time.monotonic() < self._without_until

    async def check(self, session: str) -> None:
        """Ask the database. Raises Problem: 401 where the session has ended, 503 without answer."""
        heard = self._live.count
        try:
            live = await self._is_live(session)
        except Missing:
            # Sessions are not this database's affair: an issuer elsewhere names its own in `sid`.
            self._without_until = time.monotonic() + _WITHOUT_SECONDS
            return
        if not live:
            self._live.drop(session)
            raise unauthorized("The session has ended; log in again.", error="invalid_token")
        self._live.put(session, session, True, heard)

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
