"""What every server of a run stands on: one private cluster, one deployed database, one Redis."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql

from api.settings import Settings
from api.tokens import Tokens
from benchmarks.install import say
from db import provision, sqitch
from db.cluster import Cluster
from db.database import Database
from db.home import Home, default_path
from db.provision import ANALYST, DEPLOYER, SERVER
from db.redis_server import RedisServer
from db.testbed import DEPLOYED, fingerprint

# All the servers are up at once, each with its pool.
MAX_CONNECTIONS = "800"
ADDITIONS = Path(__file__).with_name("ground.sql")
A_DAY = 86_400


@dataclass
class Ground:
    """The cluster, fsync on and durable, with the same settings for all; and who calls."""

    home: Home

    def __post_init__(self) -> None:
        self.cluster = Cluster(self.home, say=lambda _: None)
        self.cluster.settings = self.cluster.settings | {"max_connections": MAX_CONNECTIONS}
        self.redis = RedisServer(self.home, say=lambda _: None)

    @cached_property
    def database(self) -> Database:
        """The deployed database, named by what it was made from."""
        name = f"bench_{fingerprint(*DEPLOYED, 'db/demo.sql', 'benchmarks/ground.sql')}"
        return Database(name, self.cluster)

    @property
    def secret(self) -> str:
        """The key that all servers verify tokens with."""
        return self.home.secret("jwt")

    @cached_property
    def _tokens(self) -> Tokens:
        settings = Settings.model_validate(
            {"database_url": self.database.serve_url, "jwt_secret": self.secret, "jwt_ttl": A_DAY}
        )
        return Tokens(settings)

    def token(self, user_id: int, role: str = "member") -> str:
        """A bearer token as Penstock's login would give it."""
        return self._tokens.sign(str(user_id), role)[0]

    def members(self, count: int) -> list[int]:
        """The ids of ordinary users."""
        query = "select id from app.users where email like 'bench.%%' order by id limit %s"
        return [int(row[0]) for row in self.database.rows(query, count)]

    def products(self, count: int) -> list[int]:
        """The ids of things for sale."""
        query = "select id from app.products where sku like 'BNC-%%' order by id limit %s"
        return [int(row[0]) for row in self.database.rows(query, count)]

    def login(self, role: str) -> int:
        """The id of the demo's user with that role."""
        query = "select id from app.users where username = %s"
        return int(self.database.rows(query, f"demo.{role}")[0][0])

    def start(self) -> None:
        """Start both servers and make the database, unless that is done. Needs the lock."""
        self.cluster.start()
        self.redis.start()
        superuser = self.cluster.url("postgres")
        provision.roles(superuser)
        by_role = {role: self.home.secret(role) for role in (DEPLOYER, SERVER)}
        provision.passwords(superuser, by_role)
        provision.analyst(superuser, self.home.secret(ANALYST))
        if not provision.database_exists(superuser, self.database.name):
            self._make_database(superuser)

    def _make_database(self, superuser: str) -> None:
        """A database gets its name only when it is finished; those of older checkouts go."""
        with psycopg.connect(superuser, autocommit=True) as connection:
            found = connection.execute("select datname from pg_database where datname ~ '^bench_'")
            for name in ("draft", *(row[0] for row in found.fetchall())):
                drop = sql.SQL("drop database if exists {} with (force)")
                connection.execute(drop.format(sql.Identifier(name)))
        draft = Database("draft", self.cluster)
        provision.database(superuser, draft.name)
        sqitch.deploy(draft.deployer_url, lambda _: None)
        importlib.import_module("db.demo").seed(draft.deployer_url)
        with psycopg.connect(draft.superuser_url) as connection:
            connection.execute("set role penstock_owner")
            connection.execute(ADDITIONS.read_bytes())
        with psycopg.connect(superuser, autocommit=True) as connection:
            rename = sql.SQL("alter database draft rename to {}")
            connection.execute(rename.format(sql.Identifier(self.database.name)))

    @contextmanager
    def copy(self, name: str) -> Iterator[Database]:
        """A copy of the deployed database, to be changed; it is dropped afterwards."""
        copy = Database(f"{self.database.name}_{name}", self.cluster)
        drop = sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(copy.name))
        superuser = self.cluster.url("postgres")
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(drop)
            provision.database(superuser, copy.name, self.database.name)
            try:
                yield copy
            finally:
                connection.execute(drop)

    def settle(self, database: Database | None = None) -> None:
        """Between measurements: no vacuum or checkpoint left over from the one before."""
        url = (database or self.database).superuser_url
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("vacuum (analyze) app.users")
            connection.execute("checkpoint")

    def stop(self) -> None:
        """Stop both servers; the data stays for the next run."""
        self.redis.stop()
        self.cluster.stop()


@contextmanager
def open_ground(home: Path | None = None) -> Iterator[Ground]:
    """The ground, started; one run at a time, others wait."""
    ground = Ground(Home((home or default_path()) / "bench"))
    ground.home.make()
    with ground.home.lock(waiting=lambda: say("Waiting for another bench to end …")):
        try:
            ground.start()
            yield ground
        finally:
            ground.stop()
