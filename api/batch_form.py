"""A batch as it was sent: its calls, each taken apart, with the references in it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.problems import Headers, Problem, invalid
from api.reading import Scope
from api.references import Parts, Reference, ReferenceFault, Template, compiled, parse
from api.strictjson import escape

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MEMBERS = ("id", "method", "path", "body", "headers")
_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LITERAL = re.compile(r"[!-\"$-~]*")  # percent-encoded, and without a fragment
_LONGEST_TARGET = 8192
_NO_TARGET = "must be a path below the API's prefix, percent-encoded, as in /orders?limit=5"
# What a call may say for itself; all else is said by the batch, and counts for all its calls.
_OWN_HEADERS = ("if-match", "if-none-match")
HEADER_VALUE = "[ -~]{0,1024}"
_HEADER_VALUE = re.compile(HEADER_VALUE)


@dataclass(frozen=True, slots=True)
class Sent:
    """One call. `path` and `query` hold references, and so may the strings of `content`."""

    number: int
    name: str | None
    method: str
    path: Parts
    query: Parts
    content: object
    headers: Headers

    @property
    def refers(self) -> bool:
        """Whether anything in it depends on an answer."""
        parts = (*self.path, *self.query)
        return any(isinstance(part, Reference) for part in parts) or _refers(self.content)

    def wrong(self, place: str, sentence: str) -> Problem:
        """The 422 for its path or body."""
        return invalid([{"pointer": f"/calls/{self.number}/{place}", "detail": sentence}])


def calls(sent: object, most: int) -> list[Any]:
    """The calls of a batch, unseen. Raises Problem 422."""
    if not isinstance(sent, dict) or sent.keys() != {"calls"}:
        sentence = 'The body must be an object with "calls", and nothing else.'
        raise invalid([{"pointer": "", "detail": sentence}])
    found = sent["calls"]
    if not isinstance(found, list) or not 1 <= len(found) <= most:
        raise invalid([{"pointer": "/calls", "detail": f"must be an array of 1 to {most} calls"}])
    return found


def name_of(given: object, number: int, known: Mapping[str, int]) -> str | None:
    """The id of a call that has the form of one. Raises Problem 422."""
    here = f"/calls/{number}"
    if not isinstance(given, dict):
        raise invalid([{"pointer": here, "detail": "must be an object"}])
    errors = [
        {
            "pointer": f"{here}/{escape(str(name)[:100])}",
            "detail": f"is no part of a call; known are {', '.join(_MEMBERS)}",
        }
        for name in given
        if name not in _MEMBERS
    ]
    name, path = given.get("id"), given.get("path")
    if "id" in given and (not isinstance(name, str) or not _ID.fullmatch(name)):
        sentence = "must be a letter or _, then letters, digits, _ and -, 64 at most"
        errors.append({"pointer": f"{here}/id", "detail": sentence})
    elif isinstance(name, str) and name in known:
        errors.append({"pointer": f"{here}/id", "detail": "is the id of an earlier call"})
    if given.get("method") not in METHODS:
        sentence = f"must be one of {', '.join(METHODS)}"
        errors.append({"pointer": f"{here}/method", "detail": sentence})
    if not isinstance(path, str) or len(path) > _LONGEST_TARGET or not path.startswith("/"):
        errors.append({"pointer": f"{here}/path", "detail": _NO_TARGET})
    errors += _wrong_headers(given.get("headers", {}), f"{here}/headers")
    if errors:
        raise invalid(errors)
    return name if isinstance(name, str) else None


def _wrong_headers(headers: object, here: str) -> list[dict[str, str]]:
    if not isinstance(headers, dict) or any(
        str(name).lower() not in _OWN_HEADERS for name in headers
    ):
        sentence = (
            "may hold If-Match and If-None-Match; all other headers are sent with the batch, and"
            " count for each call"
        )
        return [{"pointer": here, "detail": sentence}]
    return [
        {"pointer": f"{here}/{name}", "detail": "must be up to 1024 characters of printable ASCII"}
        for name, value in headers.items()
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value)
    ]


def taken_apart(
    given: Mapping[str, Any], number: int, name: str | None, known: Mapping[str, int]
) -> Sent:
    """A call that has the form of one; `known` are the numbers of those before it.

    Raises Problem 422.
    """
    here = f"/calls/{number}"
    try:
        target = parse(given["path"], known)
        content = compiled(given.get("body"), known)
    except ReferenceFault as fault:
        place = f"/body{fault.args[1]}" if len(fault.args) > 1 else "/path"
        raise invalid([{"pointer": here + place, "detail": str(fault.args[0])}]) from None
    if not all(isinstance(part, Reference) or _LITERAL.fullmatch(part) for part in target):
        raise invalid([{"pointer": f"{here}/path", "detail": _NO_TARGET}])
    path, query = _split(target)
    headers = [
        (key.lower().encode(), value.encode()) for key, value in given.get("headers", {}).items()
    ]
    return Sent(number, name, given["method"], path, query, content, headers)


def _split(target: Parts) -> tuple[Parts, Parts]:
    """What is before the first ? outside of references, and what comes after it."""
    for place, part in enumerate(target):
        if isinstance(part, str) and "?" in part:
            path, _, query = part.partition("?")
            return (*target[:place], path), (query, *target[place + 1 :])
    return target, ()


def _refers(value: object) -> bool:
    match value:
        case Template():
            return True
        case list():
            return any(map(_refers, value))
        case dict():
            return any(map(_refers, value.values()))
        case _:
            return False


def of_call(number: int, name: str | None, problem: Problem, scope: Scope) -> Problem:
    """The problem of a whole batch, with that of one of its calls inside."""
    own = json.loads(problem.body(scope["state"]["request_id"]))
    which = f"Call {number}" if name is None else f"Call {number} ({name})"
    more: dict[str, object] = {"call": number}
    if name is not None:
        more["id"] = name
    return Problem(
        problem.status,
        f"{which} failed, so nothing of the batch was done: {own['detail']}",
        slug="batch-call-failed",
        title="A call of the batch failed",
        headers=problem.headers,
        more={**more, "problem": own},
    )
