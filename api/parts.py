"""Long lists, whose function is called on some thousand lines at a time (`@bulk … parts=`).

All of it is one transaction. The rows that a statement has changed, which its triggers read, are
kept in memory for a part where those of the whole would not be, and after each part it is known
how many lines are done, which nobody can know within a statement.

Parts are in the order of the list, or with `by=` in that of a field, and lines with the same value
are never apart. So a function that locks what the field names in its order locks all of it in
that order, as it would without parts.
"""

import math
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from psycopg import AsyncConnection

from api import staging
from api.endpoint import Bulk

Row = list[bytes | None]


async def in_parts(
    connection: AsyncConnection[Any], bulk: Bulk, lines: int
) -> AsyncGenerator[int, None]:
    """Let pg_temp.bulk_rows, which has so many lines, hold one part of them after another.

    How many lines were in it up to now. It stays as it is where that is no more than one part.
    """
    if bulk.parts is None or lines <= bulk.parts:
        yield lines
        return
    await connection.execute(staging.set_apart(bulk))
    take = staging.take_part(bulk)
    done = 0
    for part in range(math.ceil(lines / bulk.parts)):
        await connection.execute(staging.CLEAR_ROWS)
        # One that begins amid lines with the same value is empty.
        if taken := (await connection.execute(take, (str(part),))).rowcount:
            await connection.execute(staging.ANALYZE_ROWS)
            done += taken
            yield done


def together(rows: Sequence[Row | None]) -> Row | None:
    """What a function said of each part, as if of all at once: nothing, or JSON arrays."""
    said = [row[0].strip() for row in rows if row and row[0]]
    if len(rows) == 1 or not said:
        return rows[0]
    return [b"[%b]" % b", ".join(each[1:-1] for each in said if each != b"[]")]
