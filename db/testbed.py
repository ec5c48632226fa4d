"""Servers and databases for tests: one private cluster, and a deployed template to clone.

The template is named by what it was made from, so it is deployed anew only when that changes.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql

from db import process, provision, sqitch
from db.cluster import Cluster
from db.database import Database
from db.home import ROOT, Home, default_path
from db.provision import ANALYST, DEPLOYER, SERVER
from db.redis_server import RedisServer

TEMPLATES_KEPT = 8
DEPLOYED = ("sqitch.plan", "sqitch.conf", "deploy", "verify", "db/reworked", "db/roles.sql")


class Testbed:
    """The test cluster. Make it with `open_bed()`."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    def __init__(self, home: Home) -> None:
        self.home = home
        self.cluster = Cluster(home, unsafe=True, say=lambda _: None)
        # Named once: who edits deploy/ while tests run changes the next run, not this one.
        self.template = f"template_{fingerprint(*DEPLOYED)}"

    def prepare(self) -> None:
        """Start the cluster and deploy the template, unless that is done. Needs the lock."""
        self._renew_if_roles_changed()
        self.cluster.start()
        made_with = fingerprint("db/roles.sql")
        if self.home.state().get("roles") != made_with:
            superuser = self.cluster.url("postgres")
            provision.roles(superuser)
            by_role = {role: self.home.secret(role) for role in (DEPLOYER, SERVER)}
            provision.passwords(superuser, by_role)
            provision.analyst(superuser, self.home.secret(ANALYST))
            self.home.remember(roles=made_with)
        self._make_template()

    def _renew_if_roles_changed(self) -> None:
        """Start from nothing when db/roles.sql changed: an old grant must not hide its loss.

        While somebody else's tests run here, the new roles only come on top.
        """
        if self.home.state().get("roles") in (None, fingerprint("db/roles.sql")):
            return
        with self._nobody_else() as alone:
            if alone:
                self.cluster.stop()
                shutil.rmtree(self.cluster.data, ignore_errors=True)

    def _make_template(self) -> None:
        superuser = self.cluster.url("postgres")
        if provision.database_exists(superuser, self.template):
            return
        with self.draft(self.template, "template0") as draft:
            sqitch.deploy(draft.deployer_url, lambda _: None)
        self._drop_old_templates()

    @contextmanager
    def draft(self, name: str, template: str) -> Iterator[Database]:
        """A database that takes its name only when it is finished. Needs the lock."""
        draft = Database(f"draft_{name}", self.cluster)
        self._drop(draft.name)
        provision.database(draft.cluster.url("postgres"), draft.name, template)
        yield draft
        self._execute(f"alter database {draft.name} rename to {name}")

    def _drop_old_templates(self) -> None:
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as connection:
            found = connection.execute(
                "select datname from pg_database where datname ~ '^(pgtap_)?template_' "
                "order by oid desc offset %s",
                [TEMPLATES_KEPT],
            ).fetchall()
        for (name,) in found:
            self._drop(name)

    def clone(self, template: str | None = None) -> Database:
        """A fresh database: a clone of the deployed template unless another is named."""
        name = f"test_{uuid4().hex[:12]}"
        provision.database(self.cluster.url("postgres"), name, template or self.template)
        return Database(name, self.cluster)

    @contextmanager
    def database(self, template: str | None = None) -> Iterator[Database]:
        """A clone that is dropped in the end, whoever is still connected."""
        database = self.clone(template)
        try:
            yield database
        finally:
            self._drop(database.name)

    def _drop(self, name: str) -> None:
        self._execute(f"drop database if exists {name} with (force)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as connection:
            connection.execute(sql.SQL(statement))

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While this holds nobody stops or renews the cluster."""
        with (self.home.path / "in-use").open("a") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            yield

    @contextmanager
    def _nobody_else(self) -> Iterator[bool]:
        with (self.home.path / "in-use").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def redis(self) -> Iterator[RedisServer]:
        """A Redis of this process alone: a test may flush, stall or stop it."""
        self._clear_dead_redises()
        home = Home(self.home.path / f"redis-{os.getpid()}")
        server = RedisServer(home, say=lambda _: None)
        server.start()
        try:
            yield server
        finally:
            server.stop()
            home.remove()

    def _clear_dead_redises(self) -> None:
        """A killed test run leaves its Redis behind; the next one ends it."""
        for folder in self.home.path.glob("redis-*"):
            if not process.exists(int(folder.name.removeprefix("redis-"))):
                RedisServer(Home(folder)).stop()
                Home(folder).remove()

    def wipe(self) -> None:
        """Stop the cluster, whoever uses it, and remove all of it."""
        self.cluster.stop()
        self.home.remove()

    def stop_if_unused(self) -> bool:
        """Stop the cluster unless other tests are running on it."""
        if not self.home.path.exists():
            return False
        with self.home.lock(), self._nobody_else() as alone:
            return alone and self.cluster.stop()


def bed_of(home: Path) -> Testbed:
    """The test bed beside a stack's own servers, as it is."""
    return Testbed(Home(home / "test"))


@contextmanager
def open_bed(home: Path | None = None) -> Iterator[Testbed]:
    """The prepared test bed; whoever comes first makes it, the others wait."""
    bed = bed_of(home or default_path())
    bed.home.make()
    with bed.home.lock():
        bed.prepare()
    with bed.in_use():
        yield bed


def fingerprint(*places: str) -> str:
    """A short hash of the files at these places of the checkout."""
    found = hashlib.sha256()
    for place in places:
        top = ROOT / place
        files = sorted(top.rglob("*.sql")) if top.is_dir() else [top]
        for file in files:
            found.update(f"{file.relative_to(ROOT)}\0".encode())
            found.update(file.read_bytes() if file.exists() else b"")
    return found.hexdigest()[:16]
