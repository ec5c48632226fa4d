"""Keyset paging: the cursor that clients pass back, and the Link header that holds it."""

import base64
import binascii
import re
from urllib.parse import parse_qsl, quote, urlencode

from api.encode import ArgumentError
from api.strictjson import JsonError, dumps, loads

_PLAIN = re.compile(rb"[A-Za-z0-9_.~=&-]*")


def encode_cursor(fields: bytes) -> str:
    """The opaque form of the last row's fields, which are a JSON object."""
    return base64.urlsafe_b64encode(fields).decode().rstrip("=")


def decode_cursor(cursor: str, names: tuple[str, ...], pointer: str) -> dict[str, str | None]:
    """The fields inside a cursor as text parameters; ArgumentError where it is none of ours.

    The values are not trusted: each is cast to its column's type when the call is bound.
    """
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        fields = loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, JsonError, ValueError):
        fields = None
    if not isinstance(fields, dict) or set(fields) != set(names):
        raise ArgumentError(pointer, "is no cursor of this list; take it from a page's Link header")
    return {name: _text(fields[name]) for name in names}


def _text(value: object) -> str | None:
    return value if value is None or isinstance(value, str) else dumps(value)


def next_link(path: str, query: bytes, fields: bytes) -> bytes:
    """The value of a Link header to the page that begins after the row with these fields."""
    if _PLAIN.fullmatch(query):  # nearly always, and ten times cheaper
        kept = [part for part in query.decode().split("&") if not part.startswith("cursor=")]
        before = "&".join(part for part in kept if part)
    else:
        pairs = parse_qsl(query.decode("ascii", "ignore"), keep_blank_values=True)
        before = urlencode([(name, value) for name, value in pairs if name != "cursor"])
    cursor = f"cursor={encode_cursor(fields)}"
    target = f"{quote(path)}?{before}&{cursor}" if before else f"{quote(path)}?{cursor}"
    return f'<{target}>; rel="next"'.encode()
