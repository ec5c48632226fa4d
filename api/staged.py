"""Rows of the staging table pg_temp.bulk_lines, as COPY's CSV has them.

Of a list that its function reads as text: the line's number, its text, its problem, its fields;
an unquoted \\N is null. Of one that is read by types: the number, the field that is wrong, the
problem, the fields; an empty field that is not quoted is null, as in PostgreSQL's own CSV.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from api.endpoint import Bulk

LONGEST = 1_048_576  # bytes of a line, or of a JSON object


class Lines(Protocol):
    """A body being split. `columns` are known before there are rows, and in their order."""

    columns: tuple[str, ...]

    @property
    def records(self) -> int:
        """How many there were, those with a problem among them."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Rows for COPY, a slice at a time. Raises Problem."""

    def end(self) -> Iterator[bytes]:
        """The rest, when there is no more to come. Raises Problem."""


def too_long() -> str:
    """Why a line is refused."""
    return f"longer than {LONGEST} bytes"


class Rows:
    """Makes rows, and counts them."""

    def __init__(self, bulk: Bulk) -> None:
        self._is_typed = bulk.is_typed
        self.count = 0
        self.width = 0  # how many fields a row has

    def plain(self, first: int, lines: Sequence[bytes]) -> bytes:
        """Rows of lines that COPY reads as they are, numbered from `first`."""
        self.count += len(lines)
        numbers = range(first, first + len(lines))
        if self._is_typed:
            return b"".join(map(b"%d,,,%b\n".__mod__, zip(numbers, lines, strict=True)))
        texts = (line.replace(b'"', b'""') for line in lines) if b'"' in lines[0] else lines
        return b"".join(map(b'%d,"%b",\\N,%b\n'.__mod__, zip(numbers, texts, lines, strict=True)))

    def row(self, number: int, fields: Sequence[str | None], raw: bytes) -> bytes:
        """The row of a record whose fields were read; None is null."""
        self.count += 1
        null = b"" if self._is_typed else b"\\N"
        texts = [null if each is None else _quoted(each.encode()) for each in fields]
        head = (
            [b"%d" % number, b"", b""] if self._is_typed else [b"%d" % number, _quoted(raw), null]
        )
        return b",".join([*head, *texts]) + b"\n"

    def bad(self, number: int, problem: str, raw: bytes, field: str | None = None) -> bytes:
        """The row of a record that has no fields, but a problem."""
        self.count += 1
        said = _quoted(problem.encode("utf-8", "replace"))
        named = b"" if field is None else _quoted(field.encode("utf-8", "replace"))
        head = b"%d,%b,%b" % (number, named if self._is_typed else _quoted(raw), said)
        return head + (b"," if self._is_typed else b",\\N") * self.width + b"\n"


def _quoted(text: bytes) -> bytes:
    return b'"' + text.replace(b'"', b'""') + b'"'
