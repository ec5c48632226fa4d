"""What is asked: the same of every server, in the words of each."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.ground import Ground
from benchmarks.servers import Server
from benchmarks.wrk import Request

PREFIX = "/api/v1"
MEMBERS = 64
WRITERS = 2000
NAMES = 8  # of each


def bearer(token: str) -> dict[str, str]:
    """The headers of a caller."""
    return {"Authorization": f"Bearer {token}", "Host": "localhost"}


def _json(token: str) -> dict[str, str]:
    return bearer(token) | {"Content-Type": "application/json"}


def read(ground: Ground) -> list[Request]:
    """Members read themselves by id, behind row-level security."""
    return [
        Request("GET", f"{PREFIX}/users/{member}", bearer(ground.token(member)))
        for member in ground.members(MEMBERS)
    ]


def page(ground: Ground) -> list[Request]:
    """Staff list 50 users."""
    token = ground.token(ground.login("staff"), "staff")
    return [Request("GET", f"{PREFIX}/users?limit=50", bearer(token))]


def write(ground: Ground) -> list[Request]:
    """Members change their own name, each time to another: what stays is not recorded."""
    dice = random.Random(1)
    headers = {member: _json(ground.token(member)) for member in ground.members(WRITERS)}
    return [
        Request(
            "PATCH",
            f"{PREFIX}/users/{member}",
            headers[member],
            json.dumps({"full_name": f"Bench {dice.randrange(10**6)}"}),
        )
        for _ in range(NAMES)
        for member in headers
    ]


def records(count: int) -> Callable[[Ground], list[Request]]:
    """Rows of twenty columns, from a function that knows nothing of Penstock."""

    def requests(ground: Ground) -> list[Request]:
        token = ground.token(ground.login("member"))
        return [Request("GET", f"{PREFIX}/bench/records?records={count}", bearer(token))]

    return requests


@dataclass(frozen=True)
class Case:
    """One kind of work; `kind` is the name by which peers say whether they do it.

    `prove` raises SetupError where a race that was run was not about what it should be.
    """

    name: str
    title: str
    kind: str
    requests: Callable[[Ground], list[Request]]
    prove: Callable[[Sequence[Server]], None] | None = None


CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        Case("read", "Read by id", "read", read),
        Case("list", "List of 50", "list", page),
        Case("write", "Write", "write", write),
        Case("records-1", "1 record of 20 columns", "records", records(1)),
        Case("records-100", "100 records of 20 columns", "records", records(100)),
    )
}
