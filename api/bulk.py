"""Lists posted as files: CSV into a temporary table that the endpoint's function reads.

The table is pg_temp.bulk_lines: line (its number in the file), raw (the line as sent), problem
(why it could not be split, or null) and a text column for each field. It is copied into before
the caller's role is set, and gone with the transaction.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, sql

from api import copying
from api.catalog import PgType
from api.copying import CopyLane
from api.endpoint import plain
from api.lane import Answer, Call
from api.problems import Problem

_MAX_FIELDS = 1000


async def run(lane: CopyLane, call: Call, type_: PgType, content: bytes) -> Answer:
    """Copy the lines, then run the call, in one transaction. Problem 422 for a wrong header."""
    names = [attribute.name for attribute in type_.attributes]
    records = _records(content)
    order = _order(next(records, None), names)
    async with (
        lane.connection(call.context.role) as connection,
        connection.transaction(force_rollback=call.rolls_back),
    ):
        await _copy(connection, names, order, records)
        return await copying.call(connection, call)


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the file: where it begins, its text, and its fields or why it has none."""

    line: int
    raw: str
    fields: list[str]
    problem: str | None


def _records(content: bytes) -> Iterator[Record]:
    """Split CSV into records; a record may span lines, and one that is wrong stays one record."""
    consumed: list[str] = []
    problems: list[str] = []
    lines = _lines(content, consumed, problems)
    reader = csv.reader(lines, strict=True)
    while True:
        first = reader.line_num + 1
        consumed.clear()
        problems.clear()
        problem = None
        fields: list[str] = []
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problem = f"not CSV: {error}"
        raw = "".join(consumed).rstrip("\r\n")
        if problems:
            problem = problems[0]
        if raw or problem:
            yield Record(first, raw, fields, problem)


def _lines(content: bytes, consumed: list[str], problems: list[str]) -> Iterator[str]:
    for line in content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True):
        try:
            text = line.decode()
        except UnicodeDecodeError as error:
            problems.append(f"not UTF-8 at byte {error.start + 1}")
            text = line.decode("utf-8", "replace")
        if "\x00" in text:
            problems.append("not text: it contains NUL")
            text = text.replace("\x00", "\ufffd")
        consumed.append(text)
        yield text


def _order(header: Record | None, names: list[str]) -> list[int]:
    """For each column its position in the file. Problem 422 unless the header names just them."""
    if header is None:
        raise _wrong_header(f"The file is empty; its first line must name {', '.join(names)}.")
    if header.problem or len(header.fields) > _MAX_FIELDS:
        raise _wrong_header(f"The first line is {header.problem or 'too wide'}.")
    given = [plain(field) for field in header.fields]
    wanted = [plain(name) for name in names]
    missing = [name for name in names if plain(name) not in given]
    unknown = [field for field in header.fields if plain(field) not in wanted]
    if missing:
        raise _wrong_header(f"The first line names no column {', '.join(missing)}.")
    if unknown or len(given) > len(wanted):
        extra = ", ".join(unknown)[:200] or "one column twice"
        raise _wrong_header(f"The first line names {extra}; known are {', '.join(names)}.")
    return [given.index(name) for name in wanted]


def _wrong_header(sentence: str) -> Problem:
    return Problem(
        422, sentence, slug="wrong-csv-header", errors=[{"pointer": "", "detail": sentence}]
    )


async def _copy(
    connection: AsyncConnection[Any], names: list[str], order: list[int], records: Iterator[Record]
) -> None:
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(n)) for n in names)
    await connection.execute(
        sql.SQL(
            "create temp table bulk_lines"
            " (line bigint not null, raw text not null, problem text, {}) on commit drop"
        ).format(columns)
    )
    # No other session can reach it, and a definer function must read it as well as its caller.
    await connection.execute("grant select on pg_temp.bulk_lines to public")
    async with connection.cursor().copy("copy pg_temp.bulk_lines from stdin") as copy:
        for record in records:
            await copy.write_row(_row(record, order))
    await connection.execute("analyze pg_temp.bulk_lines")


def _row(record: Record, order: list[int]) -> list[object]:
    problem = record.problem
    if problem is None and len(record.fields) != len(order):
        problem = f"has {len(record.fields)} fields, not {len(order)}"
    fields = [None] * len(order) if problem else [record.fields[i] for i in order]
    return [record.line, record.raw, problem, *fields]
