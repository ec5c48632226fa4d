"""How often something may be called: the words of `@rate` and AUTH_RATE."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPOKEN = {"s": "a second", "min": "a minute", "h": "an hour", "day": "a day"}
UNITS = {"s": 1, "min": 60, "h": 3600, "day": 86_400}
MOST = 100_000
_PER = ("user", "ip", "key")
_FORM = re.compile(r"([0-9]{1,6})/(s|min|h|day)(?:\s+per=(\w+))?")


class RateError(ValueError):
    """Why a text is no rate."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`quota` calls in a `unit` of time, counted by `per`: user, ip or key."""

    quota: int
    unit: str
    per: str = "user"

    @property
    def seconds(self) -> int:
        """The unit's length."""
        return UNITS[self.unit]

    @property
    def name(self) -> str:
        """What clients know it by: user-min."""
        return f"{self.per}-{self.unit}"

    @property
    def sentence(self) -> str:
        """What a client is told."""
        times = "once" if self.quota == 1 else f"{self.quota} times"
        return f"This may be called {times} {_SPOKEN[self.unit]}."

    def __str__(self) -> str:
        return f"{self.quota}/{self.unit} per={self.per}"


def parse(text: str) -> Rate:
    """A rate such as 10/min or 10/min per=ip. Raises RateError."""
    match = _FORM.fullmatch(text.strip())
    per = (match and match[3]) or "user"
    if match is None or per not in _PER or not 1 <= int(match[1]) <= MOST:
        raise RateError(
            f"takes calls (1 to {MOST:,}) in a s, min, h or day, and per=user, ip or key,"
            " as in 10/min per=ip"
        )
    return Rate(int(match[1]), match[2], per)


def together(rates: Iterable[Rate]) -> tuple[Rate, ...]:
    """The rates of one route. Raises RateError where one is another's equal in all but number."""
    by_name: dict[str, Rate] = {}
    for rate in rates:
        if (other := by_name.setdefault(rate.name, rate)) is not rate:
            raise RateError(f"says both {other} and {rate}, of which only the smaller can count")
    return tuple(by_name.values())
