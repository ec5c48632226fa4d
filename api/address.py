"""Where a request comes from: the peer, or what proxies that we trust say of it.

X-Forwarded-For, and Forwarded (RFC 7239). Each proxy adds the address it was asked from at the
end, and whatever stands before that was sent by whoever asked; so the chain is walked from its
end, and the first address that is none of our proxies' is the client's.
"""

import re
from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from starlette.types import Scope

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

_IPV6_PREFIX = 64  # what one customer has of IPv6, at least
_MOST_REMEMBERED = 10_000
_LONGEST = 4096
_LONGEST_REMEMBERED = 256
_NODE = re.compile(r"\[([^\]]+)\](?::[0-9]{1,5})?|([0-9.]+)(?::[0-9]{1,5})?|([0-9A-Fa-f:.]+)")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PAIR = re.compile(rf"\s*({_NAME})=({_NAME}|{_QUOTED})\s*")
_ELEMENT = re.compile(rf'(?:[^",]|{_QUOTED})*')


def network(text: str) -> Network:
    """A network such as 10.0.0.0/8, or one address. Raises ValueError."""
    return ip_network(text, strict=False)


def block(address: str) -> str:
    """What callers are counted by: an IPv4 address, or the /64 that an IPv6 address is of."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((int(found), _IPV6_PREFIX), strict=False))
    return address if found is None else str(found)


class Addresses:
    """Looks up whom requests come from, with these proxies trusted."""

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._known: dict[tuple[str, bytes, bytes], str] = {}

    def of(self, scope: Scope) -> str:
        """The client's address; '' where there is none (a Unix socket)."""
        client = scope.get("client")
        peer: str = client[0] if client else ""
        if not self._trusted:
            return peer
        x_forwarded_for = b",".join(_values(scope, b"x-forwarded-for"))
        forwarded = b",".join(_values(scope, b"forwarded"))
        if not x_forwarded_for and not forwarded:
            return peer
        said = peer, x_forwarded_for, forwarded
        if len(x_forwarded_for) + len(forwarded) > _LONGEST_REMEMBERED:
            return self._client(*said)
        found = self._known.get(said)
        if found is None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            found = self._known[said] = self._client(*said)
        return found

    def _client(self, peer: str, x_forwarded_for: bytes, forwarded: bytes) -> str:
        """The client by whichever header there is; the peer where they are of no use.

        Mostly a proxy writes one of them, and passes the other on as the client sent it. Which is
        which is not to be seen, so where there are both they must agree.
        """
        address = _parsed(peer)
        if address is None or not self._trusts(address):
            return peer
        chains = []
        if x_forwarded_for:
            chains.append(_listed(x_forwarded_for))
        if forwarded:
            chains.append(_forwarded(forwarded))
        found = {self._walked(chain) for chain in chains}
        client = found.pop()
        return str(client) if client is not None and not found else peer

    def _walked(self, chain: Iterator[Address | None]) -> Address | None:
        """The first address, from the end, that is no proxy's; None where one can't be read."""
        address = None
        for address in chain:
            if address is None or not self._trusts(address):
                break
        return address

    def _trusts(self, address: Address) -> bool:
        return any(address in each for each in self._trusted)


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key == name]


def _parsed(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    # ::ffff:192.0.2.1 is how a socket for both families shows an IPv4 peer.
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _node(text: str) -> Address | None:
    """An address as proxies write it, with or without a port."""
    match = _NODE.fullmatch(text)
    return _parsed(match[1] or match[2] or match[3]) if match else None


def _listed(header: bytes) -> Iterator[Address | None]:
    """The addresses of X-Forwarded-For, the last first."""
    for part in reversed(header[-_LONGEST:].decode("latin-1").split(",")):
        yield _node(part.strip())


def _forwarded(header: bytes) -> Iterator[Address | None]:
    """The for= of each element of Forwarded, the last first."""
    text = header.decode("latin-1")
    if len(text) > _LONGEST:
        yield None
        return
    for element in reversed(_elements(text)):
        pairs = [_PAIR.fullmatch(pair) for pair in _split(element)]
        given = [match[2] for match in pairs if match and match[1].lower() == "for"]
        if len(given) != 1 or not all(pairs):
            yield None
            return
        node = re.sub(r"\\(.)", r"\1", given[0][1:-1]) if given[0][0] == '"' else given[0]
        yield _node(node)


def _elements(text: str) -> list[str]:
    """The parts between commas that are not within quotes; one empty one where quotes don't end."""
    found, position = [], 0
    while position <= len(text):
        match = _ELEMENT.match(text, position)
        end = match.end() if match else position
        if end < len(text) and text[end] != ",":
            return [""]
        found.append(text[position:end])
        position = end + 1
    return found


def _split(element: str) -> list[str]:
    return re.findall(rf'(?:[^";]|{_QUOTED})+', element)
