"""What HTTP says about versions and caches: ETag, If-None-Match, If-Match, Cache-Control (RFC 9110,
9111) and Cache-Status (RFC 9211).

An ETag is a digest of the answer. Where `@etag` names a field that counts the versions, that comes
first: "7-0a1b…". `@if_match` hands that part of the ETag in If-Match to an argument of the
function, which compares it in the same transaction as it changes the row.
"""

import re
from functools import cache

from api.annotation import CachePolicy
from api.cache import etag_of
from api.encode import ArgumentError
from api.endpoint import Endpoint
from api.lane import Answer
from api.problems import Headers, Problem
from api.reading import Scope, header

ONE_ETAG = r'^(W/)?"[!#-~]*"$'  # as OpenAPI tells clients, who need not try any other
_ETAG = re.compile(r'(?:W/)?"[^"]*"')
_OURS = re.compile(r'"(?P<version>[!#-~]+)-[0-9a-f]{16}"')
_NAME = b"penstock; "


def entity_tag(endpoint: Endpoint, answer: Answer) -> bytes:
    """The ETag of an answer."""
    etag = answer.etag or etag_of(answer, endpoint.annotation.etag)
    return etag.encode("ascii", "replace")


def is_known(scope: Scope, etag: bytes) -> bool:
    """Whether the client has this answer already, by If-None-Match."""
    given = header(scope, b"if-none-match")
    if given is None:
        return False
    # A weak comparison, as for all that only asks whether to send it again.
    known = [each.removeprefix("W/") for each in _ETAG.findall(given)]
    return given.strip() == "*" or etag.decode() in known


def cache_headers(policy: CachePolicy, answer: Answer) -> Headers:
    """Who may keep an answer, for how long, and what our own cache had to do with it.

    Of what has tags no other cache hears when it ends, so it must ask each time (and gets a 304).
    """
    headers = [*_fixed(policy)]
    if not policy.tags:
        age = f"{_whose(policy)}, max-age={max(0, int(answer.left))}"
        headers.append((b"cache-control", age.encode()))
    if answer.cache_status:
        headers.append((b"cache-status", _NAME + answer.cache_status.encode()))
    return headers


@cache
def _fixed(policy: CachePolicy) -> Headers:
    headers: Headers = []
    if policy.tags:
        headers.append((b"cache-control", f"{_whose(policy)}, no-cache".encode()))
    if policy.vary != "none":
        headers.append((b"vary", b"authorization"))
    return headers


def _whose(policy: CachePolicy) -> str:
    return "public" if policy.vary == "none" else "private"


def if_match(endpoint: Endpoint, scope: Scope) -> dict[str, str | None]:
    """The argument that If-Match stands for, by name; nothing without the header.

    None for an ETag that is not ours. Raises Problem 400 for a header that holds no single one.
    """
    name = endpoint.annotation.if_match
    if name is None:
        return {}
    given = header(scope, b"if-match")
    if given is None:
        return {}
    tags = _ETAG.findall(given)
    if len(tags) != 1 or _ETAG.sub("", given).strip():
        sentence = "If-Match must hold one ETag: that of the version you have read."
        raise Problem(400, sentence, slug="bad-if-match")
    ours = _OURS.fullmatch(tags[0])
    try:
        version = endpoint.arguments[name].from_text(ours["version"], "") if ours else None
    except ArgumentError:
        version = None
    return {name: version}
