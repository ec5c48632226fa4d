"""Before the clock starts: every server gives the same answers."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from benchmarks.servers import Server
from benchmarks.wrk import Request
from db.errors import SetupError

ASKED = 5
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# What a write itself changes differs from one write to the next.
_MOVING = frozenset({"updated_at"})


def check(asked: Mapping[Server, Sequence[Request]], *, writes: bool) -> None:
    """Raise SetupError where two servers answer the same question differently."""
    servers = list(asked)
    for number in range(ASKED):
        answers = {}
        for server in servers:
            requests = asked[server]
            answers[server.name] = _answer(server, requests[number % len(requests)], writes=writes)
        first, *others = answers
        for other in others:
            if answers[other] != answers[first]:
                raise SetupError(
                    f"{other} answers otherwise than {first}:\n"
                    f"{str(answers[other])[:600]}\n{str(answers[first])[:600]}"
                )


def _answer(server: Server, request: Request, *, writes: bool) -> Any:
    status, body = server.ask(request)
    if status not in (200, 201, 204):
        said = body.decode(errors="replace")[:600]
        raise SetupError(f"{server.name} answers {request.path} with {status}: {said}")
    return _plain(json.loads(body or "null"), writes=writes)


def _plain(value: Any, *, writes: bool) -> Any:
    """JSON with instants read as such: +00:00 and Z are the same."""
    if isinstance(value, dict):
        return {
            key: _plain(each, writes=writes)
            for key, each in value.items()
            if not (writes and key in _MOVING)
        }
    if isinstance(value, list):
        return [_plain(each, writes=writes) for each in value]
    if isinstance(value, str) and _INSTANT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value
