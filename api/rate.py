"""Counts calls against the rates of their routes: in Redis, else in the database, else here.

GCRA, the leaky bucket without a bucket: of whom is counted one moment is kept, at which their quota
will be whole again. Each call moves it on by unit / quota, and one that would move it further than
a unit from now is refused, and moves nothing. So a quota may be used at once, then comes back bit
by bit, and what a client is told about the next call is exact.

A call under several rates counts under all of them, or under none.
"""

import asyncio
import json
import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Error

from api.cache import settle
from api.lane import Answer, Call, Context, Lane, Reply, ask
from api.limits import Limits
from api.metrics import Metrics
from api.problems import Headers, Problem
from api.stores import RedisStore, Script, Store
from api.tokens import Caller

log = logging.getLogger("penstock.rate")

_ROLE = "penstock_agent"
_DATABASE_SECONDS = 1.0
_WITHOUT_SECONDS = 1.0
_AT_ONCE = 4  # of all connections for writes; whoever floods a route must not take them
_PRUNE_SECONDS = 60.0
_MOST = 100_000
_NEARLY = 1e-6  # what a sum of fractions may lack of a whole call

# Redis' own clock counts, so that all workers count by one. A clock that was set back must not
# lock anybody out for longer than a unit: no quota is whole later than that.
_SCRIPT = Script(
    """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local admitted, left, whole = 1, {}, {}
for i, key in ipairs(KEYS) do
    local quota, unit = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i]) * 1000000
    local at = tonumber(redis.call('GET', key) or now)
    at = math.min(math.max(at, now), now + unit)
    left[i] = (unit - (at - now)) * quota / unit
    whole[i] = at + unit / quota
    if left[i] + 0.000001 < 1 then admitted = 0 end
end
local said = {admitted}
for i, key in ipairs(KEYS) do
    if admitted == 1 then
        left[i] = left[i] - 1
        redis.call('SET', key, string.format('%.0f', whole[i]),
            'PX', string.format('%.0f', math.ceil((whole[i] - now) / 1000)))
    end
    said[i + 1] = string.format('%.9f', math.max(left[i], 0))
end
return said
"""
)
_TAKE = """
select json_build_array(bool_and(t.admitted), json_agg(t.remaining order by t.place))::text
from penstock.rate_take($1::uuid[], $2::integer[], $3::integer[])
    with ordinality as t (admitted, remaining, place)
"""
_PRUNE = "select penstock.rate_prune()"


@dataclass(slots=True)
class Verdict:
    """Whether a call is admitted; `left` is what remains by rate, None where that was not asked.

    A part of a call counts: it says when the next will be whole.
    """

    admitted: bool
    left: Sequence[float | None]


class Rates:
    """See the module."""

    def __init__(self, lane: Lane, metrics: Metrics) -> None:
        self._lane = lane
        self._metrics = metrics
        self._store: RedisStore | None = None
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._without_until = 0.0
        self._pruned = 0.0
        self._refused: dict[bytes, float] = {}
        self._here: dict[bytes, float] = {}
        self._place = ""

    def open(self, store: Store | None) -> None:
        """Count in that store from now on, if others count there too."""
        self._store = store if isinstance(store, RedisStore) else None
        self._place = "redis" if self._store else "database"

    async def check(self, limits: Limits, caller: Caller, address: str) -> Headers:
        """Count a call; the headers of its answer. Raises Problem 429."""
        verdict = await self.take(limits, limits.keys(caller, address))
        headers = _headers(limits, verdict)
        if not verdict.admitted:
            raise _exceeded(limits, verdict, headers)
        return headers

    async def take(self, limits: Limits, keys: Sequence[bytes]) -> Verdict:
        """Count a call under these keys, one for each rate."""
        asked = time.monotonic()
        refused = self._remembered(limits, keys, asked)
        if refused is not None:
            self._metrics.counted("memory", admitted=False)
            return refused
        verdict = await self._in_redis(limits, keys)
        if verdict is not None:
            place = "redis"
        elif (verdict := await self._in_database(limits, keys)) is not None:
            place = "database"
        else:
            verdict = self._in_process(limits, keys)
            place = "process"
        self._counted(place, verdict)
        if not verdict.admitted:
            self._remember(limits, keys, verdict, asked)
        return verdict

    def _remembered(self, limits: Limits, keys: Sequence[bytes], now: float) -> Verdict | None:
        """The refusal of a call that was refused before, and until a moment that is to come.

        Nothing could have changed that, so nobody is asked: a flood ends here.
        """
        waits = [self._refused.get(key, 0.0) - now for key in keys]
        if all(wait <= 0 for wait in waits):
            return None
        counted = zip(waits, limits.rates, strict=True)
        left = [
            max(0.0, 1 - wait * rate.quota / rate.seconds) if wait > 0 else None
            for wait, rate in counted
        ]
        return Verdict(False, left)

    def _remember(
        self, limits: Limits, keys: Sequence[bytes], verdict: Verdict, asked: float
    ) -> None:
        if len(self._refused) >= _MOST:
            self._refused.clear()
        for key, rate, left in zip(keys, limits.rates, verdict.left, strict=True):
            if left is not None and left + _NEARLY < 1:
                self._refused[key] = asked + (1 - left) * rate.seconds / rate.quota

    async def _in_redis(self, limits: Limits, keys: Sequence[bytes]) -> Verdict | None:
        """None where Redis does not answer, which it has a tenth of a second to."""
        store = self._store
        if store is None or not store.up:
            return None
        numbers = [
            number for pair in zip(limits.quotas, limits.seconds, strict=True) for number in pair
        ]
        told: asyncio.Future[list[bytes] | None] = asyncio.get_running_loop().create_future()
        store.run(_SCRIPT, keys, numbers, settle(told))
        said = await told
        return None if said is None else Verdict(bool(said[0]), [float(each) for each in said[1:]])

    async def _in_database(self, limits: Limits, keys: Sequence[bytes]) -> Verdict | None:
        """None where the database does not answer, or has no such function."""
        if time.monotonic() < self._without_until:
            return None
        hexes = ",".join(key.hex() for key in keys)
        quotas = ",".join(map(str, limits.quotas))
        seconds = ",".join(map(str, limits.seconds))
        call = _call(_TAKE, f"{{{hexes}}}", f"{{{quotas}}}", f"{{{seconds}}}")
        try:
            async with asyncio.timeout(_DATABASE_SECONDS), self._turns:
                answer = await ask(self._lane, call)
        except (Error, TimeoutError) as error:
            log.debug("the database can't count: %s", error)
            self._without_until = time.monotonic() + _WITHOUT_SECONDS
            return None
        self._prune()
        admitted, left = json.loads((answer.row or [None])[0] or b"")
        return Verdict(admitted, left)

    def _prune(self) -> None:
        """Clear away what is whole again, now and then; nobody waits for it."""
        now = time.monotonic()
        if now - self._pruned >= _PRUNE_SECONDS:
            self._pruned = now
            self._lane.start(_call(_PRUNE), Reply(_ignore))

    def _in_process(self, limits: Limits, keys: Sequence[bytes]) -> Verdict:
        """What is left where nobody else can be asked: others don't know of it."""
        now = time.monotonic()
        whole = [max(self._here.get(key, now), now) for key in keys]
        counted = zip(whole, limits.rates, strict=True)
        left = [(rate.seconds - (at - now)) * rate.quota / rate.seconds for at, rate in counted]
        if any(each + _NEARLY < 1 for each in left):
            return Verdict(False, left)
        for key, at, rate in zip(keys, whole, limits.rates, strict=True):
            self._here.pop(key, None)  # to the end: who has not called for longest goes first
            self._here[key] = at + rate.seconds / rate.quota
        while len(self._here) > _MOST:
            del self._here[next(iter(self._here))]
        return Verdict(True, [each - 1 for each in left])

    def _counted(self, place: str, verdict: Verdict) -> None:
        """Note it, and say it once where calls are counted elsewhere than before."""
        self._metrics.counted(place, admitted=verdict.admitted)
        if place != self._place:
            log.warning("rates are counted in the %s now, no more in the %s", place, self._place)
        self._place = place


def _call(statement: str, *parameters: str) -> Call:
    milliseconds = int(_DATABASE_SECONDS * 1000)
    context = Context(_ROLE, "", "POST", "", milliseconds, read_only=False)
    return Call(context, statement, parameters, reads_out=False, name=statement)


def _ignore(_: Answer | BaseException) -> None:
    pass


def _headers(limits: Limits, verdict: Verdict) -> Headers:
    """RateLimit and RateLimit-Policy, of draft-ietf-httpapi-ratelimit-headers-10."""
    items = []
    for rate, left in zip(limits.rates, verdict.left, strict=True):
        if left is not None:
            calls = math.floor(left + _NEARLY)
            wait = (calls + 1 - left) * rate.seconds / rate.quota
            items.append(f'"{rate.name}";r={calls};t={math.ceil(wait)}')
    return [
        (b"ratelimit-policy", limits.policy),
        (b"ratelimit", ", ".join(items).encode()),
    ]


def _exceeded(limits: Limits, verdict: Verdict, headers: Headers) -> Problem:
    """The 429, which says when to come again."""
    waits = {
        rate: (1 - left) * rate.seconds / rate.quota
        for rate, left in zip(limits.rates, verdict.left, strict=True)
        if left is not None and left + _NEARLY < 1
    }
    rate = max(waits, key=waits.__getitem__)
    seconds = max(1, math.ceil(waits[rate]))
    return Problem(
        429,
        f"{rate.sentence} Try again in {_time(seconds)}.",
        slug="quota-exceeded",
        headers=[*headers, (b"retry-after", b"%d" % seconds)],
        more={"violated-policies": [each.name for each in waits]},
    )


def _time(number: int) -> str:
    return "a second" if number == 1 else f"{number} seconds"
