"""Who calls: by a token, as a header or a cookie, or by an API key."""

from collections.abc import Sequence

from api.api_keys import PREFIX, ApiKeys
from api.cookies import ACCESS, CSRF_HEADER, SAFE, cookie, same
from api.problems import Problem, unauthorized
from api.reading import Scope, header
from api.sessions import Sessions
from api.tokens import Caller, Tokens, wrong_token


class Callers:
    """Lets callers in. All raise Problem: 401 for a credential that is wrong, 403 without CSRF."""

    def __init__(self, tokens: Tokens, sessions: Sessions, api_keys: ApiKeys) -> None:
        self._tokens = tokens
        self._sessions = sessions
        self._api_keys = api_keys

    def known(self, scope: Scope, authorizations: Sequence[bytes], anonymous: str) -> Caller | None:
        """The caller; None where the database must be asked, see ask()."""
        credential = _credential(scope, authorizations)
        if credential is None:
            return Caller(anonymous, "")
        if credential.startswith(PREFIX):
            return self._api_keys.caller(credential)
        caller = self._by_token(scope, credential, by_cookie=not authorizations)
        if caller.session is not None and not self._sessions.trusts(caller.session):
            return None
        return caller

    async def ask(self, scope: Scope, authorizations: Sequence[bytes], anonymous: str) -> Caller:
        """The caller."""
        credential = _credential(scope, authorizations)
        if credential is None:
            return Caller(anonymous, "")
        if credential.startswith(PREFIX):
            return self._api_keys.caller(credential) or await self._api_keys.ask(credential)
        caller = self._by_token(scope, credential, by_cookie=not authorizations)
        if caller.session is not None and not self._sessions.trusts(caller.session):
            await self._sessions.check(caller.session)
        return caller

    def _by_token(self, scope: Scope, token: str, *, by_cookie: bool) -> Caller:
        caller = self._tokens.caller(token)
        if by_cookie and scope["method"] not in SAFE:
            require_csrf(scope, caller.csrf)
        return caller


def require_csrf(scope: Scope, expected: str | None) -> None:
    """Problem 403 unless whoever sends a cookie can also read what came with it."""
    if expected is None or not same(header(scope, CSRF_HEADER), expected):
        sentence = "A change by cookie needs the csrf_token of the login as X-CSRF-Token."
        raise Problem(403, sentence, slug="csrf")


def _credential(scope: Scope, authorizations: Sequence[bytes]) -> str | None:
    """What the request is to be let in with. A header counts before a cookie."""
    if not authorizations:
        return cookie(scope, ACCESS)
    if len(authorizations) > 1:  # a proxy could have read another than we
        raise unauthorized("There is more than one Authorization header.", error="invalid_token")
    scheme, _, token = authorizations[0].decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise wrong_token("The Authorization header must be of the form: Bearer <token>.")
    return token
