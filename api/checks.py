"""A domain's CHECK as limits that a JSON schema can state.

Only forms that are surely recognised count; of any other the database is the judge.
"""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from api.catalog import PgType
from api.patterns import Pattern, pattern

# A cast of VALUE may change it: (VALUE)::integer rounds, (VALUE)::citext compares otherwise. So
# only those count that leave a value of the domain's base as it is.
_TEXT_CAST = r"(?:::(?:text|character varying))?"
_NUMBER_CAST = r"(?:::(?:smallint|integer|bigint|numeric|real|double precision))?"
_TEXT = rf"\(?VALUE\)?{_TEXT_CAST}"
_NUMBER = rf"\(?'?(-?[0-9]+(?:\.[0-9]+)?)'?\)?{_NUMBER_CAST}"
_LABEL_CAST = r"(?:::[\w .\"]+)?"
_LENGTH = re.compile(
    r"(?:char_length|character_length|length)"
    rf"\((?:{_TEXT}|\({_TEXT}\))\) (>=|<=|>|<|=) \(?([0-9]+)\)?"
)
_ANY = re.compile(rf"{_TEXT} = ANY \(\(?ARRAY\[(.*?)\]\)?{_LABEL_CAST}(?:\[\])?\)", re.DOTALL)
_ANY_ITEM = re.compile(rf"\(?'((?:[^']|'')*)'{_LABEL_CAST}\)?{_TEXT_CAST}")
_MATCH = re.compile(rf"{_TEXT} ~ '((?:[^']|'')*)'{_TEXT_CAST}", re.DOTALL)

SURE_DIGITS = 6  # how many decimal digits any float keeps
_INTEGERS = ("int2", "int4", "int8")
# To which types a value may be cast for a comparison without being rounded.
_EXACT_CASTS = {
    **dict.fromkeys(_INTEGERS, r"(?:::(?:smallint|integer|bigint|numeric))?"),
    "numeric": r"(?:::numeric)?",
    "float4": r"(?:::(?:real|double precision))?",
    "float8": r"(?:::double precision)?",
}


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
    pattern: Pattern | None = None


def limits(expression: str, base: PgType) -> Limits | None:
    """The limits that a CHECK expression states, or None if any part of it is not recognised.

    `base` is the type under the domain: the same words mean another thing on another type.
    """
    found = Limits()
    for term in _terms(expression):
        stated = _stated(term, base)
        if stated is None:
            return None
        name, _ = next(iter(stated.items()))
        if getattr(found, name) is not None:
            return None  # two limits of one kind: the database knows which is tighter
        found = replace(found, **stated)  # type: ignore[arg-type]
    return found


def _stated(term: str, base: PgType) -> dict[str, object] | None:
    if base.kind == "e":
        return _any(term)
    if base.schema != "pg_catalog":
        return None
    if base.name in ("text", "varchar"):
        return _length(term) or _any(term) or _match(term)
    if base.name in _EXACT_CASTS:
        return _comparison(term, base)
    return None


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


def _comparison(term: str, base: PgType) -> dict[str, object] | None:
    cast = _EXACT_CASTS[base.name]
    match = re.fullmatch(rf"\(?VALUE\)?{cast} (>=|<=|>|<) {_NUMBER}", term)
    if match is None:
        return None
    bound = Decimal(match[2])
    if base.name.startswith("float") and len(bound.as_tuple().digits) > SURE_DIGITS:
        return None
    names = {
        ">=": "minimum",
        "<=": "maximum",
        ">": "exclusive_minimum",
        "<": "exclusive_maximum",
    }
    return {names[match[1]]: bound}


def _length(term: str) -> dict[str, object] | None:
    match = _LENGTH.fullmatch(term)
    if match is None:
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
    portable = pattern(match[1].replace("''", "'"))
    return None if portable is None else {"pattern": portable}
