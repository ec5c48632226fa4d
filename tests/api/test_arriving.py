"""A body under way: unpacked piece by piece, told byte by byte, and never more than is allowed."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable

import pytest

from api.arriving import PIECE, Arriving
from api.problems import Problem
from api.reading import Message

LIMIT = 1_000_000


def read(
    content: bytes, *, packed: bool, hears: Callable[[bytes], object] | None = None
) -> list[bytes]:
    """Its pieces, where it comes in chunks of 1,000 bytes."""
    chunks = [content[start : start + 1000] for start in range(0, len(content), 1000)] or [b""]
    messages = [
        {"type": "http.request", "body": chunk, "more_body": number < len(chunks)}
        for number, chunk in enumerate(chunks, 1)
    ]

    async def receive() -> Message:
        return messages.pop(0)

    async def collect() -> list[bytes]:
        headers = [(b"content-encoding", b"gzip")] if packed else []
        arriving = Arriving({"headers": headers}, receive, LIMIT, 5, hears)
        return [piece async for piece in arriving.pieces()]

    return asyncio.run(collect())


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 900_000])
def test_what_was_packed_comes_out_in_bounded_pieces(size: int) -> None:
    content = bytes(number % 251 for number in range(size))

    for packed in (gzip.compress(content), gzip.compress(content[:7]) + gzip.compress(content[7:])):
        pieces = read(packed, packed=True)
        assert b"".join(pieces) == content
        assert all(len(piece) <= PIECE for piece in pieces)


def test_a_bomb_is_met_at_the_limit() -> None:
    with pytest.raises(Problem) as caught:
        read(gzip.compress(bytes(50 * LIMIT)), packed=True)

    assert caught.value.status == 413


def test_half_a_stream_is_none() -> None:
    packed = gzip.compress(b"sku,name,price\n" * 1000)

    for end in (0, 5, 30, len(packed) - 8, len(packed) - 1):
        with pytest.raises(Problem) as caught:
            read(packed[:end], packed=True)
        assert caught.value.status == 400


def test_every_byte_is_heard_of_as_it_was_sent() -> None:
    packed = gzip.compress(bytes(LIMIT))
    digest = hashlib.sha256()

    read(packed, packed=True, hears=digest.update)

    assert digest.digest() == hashlib.sha256(packed).digest()
