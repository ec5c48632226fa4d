"""JSON as it comes, made into rows for COPY: an object a line (NDJSON), or one array of objects.

Each field is read as an argument of its type is, so the same is refused with the same words. In
NDJSON a line that is wrong is one bad line. An array is one document: JSON as a whole, or none.
"""

import codecs
import re
from collections.abc import Iterator

from api.encode import ArgumentError
from api.endpoint import Bulk
from api.problems import Problem
from api.staged import LONGEST, Rows, too_long
from api.strictjson import JsonError, Number, check_text, dumps, loads, scan

_SLICE = 20  # objects before others get their turn
_BOM = b"\xef\xbb\xbf"
_BLANK = re.compile(r"[ \t\n\r]*")


class _Objects:
    """What both have: an object becomes a row."""

    def __init__(self, bulk: Bulk) -> None:
        self._is_typed = bulk.is_typed
        self._fields = {each.name: each.from_json for each in bulk.fields}
        self._rows = Rows(bulk)
        self._rows.width = len(self._fields)
        self.columns = tuple(self._fields)

    @property
    def records(self) -> int:
        """How many there were, those with a problem among them."""
        return self._rows.count

    def _row(self, number: int, value: object, raw: bytes) -> bytes:
        if not isinstance(value, dict):
            return self._rows.bad(number, "is no JSON object", raw)
        for name in value:
            if name not in self._fields:
                shown = "a name with NUL or a broken character" if check_text(name) else name[:100]
                problem = f"is no field here; known are {', '.join(self._fields)}"
                return self._rows.bad(number, problem, raw, shown)
        texts: list[str | None] = []
        for name, from_json in self._fields.items():
            item = value.get(name)
            try:
                texts.append(from_json(item, "") if self._is_typed else _as_text(item))
            except ArgumentError as error:
                return self._rows.bad(number, error.sentence, raw, name)
        return self._rows.row(number, texts, raw)


def _as_text(value: object) -> str | None:
    """A field of a list that its function reads as text."""
    match value:
        case None | str():
            return value
        case Number(text=text):
            return text
        case _:
            return dumps(value)


class NdjsonLines(_Objects):
    """The lines of an NDJSON body."""

    def __init__(self, bulk: Bulk) -> None:
        super().__init__(bulk)
        self._buffer = b""
        self._number = 0
        self._skips = False
        self._is_first = True

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Rows for COPY, a slice at a time."""
        self._buffer += piece
        *lines, self._buffer = self._buffer.split(b"\n")
        if len(self._buffer) > LONGEST:  # so there was no line's end in this piece
            if not self._skips:
                self._skips = True
                yield self._rows.bad(self._number + 1, too_long(), b"")
            self._buffer = b""
        yield from self._split(lines)

    def end(self) -> Iterator[bytes]:
        """The rest, when there is no more to come."""
        lines, self._buffer = [self._buffer], b""
        yield from self._split(lines)

    def _split(self, lines: list[bytes]) -> Iterator[bytes]:
        done = []
        if lines and self._is_first:
            self._is_first = False
            lines[0] = lines[0].removeprefix(_BOM)
        for line in lines:
            self._number += 1
            if self._skips:
                self._skips = False
            elif bare := line.strip(b" \t\r"):
                done.append(self._line(bare))
            if len(done) == _SLICE:
                yield b"".join(done)
                done.clear()
        yield b"".join(done)

    def _line(self, line: bytes) -> bytes:
        shown = line.decode("utf-8", "replace").replace("\x00", "\ufffd").encode()
        try:
            value = loads(line)
        except JsonError as error:
            return self._rows.bad(self._number, _of_line(str(error)), shown)
        return self._row(self._number, value, shown)


def _of_line(sentence: str) -> str:
    """What is said of a body, said of a line."""
    said = sentence.removeprefix("The body ").replace("in the body ", "").rstrip(".")
    said = said.replace(" at line 1, column ", " at column ")
    return said[:1].lower() + said[1:] if said.startswith(("A ", "The ")) else said


class JsonArray(_Objects):
    """The objects of one JSON array. Problem 400 where it is none, 422 where it is not for us."""

    def __init__(self, bulk: Bulk) -> None:
        super().__init__(bulk)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text = ""
        self._at = 0
        self._number = 0
        self._wants = "["

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Rows for COPY, a slice at a time."""
        self._take(piece, final=False)
        yield from self._objects()
        if len(self._text) - self._at > LONGEST:
            raise _malformed(f"Its object {self._number + 1} does not end, or is {too_long()}.")

    def end(self) -> Iterator[bytes]:
        """The rest, when there is no more to come."""
        self._take(b"", final=True)
        yield from self._objects()
        if self._wants != "end":
            left = self._text[self._at : self._at + 20]
            where = f"at {left!r}" if left.isprintable() and left else "too early"
            raise _malformed(f"It ends {where}, after {self._number} objects.")

    def _take(self, piece: bytes, *, final: bool) -> None:
        try:
            self._text = self._text[self._at :] + self._decoder.decode(piece, final)
        except UnicodeDecodeError:
            raise _malformed(f"It is not UTF-8 after {self._number} objects.") from None
        self._at = 0

    def _objects(self) -> Iterator[bytes]:
        done: list[bytes] = []
        while (row := self._next()) is not None:
            done.append(row)
            if len(done) >= _SLICE:
                yield b"".join(done)
                done.clear()
        yield b"".join(done)

    def _next(self) -> bytes | None:
        """The row of the next object; nothing of a comma or a bracket; None if there is no more."""
        blank = _BLANK.match(self._text, self._at)
        self._at = blank.end() if blank else self._at
        if self._at == len(self._text):
            return None
        mark = self._text[self._at]
        if self._wants == "[" and mark == "\ufeff":
            self._at += 1
            return b""
        if mark == "{" and self._wants in ("object", "first"):
            return self._object()
        follows = {"[[": "first", ",,": "object", ",]": "end", "first]": "end"}
        wanted = follows.get(self._wants + mark)
        if wanted is None:
            raise _malformed(self._unexpected(mark))
        self._wants = wanted
        self._at += 1
        return b""

    def _unexpected(self, mark: str) -> str:
        shown = repr(mark) if mark.isprintable() else "an unprintable character"
        if self._wants == "[":
            return f"It begins with {shown}, not with [."
        if self._wants == "end":
            return f"{shown} follows where it has ended."
        if self._wants == ",":
            return f"After object {self._number} stands {shown}, no comma."
        return f"Its element {self._number + 1} is no object: it begins with {shown}."

    def _object(self) -> bytes | None:
        start = self._at
        try:
            found = scan(self._text, start)
        except JsonError as error:
            sentence = f"Object {self._number + 1}: {error}"
            raise Problem(422, sentence, slug="bad-json") from None
        if found is None:
            return None  # it may go on in the next piece
        value, self._at = found
        self._number += 1
        self._wants = ","
        return self._row(self._number, value, self._text[start : self._at].encode())


def _malformed(sentence: str) -> Problem:
    return Problem(400, f"The body is no JSON array of objects. {sentence}", slug="bad-json")
