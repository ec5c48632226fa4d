"""In which form a client asks for a list: Accept and Accept-Encoding (RFC 9110, 12.5).

JSON is what everybody gets who does not clearly prefer another form that we have, whatever else
they name: who never asked for a form must not be refused for it.
"""

import re
from dataclasses import dataclass
from enum import Enum

from api.reading import Scope

VARY = (b"vary", b"accept")
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_EXACT, _KIND, _ANY = 3, 2, 1
_JSON = "application/json"
# What surely leads to JSON need not be taken apart.
_HINTS = (b"csv", b"ndjson", b"text/*")


class Form(Enum):
    """A form of a list besides JSON, by its media type."""

    CSV = "text/csv"
    NDJSON = "application/x-ndjson"

    @property
    def extension(self) -> str:
        """What the names of such files end in."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class _Weight:
    """How much something is wanted, and how exactly it was named."""

    quality: float = 0.0
    exactness: int = 0


def form_asked(scope: Scope) -> Form | None:
    """The form that the request prefers to JSON, or None."""
    said = _said(scope, b"accept")
    if said is None or said == b"*/*":
        return None
    said = said.lower()
    if not any(hint in said for hint in _HINTS):
        return None
    ranges = _weights(said)
    best, found = _weight(ranges, _JSON), None
    for form in Form:
        weight = _weight(ranges, form.value)
        if weight.quality and (weight.quality, weight.exactness) > (best.quality, best.exactness):
            best, found = weight, form
    return found


def takes_gzip(scope: Scope) -> bool:
    """Whether the request would rather have its answer packed than as it is."""
    said = _said(scope, b"accept-encoding")
    if said is None:
        return False
    codings = _weights(said.lower())
    wanted = max(codings.get(name, -1.0) for name in ("gzip", "x-gzip"))
    if wanted < 0:
        wanted = codings.get("*", 0.0)
    return wanted > 0 and wanted >= codings.get("identity", 0.0)


def _said(scope: Scope, name: bytes) -> bytes | None:
    """All lines of a header as one."""
    lines: list[bytes] = [value for key, value in scope["headers"] if key == name]
    return b",".join(lines) if lines else None


def _weights(said: bytes) -> dict[str, float]:
    """The quality of each name in a list; 0 where it makes no sense, as for what is not wanted."""
    found: dict[str, float] = {}
    for item in said.decode("latin-1").split(","):
        name, *parameters = item.split(";")
        quality = 1.0
        for parameter in parameters:
            key, _, value = parameter.partition("=")
            if key.strip() == "q":
                known = _QUALITY.fullmatch(value.strip())
                quality = float(value) if known else 0.0
        name = name.strip()
        found[name] = max(quality, found.get(name, 0.0))
    return found


def _weight(ranges: dict[str, float], media: str) -> _Weight:
    """What the most exact range that fits says of a media type."""
    kind = media.partition("/")[0]
    for name, exactness in ((media, _EXACT), (f"{kind}/*", _KIND), ("*/*", _ANY)):
        if name in ranges:
            return _Weight(ranges[name], exactness)
    return _Weight()
