"""A domain's CHECK as limits that a JSON schema can state.

Only forms that are surely recognised count; of any other the database is the judge.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation

_CAST = r"(?:::[\w .\"]+(?:\(\d+(?:,\d+)?\))?(?:\[\])?)?"
_VALUE = rf"\(?VALUE\)?{_CAST}"
_NUMBER = rf"\(?'?(-?\d+(?:\.\d+)?)'?\)?{_CAST}"
_COMPARE = re.compile(rf"{_VALUE} (>=|<=|>|<|=) {_NUMBER}")
_LENGTH = re.compile(
    rf"(?:char_length|character_length|length)\({_VALUE}\) (>=|<=|>|<|=) {_NUMBER}"
)
_ANY = re.compile(rf"{_VALUE} = ANY \(\(?ARRAY\[(.*?)\]\)?{_CAST}\)", re.DOTALL)
_ANY_ITEM = re.compile(rf"\(?'((?:[^']|'')*)'{_CAST}\)?{_CAST}")
_MATCH = re.compile(rf"{_VALUE} ~ '((?:[^']|'')*)'{_CAST}", re.DOTALL)

# What PostgreSQL's, Python's and JavaScript's regular expressions read alike: literals, plain
# classes and ranges, groups, alternation, counts, anchors. No escapes of letters (\d and \w
# differ on Unicode), no dot (newlines differ), no lookaround, no back references.
_PORTABLE = re.compile(
    r"""(?: [^\\.\[\](){}?*+|^$]            # a literal
        | \\[^\w\s]                         # an escaped punctuation mark
        | \[\^?(?:[^\\\[\]]|\\[^\w\s])+\]   # a class
        | \((?!\?) | \) | \|                # groups and alternatives
        | [?*+](?![?+]) | \{\d+(?:,\d*)?\}(?![?+])
        | \^ | \$
        )*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must satisfy; None where there is no limit."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    exclusive_minimum: Decimal | None = None
    exclusive_maximum: Decimal | None = None
    min_length: int | None = None
    max_length: int | None = None
    one_of: tuple[str, ...] | None = None
    pattern: str | None = None


def limits(expression: str) -> Limits | None:
    """The limits that a CHECK expression states, or None if any part of it is not recognised."""
    found = Limits()
    for term in _terms(expression):
        stated = _comparison(term) or _length(term) or _any(term) or _match(term)
        if stated is None:
            return None
        name, _ = next(iter(stated.items()))
        if getattr(found, name) is not None:
            return None  # two limits of one kind: the database knows which is tighter
        found = replace(found, **stated)  # type: ignore[arg-type]
    return found


def _terms(expression: str) -> list[str]:
    text = _unwrap(expression.strip())
    parts = _split(text, " AND ")
    return [text] if len(parts) == 1 else [term for part in parts for term in _terms(part)]


def _unwrap(text: str) -> str:
    """Take off parentheses that enclose the whole of the text."""
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for index, char in enumerate(_blank_quotes(text)):
            depth += (char == "(") - (char == ")")
            if depth == 0 and index < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text


def _split(text: str, separator: str) -> list[str]:
    """Split at separators outside of parentheses and quotes."""
    blanked = _blank_quotes(text)
    parts, depth, start = [], 0, 0
    for index, char in enumerate(blanked):
        depth += (char == "(") - (char == ")")
        if depth == 0 and blanked.startswith(separator, index):
            parts.append(text[start:index])
            start = index + len(separator)
    return [*parts, text[start:]]


def _blank_quotes(text: str) -> str:
    return re.sub(r"'(?:[^']|'')*'", lambda match: "'" * len(match[0]), text)


def _comparison(term: str) -> dict[str, object] | None:
    match = _COMPARE.fullmatch(term)
    if match is None:
        return None
    try:
        value = Decimal(match[2])
    except InvalidOperation:
        return None
    names = {
        ">=": "minimum",
        "<=": "maximum",
        ">": "exclusive_minimum",
        "<": "exclusive_maximum",
    }
    return {names[match[1]]: value} if match[1] in names else None


def _length(term: str) -> dict[str, object] | None:
    match = _LENGTH.fullmatch(term)
    if match is None or not match[2].isdigit():
        return None
    length = int(match[2])
    stated = {
        ">=": {"min_length": length},
        ">": {"min_length": length + 1},
        "<=": {"max_length": length},
        "<": {"max_length": length - 1},
    }
    return dict(stated[match[1]]) if match[1] in stated else None


def _any(term: str) -> dict[str, object] | None:
    match = _ANY.fullmatch(term)
    if match is None:
        return None
    items = [_ANY_ITEM.fullmatch(item.strip()) for item in _split(match[1], ",")]
    if not all(items):
        return None
    return {"one_of": tuple(item[1].replace("''", "'") for item in items if item)}


def _match(term: str) -> dict[str, object] | None:
    match = _MATCH.fullmatch(term)
    if match is None:
        return None
    pattern = match[1].replace("''", "'")
    if pattern.startswith("***") or not _PORTABLE.fullmatch(pattern):
        return None
    return {"pattern": pattern}
