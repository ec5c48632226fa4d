"""Every place of a request where a text can stand, found in what the API says of itself.

A new endpoint, parameter or field is attacked as soon as it is described. All else of a request is
as its schema wants it, so that the one hostile text gets as far as it can.
"""

import base64
import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
from jsonschema import Draft202012Validator

from tests.security.payloads import Payload
from tests.security.wire import Request

Pointer = tuple[str | int, ...]
Make = Callable[[Payload], Request]

# Headers that the API reads, or that something before or behind it might.
HEADERS = [
    "Authorization", "Content-Type", "X-Request-Id", "If-Match", "If-None-Match", "Prefer",
    "Idempotency-Key", "Cookie", "Accept", "Accept-Language", "Origin", "Referer", "User-Agent",
    "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-HTTP-Method-Override", "X-Api-Key",
    "Range", "Expect", "Content-Encoding", "Traceparent",
]  # fmt: skip
_AS_FILE = (("accept", b"text/csv"),)
CLAIMS = ["sub", "role", "sid", "iss", "aud", "typ", "jti", "zq"]
# One of these fits nearly every text with a rule.
_TEXTS = ["ada", "correct horse", "ABC-1", "1", '"1-0123456789abcdef"']
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "duration": "P1D",
    "uuid": "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    "uri": "https://example.com",
}


@dataclass(frozen=True)
class Place:
    """Where a text can stand, and the request that has it there.

    It is dear where each request hashes a password.
    """

    kind: str
    name: str
    make: Make
    is_dear: bool = False


@dataclass
class Operation:
    """An operation of the description, with good values for all that it takes."""

    method: str
    path: str
    described: dict[str, Any]
    document: dict[str, Any]
    bearer: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    media: str = ""

    def __post_init__(self) -> None:
        for parameter in self._parameters("query"):
            if parameter["name"] != "cursor":  # for which only a page's own is good
                self.query[parameter["name"]] = _as_text(self.sample(parameter["schema"]))
        content = self.described.get("requestBody", {}).get("content", {})
        for media, each in content.items():
            self.media = media
            self.body = self.sample(each["schema"]) if "json" in media else _csv(each["schema"])

    @property
    def is_dear(self) -> bool:
        """Whether it takes a password."""
        return '"format": "password"' in json.dumps(self.described)

    @property
    def _may_be_file(self) -> bool:
        """Whether its list may be had as CSV: its arguments go another way then."""
        return "text/csv" in self.described["responses"].get("200", {}).get("content", {})

    def _parameters(self, place: str) -> list[dict[str, Any]]:
        return [each for each in self.described.get("parameters", ()) if each["in"] == place]

    def sample(self, schema: dict[str, Any]) -> Any:
        """A value that fits the schema, with all that it may hold."""
        return _sample(schema, self.document)

    def request(
        self,
        *,
        path: dict[str, bytes] | None = None,
        query: bytes | None = None,
        headers: tuple[tuple[str, bytes], ...] = (),
        body: bytes | None = None,
        target: bytes | None = None,
        bearer: str | None = None,
        what: str = "",
    ) -> Request:
        """A request that is good but for what is given."""
        given = path or {}
        good = {
            each["name"]: quote(_as_text(self.sample(each["schema"]))).encode()
            for each in self._parameters("path")
        }
        parts = re.split(r"(\{\w+\})", self.path)
        at = b"".join(
            (given.get(p[1:-1]) or good[p[1:-1]]) if p.startswith("{") else p.encode()
            for p in parts
        )
        pairs = "&".join(f"{name}={quote(value)}" for name, value in self.query.items())
        asked = pairs.encode() if query is None else query
        said = {
            "authorization": f"Bearer {self.bearer if bearer is None else bearer}".encode(),
            "content-type": self.media.encode(),
        } | {name.lower(): value for name, value in headers}
        if self.media:
            content = self.encoded() if body is None else body
        else:
            content = None if self.method in ("GET", "DELETE") else b""
        if not self.media and "content-type" not in dict(headers):
            del said["content-type"]
        return Request(
            self.method.encode(),
            target or (at + b"?" + asked if asked else at),
            tuple((name.encode(), value) for name, value in said.items()),
            content,
            what,
        )

    def encoded(self) -> bytes:
        """The good body."""
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()

    # ── Places ───────────────────────────────────────────────────────────────────────────────────

    def places(self, cursor: dict[str, Any] | None) -> Iterator[Place]:
        """All places; `cursor` is what a real cursor of this list holds, if there is one."""
        route = f"{self.method} {self.path}"
        for kind, name, make in (
            *self._in_path(), *self._in_query(), *self._in_cursor(cursor), *self._in_body(),
            *self._in_headers(),
        ):  # fmt: skip
            what = f"{kind} {name} of {route}"
            yield Place(kind, what, _named(make, what), self.is_dear)

    def _in_path(self) -> Iterator[tuple[str, str, Callable[..., Request]]]:
        for parameter in self._parameters("path"):
            name = parameter["name"]
            yield "parameter", name, lambda p, w, n=name: self.request(path={n: _quoted(p)}, what=w)
        parts = self.path.encode().split(b"/")
        for index in range(1, len(parts)):
            yield (
                "segment",
                str(index),
                lambda p, w, i=index: self.request(
                    target=b"/".join([*parts[:i], _quoted(p) or b"%20", *parts[i + 1 :]]), what=w
                ),
            )

    def _in_query(self) -> Iterator[tuple[str, str, Callable[..., Request]]]:
        pairs = {name: quote(value).encode() for name, value in self.query.items()}
        for parameter in self._parameters("query"):
            name = parameter["name"]
            yield (
                "parameter",
                name,
                lambda p, w, n=name: self.request(query=_query(pairs | {n: _quoted(p)}), what=w),
            )
            if self._may_be_file:
                yield (
                    "parameter",
                    f"{name}, for a file,",
                    lambda p, w, n=name: self.request(
                        query=_query(pairs | {n: _quoted(p)}), headers=_AS_FILE, what=w
                    ),
                )
        yield (
            "query name",
            "any",
            lambda p, w: self.request(query=_query(pairs) + b"&" + _quoted(p) + b"=1", what=w),
        )

    def _in_cursor(
        self, cursor: dict[str, Any] | None
    ) -> Iterator[tuple[str, str, Callable[..., Request]]]:
        for name in cursor or ():

            def make(payload: Payload, what: str, name: str = name) -> Request:
                fields = {
                    each: json.dumps(value).encode() for each, value in (cursor or {}).items()
                }
                fields[name] = payload.json
                inside = b",".join(b'"%s":%s' % (k.encode(), v) for k, v in fields.items())
                made = base64.urlsafe_b64encode(b"{%s}" % inside).rstrip(b"=")
                return self.request(query=b"cursor=" + made[:60_000], what=what)

            yield "cursor", name, make

    def _in_body(self) -> Iterator[tuple[str, str, Callable[..., Request]]]:
        if "csv" in self.media:
            header, line = (row.split(",") for row in self.body.splitlines())
            for index, name in enumerate(header):
                yield (
                    "csv field",
                    name,
                    lambda p, w, i=index: self.request(body=_file(header, line, i, p.text), what=w),
                )
                yield (
                    "csv name",
                    name,
                    lambda p, w, i=index: self.request(body=_file(line, header, i, p.text), what=w),
                )
            yield "csv", "whole", lambda p, w: self.request(body=p.text, what=w)
        elif self.media:
            for pointer in _leaves(self.body):
                name = "/".join(map(str, pointer))
                yield (
                    "parameter",
                    name,
                    lambda p, w, at=pointer: self.request(body=_put(self.body, at, p.json), what=w),
                )
            yield "json key", "any", lambda p, w: self.request(body=_key(self.body, p), what=w)
            yield "json", "whole", lambda p, w: self.request(body=p.json, what=w)

    def _in_headers(self) -> Iterator[tuple[str, str, Callable[..., Request]]]:
        described = [each["name"] for each in self._parameters("header")]
        for name in dict.fromkeys([*described, *HEADERS]):
            yield (
                "header",
                name,
                lambda p, w, n=name: self.request(headers=((n, in_header(p)),), what=w),
            )


def _named(make: Callable[..., Request], what: str) -> Make:
    return lambda payload: make(payload, what)


def operations(document: dict[str, Any], bearer: str) -> list[Operation]:
    """All operations that are described, but for streams: their answers do not end.

    What a stream makes of hostile arguments is asked in tests/api/test_streams.py.
    """
    return [
        Operation(method.upper(), path, described, document, bearer)
        for path, item in document["paths"].items()
        for method, described in item.items()
        if "text/event-stream" not in described["responses"].get("200", {}).get("content", {})
    ]


def cursor_of(operation: Operation, origin: str) -> dict[str, Any] | None:
    """What a cursor of this list holds, out of a real page; None where it is no list in pages."""
    if not any(each["name"] == "cursor" for each in operation.described.get("parameters", ())):
        return None
    path = re.sub(r"\{\w+\}", "1", operation.path)
    headers = {"authorization": f"Bearer {operation.bearer}"}
    answer = httpx.get(f"{origin}{path}?limit=1", headers=headers)
    link = answer.links.get("next")
    if link is None:
        return None
    cursor = parse_qs(urlsplit(link["url"]).query)["cursor"][0]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    return found


def in_header(payload: Payload) -> bytes:
    """As a header's value: on one line, for a line of its own is any client's right."""
    return payload.text.replace(b"\r", b"").replace(b"\n", b"").replace(b"\x00", b"")[:7_000]


def _quoted(payload: Payload) -> bytes:
    """As a part of an address."""
    return quote(payload.text[:6_000], safe="").encode()


def _query(pairs: dict[str, bytes]) -> bytes:
    return b"&".join(name.encode() + b"=" + value for name, value in pairs.items())


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return _as_text(value[0])
    return value if isinstance(value, str) else json.dumps(value)


def _leaves(value: Any, at: Pointer = ()) -> Iterator[Pointer]:
    """Where single values stand, and the lists and objects that hold them."""
    if at:
        yield at
    match value:
        case dict():
            items = list(value.items())
        case list():
            items = list(enumerate(value))
        case _:
            items = []
    for key, item in items:
        yield from _leaves(item, (*at, key))


_HERE = "here-is-the-hostile-value"


def _put(body: Any, at: Pointer, raw: bytes) -> bytes:
    """The JSON of the body, with a raw text of JSON in one place."""
    changed = copy.deepcopy(body)
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = _HERE
    return json.dumps(changed).encode().replace(b'"%s"' % _HERE.encode(), raw)


def _key(body: Any, payload: Payload) -> bytes:
    key = (
        payload.json
        if payload.json.startswith(b'"')
        else json.dumps(payload.json.decode("latin-1")).encode()
    )
    more = json.dumps(body).encode()[1:]
    return b"{" + key + b": 1" + (b"}" if more == b"}" else b", " + more)


def _csv(schema: dict[str, Any]) -> str:
    """A file with one line, under the header that the description names."""
    header = schema["description"].partition("header ")[2]
    return header + "\n" + ",".join("1" for _ in header.split(",")) + "\n"


def _file(header: list[str], line: list[str], index: int, text: bytes) -> bytes:
    """A file of two lines, with a text in one field of `line`; the header goes before."""
    fields = [each.encode() for each in line]
    fields[index] = b'"' + text.replace(b'"', b'""') + b'"'
    rows = [",".join(header).encode(), b",".join(fields)]
    return b"\n".join(rows if header[0] != "1" else rows[::-1]) + b"\n"


def _sample(schema: dict[str, Any], document: dict[str, Any]) -> Any:
    return copy.deepcopy(_sampled(json.dumps(schema), _Document(document)))


class _Document:
    """A document that can be a key of a cache: it is one all along."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.components = document.get("components", {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Document) and self.components is other.components

    def __hash__(self) -> int:
        return id(self.components)


@cache
def _sampled(text: str, document: _Document) -> Any:
    schema = json.loads(text)
    if "$ref" in schema:
        schema = document.components["schemas"][schema["$ref"].rpartition("/")[2]]
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _sampled(json.dumps(schema[choice][0]), document)
    if "enum" in schema:
        return schema["enum"][0]
    if "examples" in schema:
        return schema["examples"][0]
    if not schema.keys() & {"type", "format", "pattern", "description", "minLength"}:
        return {"id": 1}  # any JSON
    kinds = schema.get("type", "string")
    match kinds if isinstance(kinds, str) else kinds[0]:
        case "object":
            properties = schema.get("properties", {})
            return {k: _sampled(json.dumps(v), document) for k, v in properties.items()}
        case "array":
            return [_sampled(json.dumps(schema["items"]), document)]
        case "boolean":
            return True
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
    if "e-mail" in schema.get("description", "").lower():  # a rule that no pattern tells
        return "ada@example.com"
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    fits = Draft202012Validator(schema)
    return next((t for t in _TEXTS if fits.is_valid(t)), "x" * schema.get("minLength", 1))
