"""The private stack: PostgreSQL, Redis, the API and a worker, started and stopped as one."""

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from db import process, provision, sqitch
from db.cluster import Cluster
from db.errors import SetupError
from db.home import ROOT, Home
from db.provision import ANALYST, DEPLOYER, SERVER
from db.readiness import readiness
from db.redis_server import RedisServer

DATABASE = "penstock"
API_PORT = 8000
API_PREFIX = "/api/v1"
READY_SECONDS = 60
WORKER_SECONDS = 10


@dataclass
class Stack:
    """All servers of one home; `say` gets what a user should read on the way."""

    home: Home
    say: Callable[[str], None] = print

    def __post_init__(self) -> None:
        self.cluster = Cluster(self.home, say=self.say)
        self.redis = RedisServer(self.home, say=self.say)

    @property
    def log(self) -> Path:
        return self.home.log / "api.log"

    @property
    def worker_log(self) -> Path:
        return self.home.log / "worker.log"

    @property
    def mails(self) -> Path:
        """Where the worker leaves mails: there is no mail server here."""
        return self.home.path / "mail"

    @property
    def made(self) -> bool:
        """Whether `up` has run here before."""
        return self.cluster.data.exists() and bool(self.home.port("api"))

    @property
    def root(self) -> str:
        return f"http://{process.LOOPBACK}:{self.home.port('api')}"

    @property
    def demo(self) -> bool:
        return bool(self.home.state().get("demo"))

    @property
    def _mark(self) -> str:
        return f"--home={self.home.path}"

    def pid(self) -> int | None:
        """The running API's pid; None if it isn't running."""
        pid = self.home.state().get("api_pid")
        return pid if process.alive(pid, self._mark) else None

    def worker_pid(self) -> int | None:
        """The running worker's pid; None if it isn't running."""
        pid = self.home.state().get("worker_pid")
        return pid if process.alive(pid, self._mark) else None

    def running(self) -> bool:
        return bool(self.pid() and self.worker_pid() and self.cluster.pid() and self.redis.pid())

    def up(self, *, demo: bool) -> None:
        """Bring up whatever isn't: servers, roles, schema, demo data, API."""
        self.cluster.start()
        self.redis.start()
        self.say(f"PostgreSQL on port {self.cluster.port}, Redis on {self.home.port('redis')}.")
        self._provision()
        self.say("Deploying the database (sqitch deploy --verify) …")
        self.deploy()
        if demo:
            self._seed()
        self.home.remember(demo=demo)
        self._stop_api()
        self._start_api()
        self._stop_worker()
        self._start_worker()

    def deploy(self) -> None:
        """sqitch deploy --verify, with a count of the changes on a terminal."""
        total = len(sqitch.planned())
        done = 0

        def count(line: str) -> None:
            nonlocal done
            done += line.startswith("  + ")
            if sys.stdout.isatty():
                print(f"\r  {done} of {total} changes ", end="", flush=True)

        sqitch.deploy(self.url(DEPLOYER), count)
        self.say(f"\r{done} changes deployed, {total} in all." if done else "It is up to date.")

    def url(self, role: str) -> str:
        return self.cluster.url(DATABASE, role)

    def _provision(self) -> None:
        superuser = self.cluster.url("postgres")
        provision.roles(superuser)
        by_role = {role: self.home.secret(role) for role in (DEPLOYER, SERVER)}
        provision.passwords(superuser, by_role)
        provision.analyst(superuser, self.home.secret(ANALYST))
        provision.database(superuser, DATABASE)

    def _seed(self) -> None:
        demo = importlib.import_module("db.demo")
        if demo.seed(self.url(DEPLOYER)):
            self.say("Demo data is in.")

    def environment(self) -> dict[str, str]:
        """What the API is started with; WORKERS, LOG_LEVEL and the like are the caller's."""
        ours = {
            "DATABASE_URL": self.url(SERVER),
            "REDIS_URL": self.redis.url,
            "HOST": process.LOOPBACK,
            "API_PREFIX": API_PREFIX,
            "PORT": str(self.home.port("api")),
            "JWT_KEYS": str(self.home.signing_key()),
            "PENSTOCK_DEMO": "1" if self.demo else "0",
        }
        return os.environ | ours

    def _start_api(self) -> None:
        self.home.choose_port("api", self.say, first=API_PORT)
        command = (sys.executable, "-m", "db.cli", self._mark, "serve")
        running = process.start(command, self.log, env=self.environment(), cwd=ROOT)
        self.home.remember(api_pid=running.pid)
        deadline = time.monotonic() + READY_SECONDS
        while not (answer := readiness(self.root))[0]:
            if running.poll() is not None:
                raise SetupError(self._failure(f"The API ended with code {running.returncode}."))
            if time.monotonic() > deadline:
                process.disown(running)
                self._stop_api()
                raise SetupError(self._failure(f"The API was not ready in time: {answer[1]}."))
            time.sleep(0.05)
        process.disown(running)

    def _stop_api(self) -> bool:
        pid = self.pid()
        return pid is not None and process.stop(pid, self._mark, seconds=15)

    def _start_worker(self) -> None:
        """Start it, and see that it stays: a wrong setting ends it at once."""
        settings = {"SMTP_URL": self.mails.as_uri(), "MAIL_FROM": "Store <store@demo.example>"}
        command = (sys.executable, "-m", "db.cli", self._mark, "worker")
        environment = settings | self.environment()  # a mail server of the caller's comes first
        running = process.start(command, self.worker_log, env=environment, cwd=ROOT)
        self.home.remember(worker_pid=running.pid)
        deadline = time.monotonic() + WORKER_SECONDS
        while "the worker begins" not in self.worker_log.read_text():
            if running.poll() is not None:
                raise SetupError(
                    f"The worker ended with code {running.returncode}. The last lines of"
                    f" {self.worker_log}:\n{process.tail(self.worker_log)}"
                )
            if time.monotonic() > deadline:
                break  # it is told to log less than that
            time.sleep(0.05)
        process.disown(running)

    def _stop_worker(self) -> bool:
        pid = self.worker_pid()
        return pid is not None and process.stop(pid, self._mark, seconds=15)

    def down(self) -> bool:
        """Stop all four, those that ask first; False if nothing was running."""
        stopped = [
            self._stop_worker(), self._stop_api(), self.redis.stop(), self.cluster.stop()
        ]  # fmt: skip
        if any(stopped):
            self.home.remember(api_pid=None, worker_pid=None)
        return any(stopped)

    def reset(self) -> None:
        """Stop everything and remove the data, the passwords and the logs."""
        self.down()
        self.home.remove()

    def status(self) -> dict[str, Any]:
        """Addresses and pid, null where there is none yet."""
        made = self.made
        status: dict[str, Any] = {
            "api": self.root + API_PREFIX if made else None,
            "docs": f"{self.root}/docs" if made else None,
            "database_url": self.url(DEPLOYER) if made else None,
            "serve_url": self.url(SERVER) if made else None,
            "analyst_url": self.url(ANALYST) if made else None,
            "redis_url": self.redis.url if made else None,
            "pid": self.pid(),
            "worker_pid": self.worker_pid(),
        }
        return status | ({"logins": self.logins()} if made and self.demo else {})

    def logins(self) -> dict[str, dict[str, str]]:
        demo = importlib.import_module("db.demo")
        return {
            role: {"email": login.email, "password": login.password}
            for role, login in demo.LOGINS.items()
        }

    def _failure(self, sentence: str) -> str:
        return (
            f"{sentence} The last lines of {self.log}:\n{process.tail(self.log)}\n"
            f"PostgreSQL and Redis are left running: mend the cause and run `./dev up` again, "
            f"or `./dev doctor`."
        )


def has_demo() -> bool:
    """Whether this checkout has a demo seed (a team may have removed the store's)."""
    return importlib.util.find_spec("db.demo") is not None
