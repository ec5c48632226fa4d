"""Reading a request: path, query and body into the parameters of a call."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from api.encode import ArgumentError, check_argument
from api.endpoint import WHOLE_BODY, Argument, Endpoint
from api.paging import decode_cursor
from api.problems import Problem, invalid
from api.strictjson import JsonError, check_text, escape, loads

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

_MAX_FIELDS = 1000


class Disconnected(Exception):  # noqa: N818 -- an event, not an error
    """The client left before its request was whole."""


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of that lower-case name."""
    for key, value in scope["headers"]:
        if key == name:
            found: str = value.decode("latin-1")
            return found
    return None


async def body(scope: Scope, receive: Receive, limit: int, seconds: float) -> bytes:
    """The whole body. Problem 413 above `limit` bytes, 408 when it does not arrive in time."""
    length = header(scope, b"content-length")
    if length is not None and length.isdigit() and int(length) > limit:
        raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Disconnected
                chunk = message.get("body", b"")
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                chunks.append(chunk)
                if not message.get("more_body"):
                    return b"".join(chunks)
    except TimeoutError:
        raise Problem(
            408, f"The body did not arrive within {seconds:g} seconds.", slug="body-too-slow"
        ) from None


def _too_large(limit: int) -> Problem:
    return Problem(413, f"The body is larger than {limit} bytes.", slug="body-too-large")


def require_type(scope: Scope, wanted: str) -> None:
    """Problem 415 unless the body says that it is of that media type."""
    given = header(scope, b"content-type")
    if given == wanted:
        return
    media, _, parameters = (given or "").partition(";")
    media = media.strip().lower()
    right = media == wanted or (wanted == "application/json" and media.endswith("+json"))
    charset = parameters.lower().replace('"', "").replace(" ", "")
    if right and ("charset=" not in charset or "charset=utf-8" in charset):
        return
    said = f"not {given[:100]}" if given else "and the request says no Content-Type"
    raise Problem(415, f"The body must be {wanted} in UTF-8, {said}.", slug="wrong-content-type")


def unquote(text: str | bytes) -> str:
    """A percent-encoded part of a path. Problem 400 where it is not UTF-8."""
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        raise Problem(400, "The path is not UTF-8.", slug="bad-path") from None


Given = dict[str, str | None]
_NONE: Mapping[str, str | None] = {}


def arguments(
    endpoint: Endpoint,
    path: dict[str, str],
    query: bytes,
    content: bytes | None,
    required: Mapping[str, str | None] = _NONE,
) -> Given:
    """The parameters by argument name, only those that were given; a cursor's field by field.

    Raises Problem 422 that names every argument which is wrong, missing or unknown, 400 for a
    body that is not JSON, and 428 where a version is missing. `content` is None where the endpoint
    takes no JSON body; `required` is what If-Match gave, None for what is no version: 412, but only
    where all else is right (RFC 9110, 13.2.1).
    """
    given: Given = {}
    errors: list[dict[str, str]] = []
    for name, value in path.items():
        _take_text(endpoint.arguments[name], [value], given, errors)
    _take_query(endpoint, query, given, errors)
    if content is not None:
        _take_body(endpoint, content, given, errors)
    for name, version in required.items():
        if given.setdefault(name, version) != version and version is not None:
            errors.append({"pointer": f"/{escape(name)}", "detail": "is not that of If-Match"})
    if not errors and _is_unconditional(endpoint, given):
        raise Problem(
            428,
            "This changes only a version that you have read: send its ETag as If-Match.",
            slug="precondition-required",
        )
    for argument in endpoint.arguments.values():
        if argument.required and argument.name not in given:
            pointer = f"/{escape(argument.name)}"
            if not any((error["pointer"] + "/").startswith(pointer + "/") for error in errors):
                errors.append({"pointer": pointer, "detail": "is required"})
    if errors:
        raise invalid(errors)
    if None in required.values():
        sentence = "This is not the ETag of any version: read it again."
        raise Problem(412, sentence, slug="precondition-failed")
    return given


def _is_unconditional(endpoint: Endpoint, given: Given) -> bool:
    name = endpoint.annotation.if_match
    return name is not None and name not in given and endpoint.arguments[name].required


def _take_text(
    argument: Argument, values: list[str], given: Given, errors: list[dict[str, str]]
) -> None:
    pointer = f"/{escape(argument.name)}"
    try:
        for value in values:
            check_argument(value, pointer)
        if argument.from_texts is not None:
            given[argument.name] = argument.from_texts(values, pointer)
        elif len(values) > 1:
            errors.append({"pointer": pointer, "detail": "is given more than once"})
        elif argument.cursor_fields:
            fields = decode_cursor(values[0], argument.cursor_fields, pointer)
            given |= {f"{argument.name}.{name}": value for name, value in fields.items()}
        else:
            given[argument.name] = argument.from_text(values[0], pointer)
    except ArgumentError as error:
        errors.append({"pointer": error.pointer, "detail": error.sentence})


def _take_query(
    endpoint: Endpoint, query: bytes, given: Given, errors: list[dict[str, str]]
) -> None:
    if not query:
        return
    try:
        pairs = parse_qsl(
            query.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except UnicodeDecodeError:
        raise Problem(400, "The query is not percent-encoded UTF-8.", slug="bad-query") from None
    except ValueError:
        raise Problem(400, f"The query has over {_MAX_FIELDS} fields.", slug="bad-query") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(endpoint.aliases.get(name, name), []).append(value)
    for name, values in found.items():
        argument = endpoint.arguments.get(name)
        if argument is None or argument.place != "query":
            errors.append(_unknown(endpoint, name, "query"))
        else:
            _take_text(argument, values, given, errors)


def _unknown(endpoint: Endpoint, name: str, place: str) -> dict[str, str]:
    known = [each.name for each in endpoint.arguments.values() if each.place == place]
    named = f"known here are {', '.join(known)}" if known else f"it takes none in its {place}"
    shown = "a name with NUL or a broken character" if check_text(name) else name[:100]
    return {"pointer": f"/{escape(shown)}", "detail": f"is no argument of this endpoint; {named}"}


def _take_body(
    endpoint: Endpoint, content: bytes, given: Given, errors: list[dict[str, str]]
) -> None:
    if not content.strip():
        return  # nothing given: what is required will be missed by name
    value = json_body(content)
    if WHOLE_BODY in endpoint.arguments:
        given[WHOLE_BODY] = content.decode()
        return
    if not isinstance(value, dict):
        raise invalid([{"pointer": "", "detail": "The body must be a JSON object."}])
    for name, item in value.items():
        argument = endpoint.arguments.get(endpoint.aliases.get(str(name), str(name)))
        if argument is None or argument.place != "body":
            errors.append(_unknown(endpoint, name, "body"))
            continue
        try:
            given[argument.name] = argument.from_json(item, f"/{escape(argument.name)}")
        except ArgumentError as error:
            errors.append({"pointer": error.pointer, "detail": error.sentence})


def json_body(content: bytes) -> object:
    """The value of a JSON body. Problem 400 where it is no JSON, 422 where it is none for us."""
    try:
        return loads(content)
    except JsonError as error:
        errors = [{"pointer": error.pointer, "detail": str(error)}]
        raise Problem(
            400 if error.malformed else 422,
            str(error),
            slug="bad-json",
            errors=[] if error.malformed else errors,
        ) from None
