"""Many calls in one transaction: `POST /batch`. All of them are done, or none.

What can be seen beforehand is looked at first, for each call as if it came alone: its route, its
rates, who may call it, and its arguments where they refer to nothing. Then the calls are made one
after another, as the caller, on one connection; reads within a batch that writes are kept
read-only by a savepoint. The first call that fails ends it.
"""

import asyncio
import json
from typing import Any

from psycopg import AsyncConnection, Error

from api import once, prefer
from api.asked import Asked, Response
from api.batch_form import of_call
from api.batch_plan import Plan, Planner, Step
from api.copying import CopyLane, become, enter, first_row
from api.dispatch import JSON, Dispatcher
from api.door import Door
from api.lane import Answer, Call, NoConnectionError, back_off, is_lost, may_try_again
from api.once import OnceKeeper
from api.problems import Problem, from_database, too_slow, unavailable
from api.reading import Receive, Scope, body, json_body, require_type
from api.references import Answers
from api.routes import Routes
from api.settings import Settings
from api.tokens import Caller
from api.verdicts import judged
from api.wire import READ_OUT, SETTLE

PATH = "/batch"
_NOT_OF_CALLS = frozenset({b"content-type", b"cache-control", b"cache-status", b"vary"})
_GRACE_SECONDS = 5.0
_RESET = b"select set_config('response.status', '', true), set_config('response.headers', '', true)"


class _Failed(Exception):  # noqa: N818 -- a signal, not an error
    """A call that failed in the database."""

    def __init__(self, step: Step, asked: Asked, error: Error) -> None:
        super().__init__(str(error))
        self.step = step
        self.asked = asked
        self.error = error


class Batches:
    """Answers batches."""

    def __init__(
        self, settings: Settings, dispatcher: Dispatcher, lane: CopyLane, door: Door
    ) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._lane = lane
        self._planner = Planner(settings, dispatcher, door)
        self._keeper = OnceKeeper(dispatcher.run)
        self.path = settings.api_prefix + PATH

    def are_at(self, path: str) -> bool:
        """Whether a path is that of batches."""
        return path == self.path and self._settings.batch_calls > 0

    async def answer(
        self, routes: Routes, caller: Caller, scope: Scope, receive: Receive, *, counted: bool
    ) -> Response:
        """The answer to a batch; `counted` is whether its calls were counted before.

        Raises Problem, and Stale where the routes are outdated.
        """
        settings, headers = self._settings, list[tuple[bytes, bytes]]()
        _require_post(scope["method"])
        key = once.key_of(scope, required=False)
        require_type(scope, "application/json")
        content = await body(scope, receive, settings.max_body_bytes, settings.body_timeout)
        sent = await asyncio.to_thread(json_body, content)
        plan = await self._planner.plan(sent, routes, caller, scope, key, counted=counted)
        if plan.call.rolls_back:
            headers += prefer.applied("tx=rollback")
        try:
            answer = await self._made(plan)
        except Problem as problem:
            problem.headers = [*problem.headers, *headers]
            raise
        await self._dispatcher.forget(answer.touched)
        if answer.replayed:
            headers += once.REPLAYED
        assert answer.row is not None
        return Response(200, [JSON, *headers], answer.row[0] or b"")

    # ── Doing it ─────────────────────────────────────────────────────────────────────────────────

    async def _made(self, plan: Plan) -> Answer:
        """All of it, or what was answered before. Raises Problem or Stale."""
        try:
            if plan.call.once is None:
                return await self._run(plan)
            return await self._keeper.answer(
                plan.call, plan.caller.subject, lambda _: self._run(plan)
            )
        except Error as error:
            if isinstance(error, NoConnectionError) or is_lost(error):
                raise unavailable() from error
            anonymous = not plan.caller.claims
            raise from_database(
                error, plan.routes.catalog, anonymous=anonymous, names=set()
            ) from error

    async def _run(self, plan: Plan) -> Answer:
        """Run it, and again where that is safe. Raises psycopg.Error, Problem or Stale."""
        repeatable = plan.read_only or plan.call.rolls_back or plan.call.once is not None
        attempt = 1
        while True:
            try:
                async with asyncio.timeout(plan.seconds + _GRACE_SECONDS):
                    return await self._transaction(plan)
            except TimeoutError as late:
                raise too_slow() from late
            except _Failed as failed:
                if not may_try_again(failed.error, attempt, repeatable=False):
                    raise self._judged(plan, failed) from failed.error
            except Error as error:
                if not may_try_again(error, attempt, repeatable=repeatable):
                    raise
            await back_off(attempt)
            attempt += 1

    def _judged(self, plan: Plan, failed: _Failed) -> Exception:
        """What a client hears of a call that failed, or Stale."""
        found = judged(failed.asked, failed.error)
        if not isinstance(found, Problem):
            return found
        sent = failed.step.sent
        return of_call(sent.number, sent.name, found, plan.scope)

    async def _transaction(self, plan: Plan) -> Answer:
        call = plan.call
        deadline = asyncio.get_running_loop().time() + plan.seconds
        async with (
            self._lane.connection(call.context.role) as connection,
            connection.transaction(force_rollback=call.rolls_back),
        ):
            if call.isolation is not None:
                await connection.execute(
                    f"set transaction isolation level {call.isolation}".encode()
                )
            await enter(connection, call)
            answers = Answers(self._settings.max_body_bytes)
            results = [
                await self._make(connection, plan, step, answers, deadline) for step in plan.steps
            ]
            await connection.execute(SETTLE)
            whole = b'{"results":[' + b",".join(results) + b"]}"
            if call.once is not None:
                await connection.execute(_RESET, prepare=False)
                known = call.once
                kept = known.route, known.key, known.request, "200", whole.decode()
                await connection.execute(once.KEEP, kept, prepare=False)
            read_out = first_row(await connection.execute(READ_OUT, prepare=False))
            assert read_out is not None
        return Answer([whole], touched=None if call.rolls_back else read_out[2])

    async def _make(
        self,
        connection: AsyncConnection[Any],
        plan: Plan,
        step: Step,
        answers: Answers,
        deadline: float,
    ) -> bytes:
        """One call: its part of the answer. Raises _Failed or Problem."""
        try:
            filled, given = await self._planner.read(step, answers, plan.scope)
            asked = self._dispatcher.asked(plan.routes, step.endpoint, given, plan.caller, filled)
            context = asked.call.context
            context.role, context.claims = plan.caller.role, plan.caller.claims
            context.timeout_ms = min(context.timeout_ms, _left_ms(deadline))
            try:
                answer = await _execute(connection, asked.call, guard=not plan.read_only)
            except Error as error:
                if is_lost(error):  # which is nothing of the call's
                    raise
                raise _Failed(step, asked, error) from error
            response = _accepted(self._dispatcher.conclude(asked, answer))
        except Problem as problem:
            raise of_call(step.sent.number, step.sent.name, problem, plan.scope) from None
        answers.add(response.body)
        return _result(step, response)


async def _execute(connection: AsyncConnection[Any], call: Call, *, guard: bool) -> Answer:
    """Make a call within the transaction; with `guard` what only reads is kept to that."""
    reads = call.context.read_only and guard
    if reads:
        await connection.execute(b"savepoint call")
    async with connection.pipeline():
        await become(connection, call.context)
        await connection.execute(_RESET, prepare=False)
        called = await connection.execute(call.statement, call.parameters, prepare=False)
        said = await connection.execute(READ_OUT, prepare=False)
    row, read_out = first_row(called), first_row(said)
    if reads:
        await connection.execute(b"rollback to savepoint call")
    assert read_out is not None
    return Answer(row, read_out[0] or None, read_out[1] or None)


# ── What was sent ────────────────────────────────────────────────────────────────────────────────


def _require_post(method: str) -> None:
    allow = (b"allow", b"OPTIONS, POST")
    if method == "OPTIONS":
        raise Problem(204, headers=[allow])
    if method != "POST":
        raise Problem(405, "A batch is sent by POST.", slug="method-not-allowed", headers=[allow])


# ── What is answered ─────────────────────────────────────────────────────────────────────────────


def _result(step: Step, response: Response) -> bytes:
    """What one call answered; its body goes out as PostgreSQL made it."""
    headers: dict[str, str] = {}
    for name, value in [*response.headers, *step.limits]:
        if name not in _NOT_OF_CALLS:
            text = value.decode("latin-1")
            known = headers.get(name.decode())
            headers[name.decode()] = f"{known}, {text}" if known else text
    told: dict[str, object] = {"id": step.sent.name} if step.sent.name is not None else {}
    told |= {"status": response.status, "headers": headers}
    head = json.dumps(told).encode()[:-1]
    return head + b', "body": ' + (response.body or b"null") + b"}"


def _left_ms(deadline: float) -> int:
    """The milliseconds until then. Raises Problem 504 where there are none."""
    left = int((deadline - asyncio.get_running_loop().time()) * 1000)
    if left <= 0:
        raise Problem(504, "The calls before it took all the time.", slug="too-slow")
    return left


def _accepted(response: Response) -> Response:
    """The same, if it is a success; a function may also answer with an error, and raise none."""
    if response.status < 400:
        return response
    said = json.loads(response.body) if response.body else None
    raise Problem(response.status, "It was answered so by the function.", more={"body": said})
