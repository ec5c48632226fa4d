"""What the security tests need: server processes of their own, tokens, and the logs."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt

from benchmarks.servers import PORTS
from db import demo, process
from db.database import Database
from db.home import ROOT
from db.readiness import readiness
from db.testbed import Testbed

LONG = os.environ.get("PENSTOCK_HOSTILE") == "long"
SECRET = "a secret for the security tests alone, 32 bytes or more"
_ENTRY = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+ \[\d+\] "
    r"(?:\w+@(?P<database>\S+) )?(?P<kind>[A-Z0-9]+):  "
)


@dataclass(frozen=True)
class Server:
    """A server process of the API, and what it has written."""

    port: int
    prefix: str
    log: Path

    @property
    def origin(self) -> str:
        return f"http://{process.LOOPBACK}:{self.port}"

    def document(self) -> dict[str, Any]:
        """The API as it describes itself: where all that these tests ask is taken from."""
        described: dict[str, Any] = httpx.get(f"{self.origin}{self.prefix}/openapi.json").json()
        return described


@contextmanager
def served(
    database: Database,
    log: Path,
    *,
    prefix: str = "/api/v1",
    program: tuple[str, ...] = ("-m", "db.cli", "serve"),
    **environment: str,
) -> Iterator[Server]:
    """A server process on this database, as `penstock serve` runs it; `environment` by name."""
    port = process.free_port(PORTS)
    given = {
        "DATABASE_URL": database.serve_url,
        "API_PREFIX": prefix,
        "HOST": process.LOOPBACK,
        "PORT": str(port),
        "WORKERS": "1",
        "JWT_SECRET": SECRET,
        "LOG_LEVEL": "debug",
        "AUTH_RATE": "",
    }
    with log.open("ab") as output:
        running = subprocess.Popen(
            [sys.executable, *program],
            cwd=ROOT,
            env=os.environ | given | environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, prefix, log)
    try:
        deadline = time.monotonic() + 30
        while not readiness(server.origin)[0]:
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield server
    finally:
        running.terminate()
        try:
            running.wait(15)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def seeded(bed: Testbed) -> Iterator[Database]:
    """A clone with the demo data, and with logins for each of its roles."""
    with bed.database() as database:
        demo.seed(database.deployer_url)
        database.psql(_WITHOUT_RATES)
        yield database


# What is asked here in a minute is more than any route's rate, which has tests of its own.
_WITHOUT_RATES = r"""
do $$
declare
    v record;
begin
    for v in
        select p.oid::regprocedure as name, d.description as comment
        from pg_proc as p
        join pg_description as d on d.objoid = p.oid and d.classoid = 'pg_proc'::regclass
        where d.description ~ '(^|\n)@rate '
    loop
        v.comment := regexp_replace(v.comment, '(^|\n)@rate [^\n]*', '', 'g');
        execute format('comment on function %s is %L', v.name, v.comment);
    end loop;
end
$$
"""


def claims(subject: object, role: str, /, **others: object) -> dict[str, object]:
    """The claims of an access token as the API has them, or others."""
    now = int(time.time())
    return {
        "iss": "penstock", "aud": "penstock", "sub": subject, "role": role, "typ": "access",
        "iat": now, "exp": now + 3600, "jti": os.urandom(8).hex(), **others,
    }  # fmt: skip


def token(subject: object, role: str, /, **others: object) -> str:
    """An access token with these claims, signed as the API's own."""
    return jwt.encode(claims(subject, role, **others), SECRET, algorithm="HS256")


def user_id(database: Database, role: str) -> int:
    """The demo user of that role."""
    query = "select id from app.users where email = %s"
    ((found,),) = database.rows(query, demo.LOGINS[role].email)
    assert isinstance(found, int)
    return found


@dataclass(frozen=True)
class Entry:
    """One entry of PostgreSQL's log."""

    kind: str
    text: str


class DatabaseLog:
    """What PostgreSQL has written about one database since this was made."""

    def __init__(self, database: Database) -> None:
        self._name = database.name
        self._log = database.cluster.log
        self._start = self._log.stat().st_size

    def entries(self) -> Iterator[Entry]:
        """All of them; lines that go on are part of the entry before."""
        kind, lines = "", list[str]()
        with self._log.open("rb") as file:
            file.seek(self._start)
            for raw in file:
                line = raw.decode("utf-8", "backslashreplace")
                begun = _ENTRY.match(line)
                if begun is None:
                    lines.append(line)
                    continue
                if kind:
                    yield Entry(kind, "".join(lines))
                kind = begun["kind"] if begun["database"] == self._name else ""
                lines = [line[begun.end() :]]
        if kind:
            yield Entry(kind, "".join(lines))


def json_lines(log: Path) -> list[dict[str, Any]]:
    """The log of a server process."""
    return [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
