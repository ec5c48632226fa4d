"""JSON as RFC 8259 and PostgreSQL both read it, with every number kept as it was written."""

import json
import re
from collections import Counter
from dataclasses import dataclass

MAX_DEPTH = 64

_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTE = json.encoder.encode_basestring


@dataclass(frozen=True, slots=True)
class Number:
    """A number's own text: a float would lose digits that numeric keeps."""

    text: str


class JsonError(ValueError):
    """What is wrong with a JSON text.

    `malformed` is False where it is JSON, but not for us; `pointer` then says where, if known.
    """

    def __init__(self, sentence: str, *, malformed: bool = True, pointer: str = "") -> None:
        super().__init__(sentence)
        self.malformed = malformed
        self.pointer = pointer


def loads(body: bytes) -> object:
    """Read a JSON text into str, Number, bool, None, list and dict.

    Raises JsonError for broken JSON, and with malformed=False for what only some readers take:
    NaN, duplicate names, NUL and lone surrogates in strings, nesting over MAX_DEPTH.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise JsonError(f"The body is not UTF-8: byte {error.start + 1} is wrong.") from None
    try:
        value = _DECODER.decode(text)
    except JsonError:
        raise
    except json.JSONDecodeError as error:
        raise JsonError(
            f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise _too_deep() from None
    # What must be looked for stands in the text as an escape, or as so many brackets.
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _inspect(value, 1, "")
    return value


def scan(text: str, start: int) -> tuple[object, int] | None:
    """The value that begins there and where it ends; None where the text ends amid it, or is wrong.

    Raises JsonError with malformed=False as loads() does.
    """
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError:
        return None
    except RecursionError:
        raise _too_deep() from None
    brackets = text.count("[", start, end) + text.count("{", start, end)
    if text.find("\\u", start, end) >= 0 or brackets > MAX_DEPTH:
        _inspect(value, 1, "")
    return value, end


def dumps(value: object) -> str:
    """The JSON text of what loads() returned."""
    match value:
        case Number(text=text):
            return text
        case str():
            return _QUOTE(value)
        case dict():
            return "{" + ",".join(f"{_QUOTE(k)}:{dumps(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ",".join(map(dumps, value)) + "]"
        case _:
            return json.dumps(value)


def check_text(text: str) -> str | None:
    """Why PostgreSQL can't store this text, as the end of a sentence, or None."""
    if "\x00" in text:
        return "must not contain the NUL character"
    if _SURROGATE.search(text):
        return "must not contain half of a surrogate pair"
    return None


def _constant(name: str) -> object:
    raise JsonError(f"JSON has no {name}.", malformed=False)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        twice = next(name for name, count in counts.items() if count > 1)
        raise JsonError(f"The name {twice[:100]!r} stands twice in one object.", malformed=False)
    return found


_DECODER = json.JSONDecoder(
    parse_int=Number, parse_float=Number, parse_constant=_constant, object_pairs_hook=_object
)


def _too_deep() -> JsonError:
    return JsonError(f"The body is nested more than {MAX_DEPTH} deep.", malformed=False)


def _inspect(value: object, depth: int, pointer: str) -> None:
    if depth > MAX_DEPTH:
        raise _too_deep()
    match value:
        case str():
            if (reason := check_text(value)) is not None:
                raise JsonError(f"A string in the body {reason}.", malformed=False, pointer=pointer)
        case list():
            for index, item in enumerate(value):
                _inspect(item, depth + 1, f"{pointer}/{index}")
        case dict():
            for name, item in value.items():
                _inspect(name, depth, pointer)
                _inspect(item, depth + 1, f"{pointer}/{escape(name)}")


def escape(name: str) -> str:
    """A name as a reference token of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
