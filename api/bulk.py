"""Lists posted as files: a body of any size goes line by line into the function that takes it.

It is never held whole. Its pieces (of CSV, NDJSON or a JSON array) are made into rows, which COPY
takes into a temporary table; the function then runs once, as the caller, over all of them. Copying
is done before the caller's role is set, and everything is gone with the transaction.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Error

from api import copying, staging
from api.arriving import Arriving
from api.copying import CopyLane
from api.csvlines import CsvLines
from api.endpoint import Bulk
from api.jsonlines import JsonArray, NdjsonLines
from api.lane import Answer, Call
from api.preferences import preferences
from api.problems import Headers, Problem
from api.reading import Scope, header
from api.staged import Lines

MOST_REJECTS = 100  # are told one by one
FORMATS: dict[str, Callable[[Bulk], Lines]] = {
    "text/csv": CsvLines,
    "application/x-ndjson": NdjsonLines,
    "application/json": JsonArray,
}
_ALIASES = {
    "application/ndjson": "application/x-ndjson",
    "application/jsonl": "application/x-ndjson",
}
_REFUSED = re.compile(staging.REFUSED)


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the lines of a list that was read by its types.

    `rejects` is a JSON array of the first MOST_REJECTS, `rejected` the number of all such lines.
    """

    lines: int
    rejected: int
    rejects: str

    def body(self, result: bytes | None) -> bytes:
        """The answer, with what the function said."""
        said = b"" if result is None else b',"result":%b' % result
        return b'{"lines":%d,"accepted":%d,"rejected":%d,"rejects":%b%b}' % (
            self.lines,
            self.lines - self.rejected,
            self.rejected,
            self.rejects.encode(),
            said,
        )

    def problem(self) -> Problem:
        """The answer where all must be right, and something isn't."""
        found = json.loads(self.rejects)
        first = found[0]
        more = f" ({self.rejected - 1} more lines)" if self.rejected > 1 else ""
        where = f"{first['field']}: " if first["field"] else ""
        return Problem(
            422,
            f"Line {first['line']}: {where}{first['detail'].rstrip('.')}.{more}",
            slug="lines-rejected",
            title="Nothing was taken",
            more={"lines": self.lines, "rejected": self.rejected, "rejects": found},
        )


class Import:
    """One posted list. `run()` takes it in; `report` is there afterwards if it is read by types."""

    def __init__(self, bulk: Bulk, call: Call, scope: Scope, source: Arriving) -> None:
        self._bulk = bulk
        self._call = call
        self._source = source
        self._lines = FORMATS[media_type(scope)](bulk)
        self._lenient = bulk.is_typed and preferences(scope).get("handling") == "lenient"
        self.report: Report | None = None

    @property
    def applied(self) -> Headers:
        """Which of the client's wishes were granted."""
        return [(b"preference-applied", b"handling=lenient")] if self._lenient else []

    async def run(self, lane: CopyLane) -> Answer:
        """Copy and call, in one transaction. Raises Problem, Disconnected, psycopg.Error."""
        async with aclosing(_blocks(self._source, self._lines)) as blocks:
            # The header is read, and what is no list refused, before a connection is taken.
            first = await anext(blocks, b"")
            role = self._call.context.role
            async with lane.connection(role) as connection, connection.transaction():
                await self._copy(connection, first, blocks)
                return await self._apply(connection)

    async def _copy(
        self, connection: AsyncConnection[Any], first: bytes, blocks: AsyncIterator[bytes]
    ) -> None:
        await connection.execute(staging.create_lines(self._bulk))
        statement = staging.copy_lines(self._bulk, self._lines.columns)
        async with connection.cursor().copy(statement) as copy:
            await copy.write(first)
            async for block in blocks:
                await copy.write(block)
        await connection.execute(staging.ANALYZE_LINES)

    async def _apply(self, connection: AsyncConnection[Any]) -> Answer:
        await copying.enter(connection, self._call)
        if not self._bulk.is_typed:
            return await copying.read_out(connection, await copying.call(connection, self._call))
        await _fill(connection, self._bulk)
        before = await self._read_report(connection)
        try:
            row = await copying.call(connection, self._call)
        except Error as error:
            # The function may stumble over what the rejected lines lack, so those are told first.
            if before.rejected and not self._lenient and _REFUSED.match(error.sqlstate or ""):
                raise before.problem() from error
            raise
        self.report = await self._read_report(connection)
        if self.report.rejected and not self._lenient:
            raise self.report.problem()
        return await copying.read_out(connection, row)

    async def _read_report(self, connection: AsyncConnection[Any]) -> Report:
        cursor = await connection.execute(staging.rejects(MOST_REJECTS))
        found = await cursor.fetchone()
        assert found is not None
        return Report(self._lines.records, found[0], found[1])


async def _fill(connection: AsyncConnection[Any], bulk: Bulk) -> None:
    await connection.execute(staging.create_rows(bulk))
    try:
        async with connection.transaction():
            await connection.execute(staging.fill_rows(bulk))
    except Error as error:
        if not _REFUSED.match(error.sqlstate or ""):
            raise
        await connection.execute(staging.fill_rows_softly(bulk))
    await connection.execute(staging.ANALYZE_ROWS)


async def _blocks(source: Arriving, lines: Lines) -> AsyncGenerator[bytes, None]:
    """Rows for COPY as the body comes; others have their turn after each slice of the work."""
    async with aclosing(source.pieces()) as pieces:
        async for piece in pieces:
            for block in lines.feed(piece):
                if block:
                    yield block
                await asyncio.sleep(0)
    for block in lines.end():
        if block:
            yield block
        await asyncio.sleep(0)


def media_type(scope: Scope) -> str:
    """The format of the body. Problem 415 where it is none of ours, or not in UTF-8."""
    given = header(scope, b"content-type") or ""
    media, _, parameters = given.partition(";")
    media = media.strip().lower()
    media = _ALIASES.get(media, media)
    charset = parameters.lower().replace('"', "").replace(" ", "")
    if media in FORMATS and ("charset=" not in charset or "charset=utf-8" in charset):
        return media
    said = f"not {given[:100]}" if given else "and the request says no Content-Type"
    raise Problem(
        415,
        f"The body must be {', '.join(FORMATS)} in UTF-8, {said}.",
        slug="wrong-content-type",
        headers=[(b"accept-post", ", ".join(FORMATS).encode())],
    )
