"""What a client would rather have (RFC 7240): `Prefer: tx=rollback`, a rehearsal.

All is done and answered as it would be, and then taken back. The words are PostgREST's.
"""

import re

from api.problems import Headers

APPLIED: Headers = [(b"preference-applied", b"tx=rollback")]
_PREFERENCE = re.compile(r'\s*([^\s=;,"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*))?')


def rolls_back(prefer: bytes) -> bool:
    """Whether a Prefer header asks for a rehearsal; of two that say otherwise the first counts."""
    for part in prefer.decode("latin-1").split(","):
        match = _PREFERENCE.match(part)
        if match is not None and match[1].lower() == "tx":
            return (match[2] or "").strip('"').lower() == "rollback"
    return False
