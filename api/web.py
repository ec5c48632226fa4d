"""What every answer says to browsers: who may read it from another page (CORS), and what it may do.

Made once, as it is sent; a request is looked at only where it decides anything: its Host where
ALLOWED_HOSTS are set, its Origin where CORS_ORIGINS are.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from starlette.types import Scope

from api.problems import Headers, Problem
from api.protocol import as_sent

CSP = b"content-security-policy"
NO_STORE = (b"cache-control", b"no-store")
# JSON has nothing to load, and is no page to be framed.
_ALWAYS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (CSP, b"default-src 'none'; frame-ancestors 'none'"),
]
_EXPOSED = (
    b"cache-status, content-disposition, deprecation, etag, idempotency-replayed, link, location,"
    b" preference-applied, ratelimit, ratelimit-policy, retry-after, x-request-id"
)
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_PREFLIGHT_SECONDS = b"7200"  # no browser remembers longer
_VARY = (b"vary", b"origin")
_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
_HOST = re.compile(r"(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_GIVEN_HOST = re.compile(rb"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?")
_HEADER_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~, \t-]{1,1024}")
# Asked by address, by balancers and probes.
_ANY_HOST = frozenset({"/healthz", "/readyz", "/metrics"})


def origin(text: str) -> str:
    """An origin as browsers send it. Raises ValueError."""
    if text == "*":
        raise ValueError("can't be *: callers send credentials, so each origin is named")
    default = ":443" if text.startswith("https:") else ":80"
    if not _ORIGIN.fullmatch(text) or text.endswith(default):
        raise ValueError(
            "must name origins as browsers send them, like https://app.example.com: in lower case,"
            " without a path, a slash at the end or the scheme's own port"
        )
    return text


def host(text: str) -> str:
    """A name to be asked by, or *. and a name for all below it. Raises ValueError."""
    if not _HOST.fullmatch(text.lower()):
        raise ValueError("must name hosts like api.example.com or *.example.com, without a port")
    return text.lower()


@dataclass(frozen=True)
class Manner:
    """The headers that are the same in all answers of a kind; `head` as they are sent."""

    pairs: tuple[tuple[bytes, bytes], ...]

    @cached_property
    def head(self) -> bytes:
        return as_sent(self.pairs)

    @cached_property
    def unkept(self) -> "Manner":
        """The same for an answer that nobody may keep."""
        return Manner((*self.pairs, NO_STORE))

    @cached_property
    def without_policy(self) -> "Manner":
        """The same for an answer that has its own Content-Security-Policy."""
        return Manner(tuple(pair for pair in self.pairs if pair[0] != CSP))

    def beside(self, headers: Headers, *, private: bool) -> "Manner":
        """What goes with an answer's own headers: those that it has not said otherwise.

        What is for one caller, and says neither how long it counts nor what it is known by, is
        not to be kept by anybody.
        """
        said = {name for name, _ in headers}
        manner = self
        if CSP in said:
            manner = manner.without_policy
        if private and b"cache-control" not in said and b"etag" not in said:
            manner = manner.unkept
        return manner


class Web:
    """The headers of every answer, and the requests that get no other answer.

    `hsts_seconds` is for how long browsers are told to come by TLS alone; 0 says nothing.
    `looks` is whether any request must be looked at.
    """

    def __init__(self, hosts: Sequence[str], origins: Sequence[str], hsts_seconds: int) -> None:
        always = [*_ALWAYS]
        if hsts_seconds:
            always.append((b"strict-transport-security", b"max-age=%d" % hsts_seconds))
        if origins:
            always.append(_VARY)  # also without an Origin: a cache must not give that to others
        self.plain = Manner(tuple(always))
        self._origins = {each.encode(): _for_origin(self.plain, each.encode()) for each in origins}
        self._hosts = frozenset(each.encode() for each in hosts if not each.startswith("*"))
        self._below = tuple(each[1:].encode() for each in hosts if each.startswith("*"))
        self.looks = bool(hosts or origins)

    def look(self, scope: Scope) -> Manner:
        """The headers for who asks.

        Raises Problem: 421 for a host that is not ours, and the 204 that answers a preflight.
        """
        hosts: list[bytes] = []
        origins: list[bytes] = []
        wanted = asked = None
        for name, value in scope["headers"]:
            if name == b"host":
                hosts.append(value)
            elif name == b"origin":
                origins.append(value)
            elif name == b"access-control-request-method":
                wanted = value
            elif name == b"access-control-request-headers":
                asked = value
        if (self._hosts or self._below) and scope["path"] not in _ANY_HOST:
            self._check_host(hosts)
        manner = self._origins.get(origins[0]) if len(origins) == 1 else None
        if manner is None:
            return self.plain
        if scope["method"] == "OPTIONS" and wanted is not None:
            raise Problem(204, headers=_preflight(origins[0], asked))
        return manner

    def _check_host(self, given: Sequence[bytes]) -> None:
        match = _GIVEN_HOST.fullmatch(given[0]) if len(given) == 1 else None
        name = match[1].lower() if match else b""
        if name not in self._hosts and not (name and name.endswith(self._below)):
            raise Problem(421, "This server does not answer for that host.", slug="wrong-host")


def _for_origin(plain: Manner, name: bytes) -> Manner:
    return Manner(
        (
            *plain.pairs,
            (b"access-control-allow-origin", name),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", _EXPOSED),
        )
    )


def _preflight(name: bytes, asked: bytes | None) -> Headers:
    """The answer to a browser that asks before it sends: its origin is listed, so it may.

    Any header may come: which ones count is said by the function that reads them.
    """
    headers: Headers = [
        (b"access-control-allow-origin", name),
        (b"access-control-allow-credentials", b"true"),
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-max-age", _PREFLIGHT_SECONDS),
    ]
    if asked is not None and _HEADER_NAMES.fullmatch(asked):
        headers.append((b"access-control-allow-headers", asked))
    return headers
