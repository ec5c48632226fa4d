"""The rates of a route made ready to use: what a call is counted under, and what headers say."""

from hashlib import blake2b

from api.address import block
from api.quota import Rate
from api.tokens import Caller

_KEY_BYTES = 16  # a uuid's


class Limits:
    """All rates of one route, or of what is named like one."""

    __slots__ = ("_said", "quotas", "rates", "seconds")

    def __init__(self, route: str, rates: tuple[Rate, ...]) -> None:
        self.rates = rates
        self.quotas = [rate.quota for rate in rates]
        self.seconds = [rate.seconds for rate in rates]
        # With its numbers, so that a rate that is changed begins anew.
        self._said = [f"{route}\n{rate}\n" for rate in rates]

    @property
    def policy(self) -> bytes:
        """The RateLimit-Policy header."""
        items = (f'"{rate.name}";q={rate.quota};w={rate.seconds}' for rate in self.rates)
        return ", ".join(items).encode()

    def keys(self, caller: Caller, address: str) -> list[bytes]:
        """What a call is counted under by each rate: a digest, for it is about people."""
        return [
            blake2b(
                f"{said}{_whose(rate.per, caller, address)}".encode("utf-8", "surrogatepass"),
                digest_size=_KEY_BYTES,
            ).digest()
            for rate, said in zip(self.rates, self._said, strict=True)
        ]


def _whose(per: str, caller: Caller, address: str) -> str:
    """Whose call it is: the key's, else the user's, else the address's, from `per` on."""
    if per == "key" and caller.key:
        return f"key {caller.key}"
    if per != "ip" and caller.subject:
        return f"user {caller.subject}"
    return f"ip {block(address)}"
