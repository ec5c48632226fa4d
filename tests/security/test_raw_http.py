# ruff: noqa: E501 -- hostile bytes are long
"""What is no HTTP, or hardly: over bare sockets every request is answered below 500, or hung up on.

tests/api/test_http.py has what a client may do; here is what nobody should. Nothing that follows a
request whose end is in doubt is taken for another request.
"""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from db.database import Database
from tests.security.grounds import Server, json_lines, token, user_id

_PATIENCE_SECONDS = 8
_QUIET_SECONDS = 0.4
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
HOST = b"Host: x\r\n"
PATH = b"/api/v1/products?limit=1"
SMUGGLED = b"GET /api/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"POST /api/v1/users HTTP/1.1\r\n" + HOST + JSON + b"Transfer-Encoding: chunked\r\n\r\n"


def head(*lines: bytes, start: bytes = b"GET " + PATH + b" HTTP/1.1") -> bytes:
    return b"\r\n".join([start, b"Host: x", *lines]) + b"\r\n\r\n"


METHODS = [
    b"get", b"Get", b"G", b"GETT", b"GE T", b"GET\t", b" GET", b"\x00GET", b"GET\x00", b"G\xc3\x8bT", b"-", b"",
    b"A" * 70_000, b"CONNECT", b"TRACE", b"TRACK", b"DEBUG", b"PRI", b"SOURCE", b"M-SEARCH", b"PURGE",
    b"PROPFIND", b"MKCOL", b"QUERY", b"SUBSCRIBE", b"LINK", b"ACL", b"BIND", b"REPORT", b"SEARCH",
]  # fmt: skip
TARGETS = [
    b"", b" ", b"//", b"/" * 5_000, b"?", b"/?", b"#x", b"*", b"**", b"x", b"../x", b"/api/v1/products#x",
    b"/api/v1/../../etc/passwd", b"/api/v1/%2e%2e/%2e%2e/etc/passwd", b"/api/v1/..;/products", b"/api/v1/products/",
    b"/api/v1//products", b"/api/v1/./products", b"/api/v1/products%2f1", b"/api/v1/products%00", b"/api/v1/%", b"/%zz",
    b"/api/v1/products?%", b"/api/v1/products?%zz=%zz", b"/api/v1/products?&&&==&=&", b"/api/v1/products?limit",
    b"/api/v1/products?limit=1;limit=2", b"/api/v1/products?limit[]=1", b"/api/v1/products??limit=1",
    b"/api/v1/products?" + b"a" * 60_000, b"/api/v1/products/" + b"9" * 60_000, b"/\xff\xfe", b"/\xc3\xa4", b"/a\x00b",
    b"http://evil.example/api/v1/products", b"http://", b"http:///x", b"https://x:99999/y", b"http://[::1/x",
    b"http://u:p@x/api/v1/products", b"x:1", b"localhost:80", b"[::1]:80", b"mailto:a@b", b"/\t", b"/ x HTTP/1.1",
]  # fmt: skip
VERSIONS = [b"HTTP/0.9", b"HTTP/1.2", b"HTTP/2", b"HTTP/2.0", b"HTTP/9.9", b"HTTP/1.1.1", b"HTTP/", b"http/1.1", b"HTCPCP/1.0",
            b"HTTP/1.10", b"HTTP/-1.1", b"", b"RTSP/1.0", b"ICE/1.0"]  # fmt: skip
LINES = [
    b"X", b": x", b"X : y", b"X: a\x00b", b"X: a\rb", b"X: a\nb", b"X\x00: y", b" X: folded", b"X: y\r\n folded", b"X\xff: y",
    b"X: \xff\xfe", b"X:" + b" " * 60_000, b"X: " + b"y" * 60_000, b"y" * 60_000 + b": X", b"Host: y", b"Host:",
    b"\r\n" * 20, b"\xef\xbb\xbfX: y", b"X: y\r\n" * 3_000 + b"X: y", b"Cookie: " + b"a=b; " * 10_000,
    b"Content-Type: application/json\r\nContent-Type: text/csv", b"X-Request-Id: a\r\nX-Request-Id: b",
    b'If-None-Match: "a"\r\nIf-None-Match: *', b'If-Match: "a"\r\nIf-Match: "b"', b"Range: bytes=0-0,1-1,2-2",
    b"Expect: 200-ok", b"Expect: 100-continue", b"Upgrade: websocket\r\nConnection: Upgrade",
    b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__", b"Upgrade: x",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13",
    b"Connection: close, keep-alive, x", b"Connection: content-length", b"Keep-Alive: timeout=-1", b"TE: trailers, x;q=9",
    b"Accept: " + b"*/*," * 5_000, b"Accept-Encoding: gzip;q=NaN", b'Forwarded: for="_x";by="\x7f"', b"Max-Forwards: -1",
]  # fmt: skip
# A length in doubt; each is followed by what must not be taken for a request of its own.
LENGTHS = [
    b"Content-Length: 0\r\nContent-Length: 45", b"Content-Length: 45\r\nContent-Length: 0", b"Content-Length: +0",
    b"Content-Length: -1", b"Content-Length: 0x0", b"Content-Length: 0, 0", b"Content-Length: 0 0", b"Content-Length: ",
    b"Content-Length: 1e1", b"Content-Length: 9" + b"9" * 30, b"Content-Length: 18446744073709551616",
    b"Content-Length: 0\r\nTransfer-Encoding: chunked", b"Transfer-Encoding: chunked\r\nContent-Length: 0",
    b"Transfer-Encoding: xchunked", b"Transfer-Encoding: chunked, identity", b"Transfer-Encoding: identity, chunked, x",
    b"Transfer-Encoding: \x0bchunked", b"Transfer-Encoding : chunked", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
    b"X: y\nContent-Length: 0", b"Content_Length: 45\r\nContent-Length : 0",
]  # fmt: skip
CHUNKS = [
    b"zz\r\n", b"-1\r\n", b"+5\r\nhello\r\n", b"0x5\r\nhello\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"5\nhello\n0\n\n",
    b"ffffffffffffffff\r\nx", b"fffffffffffffffff\r\nx", b"5\r\nhelloXX0\r\n\r\n", b"5;" + b"a" * 70_000 + b"\r\nhello\r\n0\r\n\r\n",
    b'5;a="\r\nb"\r\nhello\r\n0\r\n\r\n', b"00000000000000000000005\r\nhello\r\n0\r\n\r\n", b"\r\n\r\n", b"5\r\nhello\r\n0\r\nX\r\n\r\n",
    b"0\r\n" + b"X: y\r\n" * 5_000 + b"\r\n", b"0\r\nContent-Length: 5\r\nAuthorization: x\r\n\r\n", b"1\r\n{\r\n" * 5_000 + b"0\r\n\r\n",
    b"5\rhello\r0\r\r",
]  # fmt: skip
NO_HTTP = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 60,
    b"SSH-2.0-x\r\n", b"\x00" * 5_000, b"\r\n" * 5_000, b"{}", b"EHLO x\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"\xff" * 5_000,
    b"*1\r\n$4\r\nPING\r\n", b"GET / HTTP/1.1\n\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
]  # fmt: skip


def cases() -> Iterator[tuple[str, bytes, bool]]:
    """What to call it, the bytes, and whether they are followed by what must not be answered."""
    for each in METHODS:
        yield "method", each + b" " + PATH + b" HTTP/1.1\r\n" + HOST + b"\r\n", False
    for each in TARGETS:
        yield "target", head(start=b"GET " + each + b" HTTP/1.1"), False
        yield "target", head(b"Content-Length: 0", start=b"POST " + each + b" HTTP/1.1"), False
    for each in VERSIONS:
        yield "version", head(start=b"GET " + PATH + b" " + each), False
    for each in LINES:
        yield "header", head(each), False
        yield (
            "header",
            head(each, JSON[:-2], b"Content-Length: 2", start=b"POST /api/v1/users HTTP/1.1")
            + b"{}",
            False,
        )
    for each in LENGTHS:
        yield "length", head(each, JSON[:-2], start=b"POST /api/v1/users HTTP/1.1") + SMUGGLED, True
        yield "length", head(each) + SMUGGLED, True
    for each in CHUNKS:
        yield "chunks", CHUNKED + each, False
    for each in NO_HTTP:
        yield "no HTTP", each, False


@dataclass(frozen=True)
class Outcome:
    """What came back, how long it took, and whether the connection was closed for it."""

    received: bytes
    seconds: float
    closed: bool

    @property
    def statuses(self) -> list[int]:
        return [int(each) for each in _STATUS.findall(self.received)]


async def exchange(port: int, sent: bytes) -> Outcome:
    """Send it, and read until the API hangs up or says no more; then half-close, and read on."""
    started = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received, closed, patience = b"", False, _QUIET_SECONDS
    try:
        writer.write(sent)
        while time.monotonic() < started + _PATIENCE_SECONDS:
            try:
                async with asyncio.timeout(patience):
                    chunk = await reader.read(65_536)
            except TimeoutError:
                if received or patience == _PATIENCE_SECONDS:
                    break
                writer.write_eof()  # it waits for more, which does not come
                patience = _PATIENCE_SECONDS
                continue
            if not chunk:
                closed = True
                break
            received += chunk
    except ConnectionError:
        closed = True
    writer.close()
    return Outcome(received, time.monotonic() - started, closed)


def all_of(server: Server) -> list[tuple[str, bytes, bool, Outcome]]:
    async def run() -> list[tuple[str, bytes, bool, Outcome]]:
        gate = asyncio.Semaphore(20)

        async def one(kind: str, sent: bytes, smuggles: bool) -> tuple[str, bytes, bool, Outcome]:
            async with gate:
                return kind, sent, smuggles, await exchange(server.port, sent)

        return await asyncio.gather(*(one(*each) for each in cases()))

    return asyncio.run(run())


@pytest.fixture(scope="module")
def outcomes(server: Server) -> list[tuple[str, bytes, bool, Outcome]]:
    return all_of(server)


def test_none_is_answered_with_500_and_each_is_answered_or_hung_up_on_in_time(
    server: Server, outcomes: list[tuple[str, bytes, bool, Outcome]]
) -> None:
    assert len(outcomes) > 200
    for kind, sent, _, outcome in outcomes:
        shown = (kind, sent[:200], outcome.received[:300])
        assert all(100 <= status < 500 for status in outcome.statuses), shown
        assert outcome.received or outcome.closed, shown
        assert outcome.seconds < _PATIENCE_SECONDS, shown
    assert [each for each in json_lines(server.log) if "traceback" in each] == []
    assert [each for each in json_lines(server.log) if each["level"] == "error"] == []


def test_what_is_no_http_is_told_so_in_the_form_of_all_errors(
    outcomes: list[tuple[str, bytes, bool, Outcome]],
) -> None:
    told = 0
    for kind, sent, _, outcome in outcomes:
        answer = outcome.received
        if outcome.statuses in ([400], [431]) and b"\r\n\r\n{" in answer:
            problem = json.loads(answer.partition(b"\r\n\r\n")[2])
            assert problem["status"] == outcome.statuses[0], (kind, sent[:200])
            told += 1
        assert b"text/plain" not in answer, (kind, sent[:200], answer[:300])
    assert told > 50


def test_what_follows_a_request_of_doubtful_length_is_not_answered(
    outcomes: list[tuple[str, bytes, bool, Outcome]],
) -> None:
    """Where two could read different lengths, one of them is led to serve another's request."""
    doubtful = [(sent, outcome) for _, sent, smuggles, outcome in outcomes if smuggles]
    assert len(doubtful) > 30
    for sent, outcome in doubtful:
        assert b"/api/v1/smuggled" not in outcome.received, (sent[:200], outcome.received[:600])


def test_control_what_follows_a_good_request_is_answered(server: Server) -> None:
    good = head(b"Content-Length: 0", JSON[:-2], start=b"POST /api/v1/users HTTP/1.1")

    outcome = asyncio.run(exchange(server.port, good + SMUGGLED))

    assert outcome.statuses == [422, 404]
    assert b"/api/v1/smuggled" in outcome.received


@pytest.mark.parametrize(
    "start", [b"GET /" + b"a" * 200_000, b"GET / HTTP/1.1\r\nX: ", b"GET / HTTP/1.1\r\n"]
)
def test_a_head_that_goes_on_and_on_is_refused(server: Server, start: bytes) -> None:
    async def drip() -> tuple[int, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        sent, line = 0, b"X-Y: " + b"z" * 1_000 + (b"" if start.endswith(b" ") else b"\r\n")
        writer.write(start)
        try:
            while sent < 3_000_000 and not reader.at_eof():
                writer.write(line * 10)
                sent += len(line) * 10
                await writer.drain()
                await asyncio.sleep(0.003)
            received = await reader.read()
        except ConnectionError:
            received = b""
        writer.close()
        return sent, received

    sent, received = asyncio.run(asyncio.wait_for(drip(), _PATIENCE_SECONDS))

    assert sent < 3_000_000
    assert received == b"" or received.startswith((b"HTTP/1.1 431", b"HTTP/1.1 400"))


def test_a_trailer_is_no_header(server: Server, shop: Database) -> None:
    """A proxy that takes tokens out of requests looks for them in the head."""
    bearer = token(str(user_id(shop, "member")), "member").encode()
    start = b"POST /api/v1/posts HTTP/1.1"
    chunked = head(JSON[:-2], b"Transfer-Encoding: chunked", start=start)
    body = b'1b\r\n{"title":"x", "body": "yz"}\r\n0\r\n'
    authorization = b"Authorization: Bearer " + bearer

    good = head(JSON[:-2], b"Transfer-Encoding: chunked", authorization, start=start)
    with_header = asyncio.run(exchange(server.port, good + body + b"\r\n"))
    with_trailer = asyncio.run(exchange(server.port, chunked + body + authorization + b"\r\n\r\n"))

    assert with_header.statuses == [201]
    assert with_trailer.statuses == [401]


def test_a_thousand_requests_in_one_go_are_all_answered(server: Server) -> None:
    many = head() * 999 + head(b"Connection: close")

    outcome = asyncio.run(exchange(server.port, many))

    assert outcome.closed
    assert outcome.statuses == [200] * 1_000
