"""Passwords: hashed and verified off the event loop, a bounded number at a time."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from passlib.context import CryptContext

from api.catalog import PgType
from api.encode import ArgumentError
from api.problems import Problem

log = logging.getLogger("penstock.passwords")

MIN_LENGTH = 8
MAX_LENGTH = 1024
_CHECK = "password_is_hashed"
_THREADS = 2  # a hash takes tens of milliseconds and 64 MiB: more threads would only queue inside
_MOST_WAITING = 100  # a few seconds: who comes later would have left before


class Passwords:
    """Argon2id for all new hashes; bcrypt still verifies, and asks to be replaced."""

    def __init__(self) -> None:
        self._context = CryptContext(schemes=["argon2", "bcrypt"], deprecated=["bcrypt"])
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="passwords")
        self._waiting = 0
        self._nobody = self._context.hash("the password of nobody")

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def hash(self, password: str) -> str:
        """The Argon2id hash of a password."""
        hashed: str = await self._run(self._context.hash, password)
        return hashed

    async def verify(self, password: str, hashed: str | None) -> tuple[bool, str | None]:
        """Whether the password is right, and a better hash where the stored one is outdated.

        Takes as long where there is no hash: an unknown user must not be told by the clock.
        """
        try:
            right, better = await self._run(
                self._context.verify_and_update, password, hashed or self._nobody
            )
        except ValueError as error:  # no hash, or a password that bcrypt can't have hashed
            log.warning("a password could not be compared with its stored hash: %s", error)
            return False, None
        return right and hashed is not None, better if hashed else None

    async def _run(self, function: Callable[..., Any], *args: str) -> Any:
        if self._waiting >= _MOST_WAITING:
            sentence = "Too many passwords are being hashed right now; try again shortly."
            raise Problem(503, sentence, slug="busy", headers=[(b"retry-after", b"1")])
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, function, *args)
        finally:
            self._waiting -= 1


def check(password: str, pointer: str) -> None:
    """ArgumentError for a password nobody should choose."""
    if len(password) < MIN_LENGTH:
        raise ArgumentError(pointer, f"must have at least {MIN_LENGTH} characters")
    if len(password) > MAX_LENGTH:
        raise ArgumentError(pointer, f"must have at most {MAX_LENGTH} characters")


def is_password_type(type_: PgType) -> bool:
    """Whether a type is the machinery's password: a domain that takes nothing but hashes.

    The name alone would do for somebody else's domain, who may not want it hashed.
    """
    return type_.name == "password" and any(each.name == _CHECK for each in type_.checks)
