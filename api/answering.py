"""What a function says of its own answer: its status, its headers, where the new thing is."""

import json
import re
from urllib.parse import quote

from api.problems import Headers
from api.reading import Given

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_NOT_THEIRS = {"content-length", "transfer-encoding", "connection", "x-request-id"}


def status(said: bytes | None) -> int | None:
    """What response.status says, if anything. Raises ValueError for what is no status."""
    if said is None:
        return None
    if not re.fullmatch(rb"[2-5]\d\d", said):
        raise ValueError(f"response.status is {said!r}, which is no HTTP status")
    return int(said)


def headers(said: bytes | None) -> Headers:
    """What response.headers says: an array of objects with one header each; one object will do.

    The form is PostgREST's. Raises ValueError for a header that is none, or none of a function's.
    """
    if said is None:
        return []
    parsed = json.loads(said)
    objects = parsed if isinstance(parsed, list) else [parsed]
    found = []
    for name, value in (pair for each in objects for pair in each.items()):
        text = str(value)
        wrong = not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(text)
        if wrong or name.lower() in _NOT_THEIRS:
            raise ValueError(f"response.headers sets {name!r}, which a function can't")
        found.append((name.lower().encode(), text.encode("latin-1")))
    return found


def location(template: str, value: bytes | None, given: Given) -> str:
    """Where the new thing is: the path of @location, filled in from its row and the arguments."""
    row = json.loads(value) if value else {}

    def fill(match: re.Match[str]) -> str:
        name = match[1]
        return quote(str(row.get(name, given.get(name, ""))), safe="")

    return re.sub(r"\{(\w+)\}", fill, template)
