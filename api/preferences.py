"""What a client prefers (RFC 7240): wishes that an endpoint may grant, and says if it did."""

import re

from api.reading import Scope

_WISH = re.compile(r'\s*([A-Za-z-]+)\s*(?:=\s*("[^"]*"|[^\s;,"]*))?[^,]*(?:,|\Z)')


def preferences(scope: Scope) -> dict[str, str]:
    """The wishes by their lower-case names; of one that is there twice the first counts."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        if name == b"prefer":
            for wish in _WISH.finditer(value.decode("latin-1")):
                found.setdefault(wish[1].lower(), (wish[2] or "").strip('"'))
    return found
