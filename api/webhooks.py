"""Webhooks: events posted to who subscribed, signed as by Standard Webhooks.

Plain HTTP/1.1 over asyncio's streams, read by httptools: a client library would resolve the name
by itself, and might connect to another address than the one that was looked at.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from api import __version__
from api.outbox import Delivery, Ended, Refused

_SECRET = "whsec_"  # noqa: S105 -- what all of them begin with
_MOST_OF_A_HEAD = 65_536
_EMBEDDING = ipaddress.ip_network("64:ff9b::/96")  # IPv4 addresses by NAT64
_EMBEDDING_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_GONE = 410

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class NotTaken(Exception):  # noqa: N818 -- what a receiver says
    """The receiver did not take it this time."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post to."""

    tls: bool
    host: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The host as the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def target(url: str) -> Target:
    """Where a subscription's URL leads. Raises Refused for what is none."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise Refused("The address of the webhook can't be read.") from None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if (
        parts.scheme not in ("http", "https")
        or not host
        or parts.username is not None
        or not (path + host).isascii()
        or any(char <= " " or char == "\x7f" for char in path + host)
    ):
        raise Refused("The address of the webhook must be https://host/path.")
    tls = parts.scheme == "https"
    return Target(tls, host, port or (443 if tls else 80), path)


def sign(secret: str, message: str, timestamp: int, body: bytes) -> str:
    """The webhook-signature of a message. Raises Refused where the secret is none."""
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET), validate=True)
    except binascii.Error:
        raise Refused("The secret of the webhook is not Base64.") from None
    signed = b"%s.%d.%s" % (message.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def is_public(address: Address) -> bool:
    """Whether it is an address of the internet, and not one within another."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.sixtofour is not None or address.teredo is not None:
            return False
        if address in _EMBEDDING or address in _EMBEDDING_LOCAL:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


class Webhooks:
    """Posts events. `private` lets it reach private networks, and go without TLS."""

    def __init__(self, timeout: float, *, private: bool) -> None:
        self._timeout = timeout
        self._private = private
        self._tls = ssl.create_default_context()

    async def send(self, delivery: Delivery) -> None:
        """See Sink."""
        if delivery.url is None or delivery.secret is None:
            raise Refused("The subscription has ended.")
        there = target(delivery.url)
        if not there.tls and not self._private:
            raise Refused("A webhook must be https.")
        body = _body(delivery)
        head = _head(there, delivery, body)
        delivery.begin()
        async with asyncio.timeout(self._timeout):
            addresses = await self._resolve(there)
            status = await self._post(there, addresses, head + body)
        if status == _GONE:
            raise Ended(f"{there.named} answered 410: it wants no more.")
        if not 200 <= status < 300:
            raise NotTaken(f"{there.named} answered {status}.")

    async def close(self) -> None:
        """See Sink."""

    async def _resolve(self, there: Target) -> list[str]:
        """The addresses of the host, each of which was looked at: these are connected to."""
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(there.host, there.port, type=socket.SOCK_STREAM)
        except OSError:
            raise NotTaken(f"There is no address for {there.host}.") from None
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if not self._private:
            for each in addresses:
                if not is_public(ipaddress.ip_address(each.partition("%")[0])):
                    raise Refused(f"{there.host} is at {each}, which is no public address.")
        return addresses

    async def _post(self, there: Target, addresses: list[str], request: bytes) -> int:
        """The status that the first address which can be reached answers with."""
        reader, writer = await self._connect(there, addresses)
        try:
            writer.write(request)
            return await _status(reader, there)
        except (OSError, ssl.SSLError) as error:
            raise NotTaken(f"{there.named} hung up: {_said(error)}.") from error
        finally:
            writer.transport.abort()

    async def _connect(
        self, there: Target, addresses: list[str]
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        last: Exception | None = None
        for address in addresses:
            try:
                return await asyncio.open_connection(
                    address,
                    there.port,
                    ssl=self._tls if there.tls else None,
                    server_hostname=there.host if there.tls else None,
                )
            except (OSError, ssl.SSLError) as error:
                last = error
        raise NotTaken(f"{there.named} can't be reached: {_said(last)}.") from last


class _Head:
    """Waits for the head of the answer; informational ones come before it."""

    def __init__(self) -> None:
        self.parser = HttpResponseParser(self)
        self.status = 0

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        if status >= 200 and not self.status:
            self.status = status


async def _status(reader: asyncio.StreamReader, there: Target) -> int:
    head, size = _Head(), 0
    while not head.status:
        chunk = await reader.read(4096)
        size += len(chunk)
        if not chunk or size > _MOST_OF_A_HEAD:
            raise NotTaken(f"{there.named} gave no answer.")
        try:
            head.parser.feed_data(chunk)
        except HttpParserUpgrade:
            raise NotTaken(f"{there.named} answered with another protocol.") from None
        except HttpParserError:
            if not head.status:
                raise NotTaken(f"What {there.named} answered is no HTTP.") from None
    return head.status


def _body(delivery: Delivery) -> bytes:
    """What is posted; the payload as PostgreSQL has it, with all digits."""
    at = delivery.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    said = f'{{"type": {json.dumps(delivery.topic)}, "timestamp": "{at}", '
    return f'{said}"data": {delivery.payload}}}'.encode()


def _head(there: Target, delivery: Delivery, body: bytes) -> bytes:
    assert delivery.secret is not None
    message, now = f"msg_{delivery.message.hex}", int(time.time())
    lines = (
        f"POST {there.path} HTTP/1.1",
        f"host: {there.named}",
        f"user-agent: Penstock/{__version__}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        f"webhook-id: {message}",
        f"webhook-timestamp: {now}",
        f"webhook-signature: {sign(delivery.secret, message, now, body)}",
        "connection: close",
        "",
        "",
    )
    return "\r\n".join(lines).encode("ascii")


def _said(error: BaseException | None) -> str:
    return " ".join(str(error).split()).rstrip(".")[:200] or type(error).__name__
