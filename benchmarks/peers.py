"""Who runs in the race: how each is set up, started, and asked."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.ground import Ground
from benchmarks.install import PEERS, go_build
from benchmarks.wrk import Request
from db.errors import SetupError
from db.home import ROOT

Command = Callable[[Ground], Sequence[str | Path]]
Translate = Callable[[Sequence[Request]], Sequence[Request]]


def _as_it_is(requests: Sequence[Request]) -> Sequence[Request]:
    return requests


@dataclass(frozen=True)
class Peer:
    """A server. `command` sets it up where need be; `pool` is its number of connections."""

    name: str
    title: str
    command: Command
    cwd: Path = ROOT
    ready: str = "/api/v1/users/1"
    cases: frozenset[str] = frozenset({"read", "list", "write"})
    extra: Mapping[str, str] = field(default_factory=dict)
    translate: Translate = _as_it_is

    def environment(self, ground: Ground, port: int, pool: int) -> dict[str, str]:
        """What it is configured by."""
        return os.environ | {
            "DATABASE_URL": ground.database.serve_url,
            "REDIS_URL": ground.redis.url,
            "JWT_SECRET": ground.secret,
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "POOL_SIZE": str(pool),
            "GIN_MODE": "release",
            "API_SCHEMAS": "api,bench",
            **self.extra,
        }


def _gin(*flags: str) -> Command:
    def command(ground: Ground) -> Sequence[str | Path]:
        return go_build(PEERS / "gin", ground.home.path / "gin"), *flags

    return command


def _penstock(_: Ground) -> Sequence[str | Path]:
    return sys.executable, "-m", "db.cli", "serve"


ALL = (
    Peer("penstock", "Penstock", _penstock, cases=frozenset({"read", "list", "write", "records"})),
    Peer("gin", "Gin + pgx", _gin(), cases=frozenset({"read", "list", "write", "records"})),
    Peer("gin-batch", "Gin + pgx, batched", _gin("-batch"),
         cases=frozenset({"read", "list", "write", "records"})),
)  # fmt: skip


def names() -> list[str]:
    """Every peer's name."""
    return [peer.name for peer in ALL]


def named(wanted: Sequence[str]) -> list[Peer]:
    """The peers of those names, in that order."""
    by_name = {peer.name: peer for peer in ALL}
    for name in wanted:
        if name not in by_name:
            raise SetupError(f"There is no peer {name}: {', '.join(by_name)}.")
    return [by_name[name] for name in wanted]


def title(name: str) -> str:
    """What a table calls it."""
    titles = {peer.name: peer.title for peer in ALL} | {"pgbench": "pgbench, pipelined"}
    return titles.get(name, name)
