"""What a client would rather have (RFC 7240): wishes that are granted, and then said to be.

`tx=rollback` is a rehearsal, in PostgREST's words: all is done and answered as it would be, and
then taken back. `handling=lenient` is for posted lists, see api/bulk.py.
"""

import re

from api.problems import Headers

_PREFERENCE = re.compile(r'\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?')


def applied(wish: str) -> Headers:
    """The header that says that a wish was granted."""
    return [(b"preference-applied", wish.encode())]


def wishes(prefer: bytes) -> dict[str, str]:
    """What a Prefer header says, by lower-case name; the first of a name counts."""
    found: dict[str, str] = {}
    for part in prefer.decode("latin-1").split(","):
        match = _PREFERENCE.match(part)
        if match is not None:
            found.setdefault(match[1].lower(), (match[2] or "").strip('"'))
    return found


def rolls_back(prefer: bytes) -> bool:
    """Whether a Prefer header asks for a rehearsal."""
    return wishes(prefer).get("tx", "").lower() == "rollback"
