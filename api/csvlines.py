"""CSV as it comes, made into rows for COPY.

What is plain stays as it is: where no line of a piece has a quote, all of them have the right
number of commas and their bytes are UTF-8, nothing is done for a line but to put its number in
front. A line with quotes that is well formed is handed on unread as well. Only what is neither
goes through the csv module, which says what is wrong with it.
"""

import csv
import re
from collections.abc import Iterator

from api.endpoint import Bulk, plain
from api.problems import Problem
from api.staged import LONGEST, Rows, too_long

_NAME = re.compile(r"[\w .#%()/-]{1,63}")
_MAX_FIELDS = 1000
_LONGEST_FIELD = csv.field_size_limit()
_SLICE = 400  # lines that are looked at one by one before others get their turn
_SHOWN = 1000  # characters of a line that is too long
_FIELD = rb'(?:"[^"]*+(?:""[^"]*+)*+"|[^",]*+)'
_BOM = b"\xef\xbb\xbf"
_ALL_ELSE = bytes(set(range(256)) - set(b",\n"))

# Where a line leaves the quoted field that it began in, and whether fields follow.
_QUOTED_END = re.compile(rb'[^"]*+(?:""[^"]*+)*+"(,?)')
# Fields that end, each with its comma; and one that begins with a quote and doesn't end.
_FIELDS = re.compile(rb'(?:(?:"[^"]*+(?:""[^"]*+)*+"|[^",][^,]*+|),)*+')
_OPENS = re.compile(rb'"[^"]*+(?:""[^"]*+)*+\Z')


class CsvLines:
    """The lines of a CSV body. Problem 422 for a header that does not name columns of the type."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk
        self._rows = Rows(bulk)
        self._buffer = b""
        self._is_first = True
        self._skips = False
        self._number = 0
        self._record: list[bytes] = []
        self._record_size = 0
        self._record_began = 0
        self._commas = 0
        self._well_formed: re.Pattern[bytes] | None = None
        self._plain_lines = b""
        self.columns: tuple[str, ...] = ()

    @property
    def records(self) -> int:
        """How many there were, those with a problem among them."""
        return self._rows.count

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Rows for COPY, a slice at a time."""
        self._buffer += piece
        # A CR at the very end may be half of a line's end.
        cut = 1 + max(self._buffer.rfind(b"\n"), self._buffer.rfind(b"\r", 0, -1))
        if cut == 0 and len(self._buffer) <= LONGEST:
            return
        if cut == 0:
            yield from self._begin_skipping()
            return
        lines, self._buffer = self._buffer[:cut], self._buffer[cut:]
        yield from self._split(lines)

    def end(self) -> Iterator[bytes]:
        """The rest, when there is no more to come."""
        lines, self._buffer = self._buffer, b""
        if lines or self._is_first:
            yield from self._split(lines)
        if self._record:
            yield from self._close()
        if not self.columns:
            names = ", ".join(each.name for each in self._bulk.fields)
            raise _wrong_header(f"The file is empty; its first line must name {names}.")

    def _begin_skipping(self) -> Iterator[bytes]:
        """A line that goes on and on is let go, but for its beginning."""
        if not self._skips:
            self._skips = True
            if self._record:
                yield from self._close()
            if not self.columns:
                raise _wrong_header("The first line is too long.")
            shown = self._buffer[:_SHOWN].decode("utf-8", "replace").replace("\x00", "\ufffd")
            yield self._rows.bad(self._number + 1, too_long(), shown.encode())
        self._buffer = self._buffer[-1:]  # it may be a CR

    def _split(self, chunk: bytes) -> Iterator[bytes]:
        if self._is_first:
            self._is_first = False
            chunk = chunk.removeprefix(_BOM)
        if self._skips:  # up to where the long line ends
            self._skips = False
            self._number += 1
            _, *rest = chunk.splitlines(keepends=True)
            chunk = b"".join(rest)
        if self._plain_lines and not self._record:
            rows = self._plain(chunk)
            if rows is not None:
                yield rows
                return
        yield from self._one_by_one(chunk)

    def _plain(self, chunk: bytes) -> bytes | None:
        """All lines at once where none of them needs to be looked at."""
        if b'"' in chunk or b"\x00" in chunk:
            return None
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n")
            if b"\r" in chunk:
                return None
        if not self._bulk.is_typed and b"\\" in chunk:
            return None
        if not chunk.endswith(b"\n"):
            chunk += b"\n"
        count = chunk.count(b"\n")
        if chunk.translate(None, _ALL_ELSE) != self._plain_lines * count:
            return None
        if not self._commas and (b"\n\n" in chunk or chunk.startswith(b"\n")):
            return None  # an empty line of one column is none
        try:
            chunk.decode()
        except UnicodeDecodeError:
            return None
        lines = chunk.split(b"\n")
        lines.pop()
        if len(chunk) > _LONGEST_FIELD and len(max(lines, key=len)) > _LONGEST_FIELD:
            return None
        first = self._number + 1
        self._number += count
        return self._rows.plain(first, lines)

    def _one_by_one(self, chunk: bytes) -> Iterator[bytes]:
        done: list[bytes] = []
        for place, line in enumerate(chunk.splitlines(keepends=True), 1):
            self._number += 1
            if self._record:
                self._record.append(line)
                self._record_size += len(line)
                if not _stays_open(line, quoted=True) or self._record_size > LONGEST:
                    done.extend(self._close())
            elif bare := line.rstrip(b"\r\n"):
                row = self._simple(bare, self._number)
                if row is not None:
                    done.append(row)
                else:
                    self._record = [line]
                    self._record_size, self._record_began = len(line), self._number
                    if not _stays_open(line, quoted=False):
                        done.extend(self._close())
            if place % _SLICE == 0:
                yield b"".join(done)
                done.clear()
        yield b"".join(done)

    def _simple(self, bare: bytes, number: int) -> bytes | None:
        """The row of a record that COPY reads as we do; None for any other."""
        if self._well_formed is None or not self._well_formed.fullmatch(bare):
            return None
        if b"\x00" in bare or len(bare) > _LONGEST_FIELD:
            return None
        if not self._bulk.is_typed and b"\\" in bare:
            return None
        if not bare.isascii():
            try:
                bare.decode()
            except UnicodeDecodeError:
                return None
        return self._rows.plain(number, [bare])

    def _close(self) -> Iterator[bytes]:
        """The row of the record that was gathered: a look at each of its fields."""
        lines, self._record = self._record, []
        if len(lines) > 1:
            row = self._simple(b"".join(lines).rstrip(b"\r\n"), self._record_began)
            if row is not None:
                yield row
                return
        texts, problem = _texts(lines)
        fields: list[str] = []
        try:
            fields = next(csv.reader(texts, strict=True))
        except csv.Error as error:
            problem = problem or f"not CSV: {error}"
        raw = "".join(texts).rstrip("\r\n")
        if not self.columns:
            self._take_header(fields, problem)
            return
        if problem is None and len(fields) != len(self.columns):
            problem = f"has {len(fields)} fields, not {len(self.columns)}"
        if problem is not None:
            yield self._rows.bad(self._record_began, problem, raw.encode())
        else:
            quoted = [None if each == "" and self._bulk.is_typed else each for each in fields]
            yield self._rows.row(self._record_began, quoted, raw.encode())

    def _take_header(self, fields: list[str], problem: str | None) -> None:
        self.columns = _columns(fields, problem, self._bulk)
        self._rows.width = len(fields)
        self._commas = len(fields) - 1
        self._plain_lines = b"," * self._commas + b"\n"
        self._well_formed = re.compile(_FIELD + b"(?:," + _FIELD + b"){%d}" % self._commas)


def _stays_open(line: bytes, *, quoted: bool) -> bool:
    """Whether a quoted field goes on after this line; `quoted` says whether one did before it."""
    start = 0
    if quoted:
        closed = _QUOTED_END.match(line)
        if closed is None:
            return True
        if not closed[1]:
            return False  # the record ends here, or is wrong
        start = closed.end()
    passed = _FIELDS.match(line, start)
    return _OPENS.match(line, passed.end() if passed else start) is not None


def _texts(lines: list[bytes]) -> tuple[list[str], str | None]:
    """Lines as text, and the first reason why they are none."""
    texts = []
    problem = None
    for line in lines:
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            problem = problem or f"not UTF-8 at byte {error.start + 1}"
            text = line.decode("utf-8", "replace")
        if "\x00" in text:
            problem = problem or "not text: it contains NUL"
            text = text.replace("\x00", "\ufffd")
        texts.append(text)
    return texts, problem


def _columns(fields: list[str], problem: str | None, bulk: Bulk) -> tuple[str, ...]:
    """The columns in the file's order. Problem 422 unless the header names what it must."""
    if problem or len(fields) > _MAX_FIELDS:
        raise _wrong_header(f"The first line is {problem or 'too wide'}.")
    names = {plain(each.name): each.name for each in bulk.fields}
    given = [plain(field) for field in fields]
    wanted = bulk.needs if bulk.is_typed else names.values()
    missing = [name for name in wanted if plain(name) not in given]
    unknown = [field for field in fields if plain(field) not in names]
    if missing:
        raise _wrong_header(f"The first line names no column {', '.join(missing)}.")
    if unknown or len(set(given)) < len(given):
        # Where it is no header at all, it may be what nobody should read in an answer.
        are_names = all(_NAME.fullmatch(field) for field in unknown)
        extra = ", ".join(unknown)[:200] if are_names else "what is no name of a column"
        extra = extra or "one column twice"
        raise _wrong_header(f"The first line names {extra}; known are {', '.join(names.values())}.")
    return tuple(names[name] for name in given)


def _wrong_header(sentence: str) -> Problem:
    return Problem(
        422, sentence, slug="wrong-csv-header", errors=[{"pointer": "", "detail": sentence}]
    )
