"""Access tokens: who calls, and as which role."""

import json
import math
import time
import uuid
from base64 import b64decode
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import jwt

from api.keys import Key, Keyring
from api.problems import Problem, unauthorized
from api.settings import Settings
from api.strictjson import JsonError, loads

_LEEWAY_SECONDS = 30
_MAX_BYTES = 8192
_FURTHEST = 1 << 40  # in seconds since 1970: no time that anybody means is beyond
# Verifying costs more than all else that Python does for a request, so a token that was verified
# is remembered until it expires.
_MAX_KNOWN = 10_000
_OF_ONE_TOKEN = ("exp", "iat", "nbf", "jti", "sid")
_REQUIRED = ["exp", "iat", "iss", "aud", "sub", "role", "typ"]
# All that a header may say. Anything else asks to be understood (crit), or would have us fetch or
# trust a key that comes with the token (jwk, jku, x5u, x5c).
_HEADER = {"alg", "kid", "typ"}
_TYPES = (None, "JWT", "at+jwt")
_CSRF = "csrf"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller: the role to run as, and the verified claims as JSON ('' without a token).

    `identity` are those claims that all tokens of one caller share, `subject` is `sub`, and
    `session` is `sid`: who has one may come in only while it is live. `csrf` is what a token that
    came as a cookie must be accompanied by. `key` is the number of the API key, and `quota` how
    many requests a day it may make.
    """

    role: str
    claims: str
    identity: str = ""
    subject: str = ""
    session: str | None = None
    csrf: str | None = None
    key: str | None = None
    quota: int | None = None


class Tokens:
    """Signs and verifies access tokens."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.jwt_secret
        self.keys = Keyring(settings.jwt_keys, secret.get_secret_value() if secret else None)
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._ttl = settings.jwt_ttl
        self._roles = frozenset(settings.api_roles)
        self._known: OrderedDict[str, tuple[Caller, float]] = OrderedDict()

    def sign(
        self, subject: str, role: str, session: str | None = None, csrf: str | None = None
    ) -> tuple[str, int]:
        """An access token for a user, in a session if there is one, and its seconds to live.

        With `csrf`, it is good as a cookie beside that value.
        """
        key = self.keys.signs
        if key is None:
            raise Problem(501, "This API has neither JWT_KEYS nor JWT_SECRET: it issues no tokens.")
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
        if csrf is not None:
            claims[_CSRF] = csrf
        header = {"kid": key.kid} if key.kid else None
        return jwt.encode(claims, key.secret, key.algorithm, header), self._ttl

    def caller(self, token: str) -> Caller:
        """Whom a token stands for; whether their session is live is not known here.

        Raises Problem 401.
        """
        known = self._known.get(token)
        if known is not None and known[1] > time.time():
            return known[0]
        if self.keys.signs is None:
            raise wrong_token("This API takes no tokens.")
        if len(token) > _MAX_BYTES:
            raise wrong_token("The token is too long.")
        caller, expires = self._verified(token)
        self._known[token] = caller, expires + _LEEWAY_SECONDS
        if len(self._known) > _MAX_KNOWN:
            self._known.popitem(last=False)
        return caller

    def _verified(self, token: str) -> tuple[Caller, float]:
        try:
            key = self._key_of(token)
            claims = jwt.decode(
                token,
                key.public,
                algorithms=[key.algorithm],
                issuer=self._issuer,
                audience=self._audience,
                leeway=_LEEWAY_SECONDS,
                options={"require": _REQUIRED, "strict_aud": True},
            )
        except jwt.ExpiredSignatureError:
            raise wrong_token("The token has expired; log in again.") from None
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError):
            raise _invalid() from None
        csrf = claims.pop(_CSRF, None)
        role, session = claims["role"], claims.get("sid")
        if (
            claims["typ"] != "access"
            or not isinstance(role, str)
            or role not in self._roles
            or not isinstance(session, str | None)
            or not isinstance(csrf, str | None)
            or not all(_is_time(claims[name]) for name in ("exp", "iat", "nbf") if name in claims)
        ):
            raise _invalid()
        lasting = {name: claims[name] for name in sorted(claims) if name not in _OF_ONE_TOKEN}
        caller = Caller(role, _json(claims), _json(lasting), str(claims["sub"]), session, csrf)
        return caller, claims["exp"]

    def _key_of(self, token: str) -> Key:
        """The key that its header names, which must be of the header's algorithm.

        Header and claims are read strictly first: what stands twice, other readers would take
        for the other of the two. Raises ValueError.
        """
        parts = token.split(".")
        if len(parts) != 3:
            raise ValueError
        header, claims = (_object(part) for part in parts[:2])
        key = self.keys.find(header.get("kid"))
        if (
            key is None
            or header.get("alg") != key.algorithm
            or header.get("typ") not in _TYPES
            or not header.keys() <= _HEADER
            or not claims
        ):
            raise ValueError
        return key


def _object(part: str) -> dict[str, Any]:
    """The JSON object in a part of a token. Raises ValueError."""
    if "=" in part:
        raise ValueError
    try:
        text = b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        loads(text)  # names that stand twice, NaN, NUL, half surrogate pairs
    except JsonError:
        raise ValueError from None
    found = json.loads(text, parse_float=_finite)
    if not isinstance(found, dict) or not isinstance(found.get("kid"), str | None):
        raise ValueError  # noqa: TRY004 -- what is sent, not how we are called
    return found


def _finite(text: str) -> float:
    """A number with a point or an exponent. Raises ValueError where it is too big for one."""
    value = float(text)
    if math.isinf(value):
        raise ValueError
    return value


def _is_time(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and 0 <= value < _FURTHEST  # NaN is not
    )


def _json(claims: dict[str, Any]) -> str:
    return json.dumps(claims, ensure_ascii=True, allow_nan=False)


def _invalid() -> Problem:
    return wrong_token("The token is not valid.")


def wrong_token(sentence: str) -> Problem:
    """Problem 401 for what was sent to be let in with."""
    return unauthorized(sentence, error="invalid_token")
