"""Which lines of a list a constraint refuses, where the function did not look for it.

PostgreSQL names the rule and not the line, and fails the call as a whole. So the call is rehearsed
over halves of the list, each in a savepoint and from nothing, until a line stands alone that is
refused by itself. Where a part is refused and neither of its halves is, its lines are in each
other's way: then that line counts which does not go with those before it.

No part is built upon another, so what belongs together is at worst rehearsed without its end, and
never taken for two of a kind.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from psycopg import AsyncConnection, Error, IntegrityError, InterfaceError, OperationalError
from psycopg.errors import QueryCanceled

from api import copying, staging
from api.lane import Call
from api.problems import Problem

_TIMEOUT = "select set_config('statement_timeout', $1, true)"


class Sieve:
    """A list, in pg_temp.bulk_rows, that its function can't take; within its open transaction.

    `problem` is what a client reads of an error, `ends` when the event loop's clock says that
    enough time was spent.
    """

    def __init__(
        self,
        connection: AsyncConnection[Any],
        call: Call,
        problem: Callable[[IntegrityError], Problem],
        ends: float,
    ) -> None:
        self._connection = connection
        self._call = call
        self._problem = problem
        self._ends = ends

    async def sift(self, error: IntegrityError) -> bool:
        """Move what is refused, as `error` says of the whole, from bulk_rows to bulk_rejects.

        False where the time was not enough; what was found until then is moved. Raises the error
        where it is of no line, and psycopg.Error for what says nothing about lines at all, such as
        a connection that is lost.
        """
        await self._connection.execute(staging.SET_ROWS_ASIDE)
        row = copying.first_row(await self._connection.execute(staging.EXTENT))
        assert row is not None
        first, last = (int(each or 0) for each in row)
        is_done = True
        try:
            if await self._rehearse(first, first) is not None:  # without any
                raise error
            await self._narrow(first, last + 1, error)
        except TimeoutError:
            is_done = False
        await self._connection.execute(staging.PUT_ROWS_BACK)
        return is_done

    async def _narrow(self, low: int, high: int, error: IntegrityError | None) -> None:
        """Reject lines from `low` to before `high`, which are refused, until the rest is taken."""
        while error is not None:
            if high - low == 1:
                await self._reject(low, error)
                return
            middle = (low + high) // 2
            is_by_itself = False
            for start, end in ((low, middle), (middle, high)):
                if (found := await self._rehearse(start, end)) is not None:
                    is_by_itself = True
                    await self._narrow(start, end, found)
            if not is_by_itself:
                await self._reject_clashing(low, middle, high, error)
            error = await self._rehearse(low, high)

    async def _reject_clashing(
        self, low: int, middle: int, high: int, error: IntegrityError
    ) -> None:
        """Reject the first line that those from `low` on don't go with."""
        taken, refused = middle, high
        while refused - taken > 1:
            end = (taken + refused) // 2
            if (found := await self._rehearse(low, end)) is None:
                taken = end
            else:
                refused, error = end, found
        await self._reject(taken, error)

    async def _rehearse(self, low: int, high: int) -> IntegrityError | None:
        """What refuses the lines that are left from `low` to before `high`; nothing of it stays.

        What a function raises about a part is none of a line's faults. Raises TimeoutError.
        """
        left = self._ends - asyncio.get_running_loop().time()
        if left <= 0:
            raise TimeoutError
        try:
            async with self._connection.transaction(force_rollback=True):
                await self._connection.execute(_TIMEOUT, (f"{left * 1000 + 1:.0f}",))
                await self._connection.execute(staging.TAKE_ROWS, (str(low), str(high)))
                await copying.call(self._connection, self._call)
        except IntegrityError as error:
            return error
        except QueryCanceled:
            raise TimeoutError from None
        except (OperationalError, InterfaceError):
            raise
        except Error:
            return None
        return None

    async def _reject(self, line: int, error: IntegrityError) -> None:
        problem = self._problem(error)
        field = problem.errors[0]["pointer"].removeprefix("/") if problem.errors else None
        said = str(line), field, problem.detail
        await self._connection.execute(staging.REJECT_ROW, said)
