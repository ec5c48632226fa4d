"""A batch that is looked at before it begins, each call as if it came alone.

Where a call's arguments refer to no answer they are read, and refused, beforehand.
"""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from api import batch_form, once
from api.batch_form import Sent, of_call, taken_apart
from api.conditions import if_match
from api.dispatch import Dispatcher, authorize, tellable
from api.door import Door
from api.endpoint import Endpoint
from api.lane import Call, Context, Once
from api.problems import Headers, Problem
from api.reading import Given, Scope, arguments
from api.references import Answers, ReferenceFault
from api.routes import Match, Routes
from api.settings import Settings
from api.strictjson import dumps
from api.tokens import Caller

ROUTE = "POST /batch"
# Of the batch's own headers its calls don't see those that are about it alone.
_NOT_FOR_CALLS = frozenset(
    {b"if-match", b"if-none-match", b"idempotency-key", b"prefer", b"accept", b"content-type",
     b"content-length", b"transfer-encoding"}
)  # fmt: skip
_MARK = re.compile("\ue000([0-9]+)\ue000")
_ISOLATION = (None, "repeatable read", "serializable")


@dataclass(slots=True)
class Step:
    """One call and its route; `given` where its arguments are known before the batch begins."""

    sent: Sent
    match: Match
    given: Given | None = None
    limits: Headers = field(default_factory=list)

    @property
    def endpoint(self) -> Endpoint:
        """What it calls."""
        return self.match.endpoint


@dataclass(slots=True)
class Plan:
    """A batch that was looked at; `seconds` is what all its calls may take together."""

    steps: list[Step]
    routes: Routes
    caller: Caller
    scope: Scope
    seconds: float
    call: Call

    @property
    def read_only(self) -> bool:
        """Whether nothing in it changes anything."""
        return all(step.endpoint.read_only for step in self.steps)


@dataclass(slots=True)
class Visit:
    """A call at the door, see api/door.py."""

    scope: Scope
    limits: Headers = field(default_factory=list)
    private: bool = True


class Planner:
    """Looks at batches."""

    def __init__(self, settings: Settings, dispatcher: Dispatcher, door: Door) -> None:
        self._settings = settings
        self._dispatcher = dispatcher
        self._door = door

    async def plan(
        self,
        sent: object,
        routes: Routes,
        caller: Caller,
        scope: Scope,
        key: str | None,
        *,
        counted: bool,
    ) -> Plan:
        """Look at a batch; `counted` is whether its calls were counted before. Raises Problem."""
        steps: list[Step] = []
        known: dict[str, int] = {}
        calls = batch_form.calls(sent, self._settings.batch_calls)
        for number, given in enumerate(calls):
            name = batch_form.name_of(given, number, known)
            try:
                step = self._step(taken_apart(given, number, name, known), routes)
                await self._let_in(step, caller, scope, counted=counted)
                if step.endpoint.annotation.idempotent == "required" and key is None:
                    once.key_of(scope, required=True)
                await self._look(step, scope)
            except Problem as problem:
                raise of_call(number, name, problem, scope) from None
            steps.append(step)
            known[str(number)] = number
            if name is not None:
                known[name] = number
        seconds = max(
            (step.endpoint.annotation.timeout_ms or self._settings.statement_timeout) / 1000
            for step in steps
        )
        call = self._call(steps, caller, scope, seconds)
        plan = Plan(steps, routes, caller, scope, seconds, call)
        if key is not None and not plan.read_only:
            if not routes.catalog.keeps:
                raise Problem(
                    400,
                    "This database keeps no answers, so an Idempotency-Key does nothing here.",
                    slug="idempotency-key-unknown",
                )
            plan.call.once = Once(
                ROUTE, key, _digest(calls, steps), self._dispatcher.wait_ms(int(seconds * 1000))
            )
        return plan

    def _call(self, steps: list[Step], caller: Caller, scope: Scope, seconds: float) -> Call:
        """The batch itself, as far as it is a call."""
        reads = all(step.endpoint.read_only for step in steps)
        levels = [step.endpoint.annotation.isolation for step in steps]
        return Call(
            Context(
                caller.role,
                caller.claims,
                "POST",
                scope["path"],
                int(seconds * 1000),
                read_only=reads,
            ),
            "",
            (),
            reads_out=True,
            isolation=max(levels, key=_ISOLATION.index),
            rolls_back=self._dispatcher.rehearses(scope),
        )

    def _step(self, sent: Sent, routes: Routes) -> Step:
        """A call with its route, which no answer that it refers to can change. Raises Problem."""
        literal = [part for part in sent.path if isinstance(part, str)]
        if "\ue000" in unquote("".join(literal)):
            raise sent.wrong("path", "has a character of no language")
        raw = "".join(
            part if isinstance(part, str) else quote(f"\ue000{place}\ue000")
            for place, part in enumerate(sent.path)
        )
        match = routes.find(sent.method, self._settings.api_prefix + raw)
        if match is None:
            raise Problem(404, "There is nothing at its path.", slug="no-such-path")
        if match.endpoint.bulk is not None:
            raise Problem(422, "It takes a file, so it can't be in a batch.", slug="not-in-a-batch")
        return Step(sent, match)

    async def _let_in(self, step: Step, caller: Caller, scope: Scope, *, counted: bool) -> None:
        """Count it, as if it came alone, and ask whether the caller may. Raises Problem."""
        visit = Visit(scope)
        if not counted:
            if step.endpoint.limits is not None:
                await self._door.check(visit, step.endpoint.limits, caller)
            if caller.quota is not None:
                await self._door.check_quota(visit, caller)
        step.limits = visit.limits
        authorize(step.endpoint, caller)

    async def _look(self, step: Step, scope: Scope) -> None:
        """Read the arguments, where nothing in them refers to an answer. Raises Problem."""
        if step.sent.refers:
            return
        _, step.given = await self.read(step, Answers(0), scope)

    async def read(self, step: Step, answers: Answers, scope: Scope) -> tuple[Scope, Given]:
        """A call's own scope, and its arguments with what they refer to. Raises Problem."""
        filled, path, query = self._filled(step, answers, scope)
        if step.given is not None:
            return filled, step.given
        given = self._arguments(step, filled, path, query, answers)
        await self._dispatcher.hash_passwords(step.endpoint, given)
        return filled, given

    def _filled(
        self, step: Step, answers: Answers, scope: Scope
    ) -> tuple[Scope, dict[str, str], bytes]:
        """A call's own scope, the parts of its path by argument, and its query.

        Raises Problem for what a reference leads to.
        """
        sent = step.sent
        try:
            words = ["" if isinstance(part, str) else answers.word(part) for part in sent.path]
            raw = "".join(
                part if isinstance(part, str) else quote(word, safe="")
                for part, word in zip(sent.path, words, strict=True)
            )
            query = "".join(
                part if isinstance(part, str) else quote(answers.word(part), safe="")
                for part in sent.query
            )
        except ReferenceFault as fault:
            raise sent.wrong("path", str(fault)) from None
        path = {
            name: _MARK.sub(lambda match: words[int(match[1])], text)
            for name, text in step.match.path.items()
        }
        raw = self._settings.api_prefix + raw
        headers = [
            *((name, value) for name, value in scope["headers"] if name not in _NOT_FOR_CALLS),
            *sent.headers,
        ]
        filled = {
            "type": "http",
            "method": sent.method,
            "path": unquote(raw),
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": headers,
            "state": {"request_id": scope["state"]["request_id"], "prefer": b""},
        }
        return filled, path, query.encode()

    def _arguments(
        self, step: Step, filled: Scope, path: dict[str, str], query: bytes, answers: Answers
    ) -> Given:
        """The call's parameters by argument. Raises Problem, see reading.arguments()."""
        content = None
        endpoint = step.endpoint
        if endpoint.method in ("GET", "DELETE"):
            if step.sent.content is not None:
                raise step.sent.wrong("body", "is not for this method")
        else:
            try:
                value = answers.fill(step.sent.content)
            except ReferenceFault as fault:
                raise step.sent.wrong("body", str(fault)) from None
            content = b"" if value is None else dumps(value).encode("utf-8", "surrogatepass")
            if len(content) > self._settings.max_body_bytes:
                raise Problem(
                    413, "Its body grows larger than a body may be.", slug="body-too-large"
                )
        return arguments(endpoint, path, query, content, if_match(endpoint, filled))


def _digest(calls: list[Any], steps: list[Step]) -> str:
    """What tells another batch from a repetition; without passwords, see once.digest()."""
    told = []
    for call, step in zip(calls, steps, strict=True):
        content = call.get("body")
        if step.endpoint.passwords and isinstance(content, dict):
            aliases = step.endpoint.aliases
            known = {aliases.get(str(name), str(name)): item for name, item in content.items()}
            content = tellable(step.endpoint, known)
        told.append({**call, "body": content})
    return once.digest(ROUTE, {"calls": dumps(told)})
