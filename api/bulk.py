"""Lists posted as files: a body of any size goes line by line into the function that takes it.

It is never held whole. Its pieces (of CSV, NDJSON or a JSON array) are made into rows, which COPY
takes into a temporary table; the function then runs as the caller over all of them, at once or in
parts. Copying is done before the caller's role is set, and everything is gone with the transaction.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, nullcontext
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection, Error, IntegrityError

from api import copying, staging
from api.arriving import Arriving
from api.copying import CopyLane
from api.csvlines import CsvLines
from api.endpoint import Bulk
from api.jsonlines import JsonArray, NdjsonLines
from api.lane import Answer, Call
from api.long_calls import LongCall
from api.once import KEEP
from api.parts import in_parts, together
from api.prefer import applied, wishes
from api.problems import Headers, Problem, unavailable
from api.reading import Scope, header
from api.sifting import Sieve
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

    def problem(self, *, is_whole: bool = True) -> Problem:
        """The answer where all must be right, and something isn't, or where not all is known."""
        found = json.loads(self.rejects)
        first = found[0]
        more = f" ({self.rejected - 1} more lines)" if self.rejected > 1 else ""
        unknown = "" if is_whole else " There may be others: looking for them took too long."
        where = f"{first['field']}: " if first["field"] else ""
        return Problem(
            422,
            f"Line {first['line']}: {where}{first['detail'].rstrip('.')}.{more}{unknown}",
            slug="lines-rejected",
            title="Nothing was taken",
            more={"lines": self.lines, "rejected": self.rejected, "rejects": found},
        )


class Import:
    """One posted list. `run()` takes it in, once; `report` is there afterwards if it has types.

    `request` tells what was sent, as soon as all of it has come, `status` is that of success, and
    `problem` what a client reads of a constraint that refuses something.
    """

    def __init__(
        self,
        bulk: Bulk,
        call: Call,
        scope: Scope,
        source: Arriving,
        request: Callable[[], str],
        status: int,
        problem: Callable[[IntegrityError], Problem],
    ) -> None:
        self._bulk = bulk
        self._call = call
        self._source = source
        self._request = request
        self._problem = problem
        self._status = 200 if bulk.is_typed and status == 204 else status
        self._is_read = False
        self._sifting_ends: float | None = None
        self._lines = FORMATS[media_type(scope)](bulk)
        self._lenient = (
            bulk.is_typed and wishes(scope["state"]["prefer"]).get("handling") == "lenient"
        )
        self.report: Report | None = None

    @property
    def applied(self) -> Headers:
        """Which of the client's wishes were granted."""
        return applied("handling=lenient") if self._lenient else []

    async def run(self, lane: CopyLane, long: LongCall | None = None) -> Answer:
        """Copy and call, in one transaction. Raises Problem, Disconnected, psycopg.Error.

        With `long` the client is answered in between; raises RepeatedError, too.
        """
        if self._is_read:  # its key was just cleared away, and what was sent is gone
            raise unavailable()
        self._is_read = True
        async with aclosing(_blocks(self._source, self._lines)) as blocks:
            # The header is read, and what is no list refused, before a connection is taken.
            first = await anext(blocks, b"")
            role = self._call.context.role
            async with (
                lane.connection(role) as connection,
                nullcontext() if long is None else long.held(connection),
                connection.transaction(force_rollback=self._call.rolls_back),
            ):
                await self._copy(connection, first, blocks)
                if long is not None:
                    await long.begin(connection, self._lines.records)
                answer = await self._apply(connection, long)
                if long is not None:
                    await long.end(connection, answer)
                return answer

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

    async def _apply(self, connection: AsyncConnection[Any], long: LongCall | None) -> Answer:
        if self._call.once is not None:
            self._call.once.request = self._request()
        await copying.enter(connection, self._call)
        if not self._bulk.is_typed:
            return await self._answer(connection, await copying.call(connection, self._call))
        await _fill(connection, self._bulk)
        before = await self._read_report(connection)
        lines = self._lines.records - before.rejected
        said = []
        try:
            async with aclosing(in_parts(connection, self._bulk, lines)) as parts:
                async for taken in parts:
                    said.append(await self._called(connection))
                    if long is not None:
                        await long.advance(before.rejected + taken)
        except Error as error:
            # The function may stumble over what the rejected lines lack, so those are told first.
            if before.rejected and not self._lenient and _REFUSED.match(error.sqlstate or ""):
                raise before.problem() from error
            raise
        row = together(said)
        self.report = await self._read_report(connection)
        if self.report.rejected and not self._lenient:
            raise self.report.problem()
        return await self._answer(connection, row)

    async def _called(self, connection: AsyncConnection[Any]) -> list[bytes | None] | None:
        """What the function says of the lines that are there, but for those that a constraint
        refuses.
        """
        try:
            async with connection.transaction():
                return await copying.call(connection, self._call)
        except IntegrityError as error:
            if self._sifting_ends is None:
                now = asyncio.get_running_loop().time()
                self._sifting_ends = now + self._call.context.timeout_ms / 1000
            sieve = Sieve(connection, self._call, self._problem, self._sifting_ends)
            if not await sieve.sift(error):
                found = await self._read_report(connection)
                if found.rejected:
                    raise found.problem(is_whole=False) from error
                raise
        return await copying.call(connection, self._call)

    async def _answer(
        self, connection: AsyncConnection[Any], row: list[bytes | None] | None
    ) -> Answer:
        answer = Answer(row)
        if (once := self._call.once) is not None:
            body = self.whole(answer) or (row[0] if row else None)
            kept = once.route, once.key, once.request, str(self._status), body and body.decode()
            await connection.execute(KEEP, kept)
        return await copying.read_out(connection, self._call, row)

    def whole(self, answer: Answer) -> bytes | None:
        """The report with what the function said; None where the list has no types.

        Of an answer that was given before, it is what was kept; its row is the function's then.
        """
        said = (answer.row[0] if answer.row else None) or None  # that of void is empty
        if not answer.replayed:
            return None if self.report is None else self.report.body(said)
        if not self._bulk.is_typed or said is None:
            return None
        result = json.loads(said).get("result")
        answer.row = None if result is None else [json.dumps(result).encode()]
        return said

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
