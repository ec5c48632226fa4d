"""Who guesses passwords: how many are looked at, and what the clock gives away."""

import asyncio
import os
import statistics
import time
from collections.abc import Callable

import httpx
from argon2 import PasswordHasher

from db.database import Database
from tests.api.conftest import Api, running

LONG = os.environ.get("PENSTOCK_FAULTS") == "long"
GUESSES = 10_000 if LONG else 500
ADDRESSES = 100
EVALUATED = 10
SAMPLES = 2_000 if LONG else 40
ACCOUNTS = SAMPLES // EVALUATED
PASSWORD = "correct horse"


def register(api: Api, name: str) -> None:
    person = {"email": f"{name}@example.com", "username": name, "password": PASSWORD}
    answer = api.post("/users", json=person)
    assert answer.status_code == 201, answer.text


async def guesses(api: Api, email: str, count: int) -> list[int]:
    """The statuses of so many guesses, from a hundred addresses, a hundred at a time."""
    clients = [
        httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(local_address=f"127.0.1.{number + 1}"), timeout=60
        )
        for number in range(ADDRESSES)
    ]
    url, statuses = f"{api.base_url}auth/login", list[int]()

    async def some(client: httpx.AsyncClient, first: int) -> None:
        for number in range(first, count, ADDRESSES):
            given = {"email": email, "password": f"guess {number}"}
            statuses.append((await client.post(url, json=given)).status_code)
        await client.aclose()

    await asyncio.gather(*(some(client, number) for number, client in enumerate(clients)))
    return statuses


def test_of_all_guesses_ten_are_looked_at(database: Database, evaluated: list[str]) -> None:
    with running(database.serve_url) as api:
        register(api, "ada")
        right = {"email": "ada@example.com", "password": PASSWORD}
        device = api.post("/auth/login", json=right).json()["device_token"]
        evaluated.clear()

        statuses = asyncio.run(guesses(api, "ada@example.com", GUESSES))

        assert len(statuses) == GUESSES
        assert len(evaluated) <= EVALUATED
        assert set(statuses) <= {401, 429}
        owner = api.post("/auth/login", json={**right, "device_token": device})
        assert owner.status_code == 200


def test_without_the_count_all_of_them_are(database: Database, evaluated: list[str]) -> None:
    """The control: a rule that lets everybody try is seen."""
    database.psql(
        "create or replace function auth.attempt_take(account bytea, device bytea)"
        " returns table (attempt timestamptz, wait_seconds integer) rows 1"
        " language sql as 'select now(), null::integer'"
    )
    with running(database.serve_url) as api:
        register(api, "ada")
        asyncio.run(guesses(api, "ada@example.com", 30))

    assert len(evaluated) > EVALUATED


def test_the_clock_tells_nobody_who_has_an_account(database: Database) -> None:
    """By turns, a known and an unknown address; within 5% of the time of a hash in the long run."""
    hashed = PasswordHasher().hash(PASSWORD)
    database.psql(
        "with added as ("
        " insert into app.users (email, username)"
        f" select 'known-' || n || '@example.com', 'known-' || n"
        f" from generate_series(1, {ACCOUNTS}) as n returning id)"
        f" insert into auth.credentials (user_id, password_hash) select id, '{hashed}' from added"
    )
    took: dict[str, list[float]] = {"known": [], "unknown": []}
    with running(database.serve_url) as api:
        for number in range(SAMPLES):
            for kind, seconds in took.items():
                email = f"{kind}-{1 + number % ACCOUNTS}@example.com"
                began = time.perf_counter()
                answer = api.post("/auth/login", json={"email": email, "password": "wrong"})
                seconds.append(time.perf_counter() - began)
                assert answer.status_code == 401

    known, unknown = (statistics.median(seconds) for seconds in took.values())
    print(f"\nknown {known * 1000:.2f} ms, unknown {unknown * 1000:.2f} ms, n = {SAMPLES}")
    hash_seconds = _median_hash()
    # A short run is noise; without nobody's hash the two differ by all of it.
    assert abs(known - unknown) < (0.05 if LONG else 0.5) * hash_seconds


def _median_hash() -> float:
    hasher, took = PasswordHasher(), list[float]()
    verify: Callable[..., object] = hasher.verify
    hashed = hasher.hash(PASSWORD)
    for _ in range(20):
        began = time.perf_counter()
        verify(hashed, PASSWORD)
        took.append(time.perf_counter() - began)
    return statistics.median(took)
