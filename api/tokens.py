"""Access tokens: who calls, and as which role."""

import json
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import jwt

from api import strictjson
from api.problems import Problem, unauthorized
from api.settings import Settings

ALGORITHM = "HS256"
_LEEWAY_SECONDS = 30
_MAX_BYTES = 8192
# Verifying costs more than all else that Python does for a request, so a token that was verified
# is remembered until it expires.
_MAX_KNOWN = 10_000
_OF_ONE_TOKEN = ("exp", "iat", "nbf", "jti", "sid")
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "role", "typ"]


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller: the role to run as, and the verified claims as JSON ('' without a token).

    `identity` are those claims that all tokens of one caller share, `subject` is `sub`, and
    `session` is `sid`: who has one may come in only while it is live.
    """

    role: str
    claims: str
    identity: str = ""
    subject: str = ""
    session: str | None = None


class Tokens:
    """Signs and verifies access tokens with the one key there is."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.jwt_secret
        self._key = secret.get_secret_value() if secret else None
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._ttl = settings.jwt_ttl
        self._roles = frozenset(settings.api_roles)
        self._known: OrderedDict[str, tuple[Caller, int]] = OrderedDict()

    def sign(self, subject: str, role: str, session: str | None = None) -> tuple[str, int]:
        """An access token for a user, in a session if there is one, and its seconds to live."""
        if self._key is None:
            raise Problem(501, "This API has no JWT_SECRET, so it can't issue tokens.")
        if role not in self._roles:
            raise Problem(403, "This account's role may not call the API.")
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": subject,
            "role": role,
            "typ": "access",
            "iat": now,
            "exp": now + self._ttl,
            "jti": uuid.uuid4().hex,
        }
        if session is not None:
            claims["sid"] = session
        return jwt.encode(claims, self._key, algorithm=ALGORITHM), self._ttl

    def caller(self, authorization: str | None) -> Caller | None:
        """The caller that an Authorization header stands for; None without one.

        Whether their session is live is not known here. Raises Problem 401 for a header or token
        that is wrong.
        """
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise _wrong("The Authorization header must be of the form: Bearer <token>.")
        if self._key is None:
            raise _wrong("This API takes no tokens.")
        if len(token) > _MAX_BYTES:
            raise _wrong("The token is too long.")
        known = self._known.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        caller, expires = self._verified(token, self._key)
        self._known[token] = caller, expires + _LEEWAY_SECONDS
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
        return caller

    def _verified(self, token: str, key: str) -> tuple[Caller, int]:
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=_LEEWAY_SECONDS,
                options={"require": _REQUIRED, "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise _wrong("The token has expired; log in again.") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise _wrong("The token is not valid.") from None
        role, session = claims["role"], claims.get("sid")
        if (
            claims["typ"] != "access"
            or not isinstance(role, str)
            or role not in self._roles
            or not isinstance(session, str | None)
        ):
            raise _wrong("The token is not valid.")
        lasting = {name: claims[name] for name in sorted(claims) if name not in _OF_ONE_TOKEN}
        caller = Caller(role, _json(claims), _json(lasting), str(claims["sub"]), session)
        return caller, claims["exp"]


def _json(claims: dict[str, Any]) -> str:
    """Claims as PostgreSQL can read them. Problem 401 where it could not: NUL, NaN, depth."""
    try:
        text = json.dumps(claims, ensure_ascii=True, allow_nan=False)
        strictjson.loads(text.encode())
    except (ValueError, RecursionError):
        raise _wrong("The token is not valid.") from None
    return text


def _wrong(sentence: str) -> Problem:
    return unauthorized(sentence, error="invalid_token")
