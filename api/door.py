"""What is asked of a request before anything is done for it: its host, its origin, its rate."""

from functools import lru_cache
from typing import Protocol

from starlette.types import Scope

from api.address import Addresses
from api.limits import Limits
from api.problems import Headers
from api.quota import Rate
from api.rate import Rates
from api.tokens import Caller
from api.web import Web

_NOBODY = Caller("", "")


@lru_cache(1000)
def _a_day(quota: int) -> Limits:
    return Limits("", (Rate(quota, "day", "key"),))


class Visit(Protocol):
    """The request at the door; `limits` are the headers that its answer gets for its rates."""

    scope: Scope
    limits: Headers
    private: bool


class Door:
    """Looks at requests. Below `auth` each path has these rates, by whatever method it's asked."""

    def __init__(
        self, web: Web, addresses: Addresses, rates: Rates, auth: str, auth_rates: tuple[Rate, ...]
    ) -> None:
        self.web = web
        self.addresses = addresses
        self.looks = web.looks
        self.look = web.look
        self._rates = rates
        self._auth = auth
        self._auth_rates = auth_rates

    async def check(self, visit: Visit, limits: Limits, caller: Caller) -> None:
        """Count a call against the rates of its route. Raises Problem 429."""
        visit.limits = await self._rates.check(limits, caller, self.addresses.of(visit.scope))

    async def check_quota(self, visit: Visit, caller: Caller) -> None:
        """Count a call against what its key may do in a day. Raises Problem 429."""
        assert caller.quota is not None
        said = visit.limits
        await self.check(visit, _a_day(caller.quota), caller)
        visit.limits = said or visit.limits  # the route's own say more of the next call

    async def check_page(self, visit: Visit) -> None:
        """The same for what is Python's own: what is below auth/ is told to nobody else."""
        path: str = visit.scope["path"]
        if path.startswith(self._auth):
            visit.private = True
            if self._auth_rates and visit.scope["method"] != "OPTIONS":
                await self.check(visit, Limits(path, self._auth_rates), _NOBODY)
