"""References within a batch: `${a/id}` stands for the id in what the call named a has answered.

`${CALL POINTER}` may stand in any string of a call's path or body: CALL is the id or the number of
an earlier call, POINTER a JSON pointer (RFC 6901) into its body, empty for all of it. A string
that is nothing but one reference becomes what it refers to, of whatever type; within a longer
string, or a path, that must be a text, a number or a boolean. `$${` stands for `${` itself.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.strictjson import JsonError, Number, dumps, escape, loads

_TOKEN = re.compile(r"\$(?:\$\{|\{([^}]*)(\}?))")
_CALL = re.compile(r"([A-Za-z0-9_-]{1,64})((?:/[^/]*)*)", re.DOTALL)
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_ESCAPE = re.compile(r"~(?![01])")


class ReferenceFault(ValueError):  # noqa: N818 -- what is sent, not how we are called
    """What is wrong with a reference, as a sentence without its subject or full stop."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A place in the answer of the call of that number; `text` is how it was written."""

    call: int
    tokens: tuple[str, ...]
    text: str


Parts = tuple[str | Reference, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A string with references in it."""

    parts: Parts


def parse(text: str, known: Mapping[str, int]) -> Parts:
    """A string taken apart; `known` are the numbers of the calls that may be referred to.

    Raises ReferenceFault.
    """
    parts: list[str | Reference] = []
    literal, end = "", 0
    for match in _TOKEN.finditer(text):
        literal += text[end : match.start()]
        end = match.end()
        if match[1] is None:
            literal += "${"
            continue
        if not match[2]:
            raise ReferenceFault("has ${ without }; write $${ for ${ itself")
        if literal:
            parts.append(literal)
        parts.append(_reference(match[1], known))
        literal = ""
    literal += text[end:]
    if literal or not parts:
        parts.append(literal)
    return tuple(parts)


def _reference(text: str, known: Mapping[str, int]) -> Reference:
    shown = text[:100]
    match = _CALL.fullmatch(text)
    if match is None or _ESCAPE.search(match[2]):
        raise ReferenceFault(
            f"has ${{{shown}}}, which is not of the form ${{call/field}}; write $${{ for ${{ itself"
        )
    number = known.get(match[1])
    if number is None:
        raise ReferenceFault(f"refers to ${{{shown}}}, and no earlier call is called that")
    tokens = match[2].split("/")[1:]
    return Reference(
        number, tuple(token.replace("~1", "/").replace("~0", "~") for token in tokens), text
    )


def compiled(value: object, known: Mapping[str, int], pointer: str = "") -> object:
    """A JSON value with a Template in place of each string that refers to anything.

    Raises ReferenceFault, whose second argument is the JSON pointer to the string.
    """
    match value:
        case str():
            try:
                parts = parse(value, known)
            except ReferenceFault as fault:
                raise ReferenceFault(str(fault), pointer) from None
            only = parts[0]
            return only if len(parts) == 1 and isinstance(only, str) else Template(parts)
        case list():
            return [compiled(item, known, f"{pointer}/{n}") for n, item in enumerate(value)]
        case dict():
            return {
                name: compiled(item, known, f"{pointer}/{escape(str(name))}")
                for name, item in value.items()
            }
        case _:
            return value


class Answers:
    """What the calls of a batch have answered so far, read where something refers to it.

    At most `room` bytes may be put in for references.
    """

    def __init__(self, room: int) -> None:
        self._room = room
        self._bodies: list[bytes] = []
        self._read: dict[int, object] = {}
        self._sizes: dict[Reference, int] = {}

    def add(self, body: bytes) -> None:
        """The body of the next call's answer; empty where it has none."""
        self._bodies.append(body)

    def fill(self, value: object) -> object:
        """A compiled value with what it refers to in the places. Raises ReferenceFault."""
        match value:
            case Template(parts=(Reference() as only,)):
                return self._value(only)
            case Template(parts=parts):
                return self.text(parts)
            case list():
                return [self.fill(item) for item in value]
            case dict():
                return {name: self.fill(item) for name, item in value.items()}
            case _:
                return value

    def text(self, parts: Sequence[str | Reference]) -> str:
        """A string with texts in the places. Raises ReferenceFault."""
        return "".join(part if isinstance(part, str) else self.word(part) for part in parts)

    def word(self, reference: Reference) -> str:
        """What is referred to as text. Raises ReferenceFault where it is none."""
        match self._value(reference):
            case str() as text:
                return text
            case Number(text=text):
                return text
            case bool() as value:
                return "true" if value else "false"
            case _:
                raise ReferenceFault(
                    f"has ${{{reference.text[:100]}}} within a text, which is neither text, number"
                    " nor boolean"
                )

    def _value(self, reference: Reference) -> object:
        value = self._whole(reference)
        for token in reference.tokens:
            if isinstance(value, dict) and token in value:
                value = value[token]
            elif isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
                value = value[int(token)]
            else:
                raise ReferenceFault(
                    f"refers to ${{{reference.text[:100]}}}, and that call's answer has no such"
                    " field"
                )
        if reference not in self._sizes:
            self._sizes[reference] = len(dumps(value))
        self._room -= self._sizes[reference]
        if self._room < 0:
            raise ReferenceFault("refers to more than a body may hold")
        return value

    def _whole(self, reference: Reference) -> object:
        number = reference.call
        if number not in self._read:
            if not self._bodies[number]:
                raise ReferenceFault(
                    f"refers to ${{{reference.text[:100]}}}, and that call answers nothing"
                )
            try:
                self._read[number] = loads(self._bodies[number])
            except JsonError:
                raise ReferenceFault(
                    f"refers to ${{{reference.text[:100]}}}, and that call's answer is no JSON that"
                    " may be sent"
                ) from None
        return self._read[number]
