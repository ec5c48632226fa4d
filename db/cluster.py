"""A private PostgreSQL: its own data directory, port, socket folder and generated passwords."""

import os
import platform
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from db import binaries, process
from db.errors import SetupError
from db.home import Home

SUPERUSER = "postgres"
START_SECONDS = 60
SETTINGS = {
    "listen_addresses": process.LOOPBACK,
    "max_connections": "200",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "2GB",
    # Calls take milliseconds: compiling one costs tens of them, and a title for each statement,
    # which pg_stat_activity shows as well, costs a read 3 %.
    "jit": "off",
    "update_process_title": "off",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_timezone": "UTC",
    "timezone": "UTC",
}
# For tests: a crash may lose everything, so nothing waits for a disk.
UNSAFE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "128MB",
}


class Cluster:
    """The PostgreSQL of one home. `say` gets the sentences a user should read."""

    def __init__(
        self, home: Home, *, unsafe: bool = False, say: Callable[[str], None] = print
    ) -> None:
        self.home = home
        self.settings = SETTINGS | (UNSAFE_SETTINGS if unsafe else {})
        self.say = say

    @property
    def data(self) -> Path:
        return self.home.data / "postgres"

    @property
    def log(self) -> Path:
        return self.home.log / "postgres.log"

    @property
    def port(self) -> int:
        return self.home.port("postgres")

    def url(self, database: str, role: str = SUPERUSER) -> str:
        password = self.home.secret(role)
        return f"postgresql://{role}:{password}@{process.LOOPBACK}:{self.port}/{database}"

    def pid(self) -> int | None:
        """The running postmaster's pid; None if it isn't running, whatever its pid file says."""
        pid = self.noted_pid()
        return pid if process.alive(pid, str(self.data)) else None

    def start(self) -> None:
        """Make the cluster if there is none, and start it unless it runs."""
        self.home.make()
        if self.pid():
            return
        if not self.data.exists():
            self._make()
        self._check_whole()
        if self.noted_pid():
            self.say("PostgreSQL was not stopped properly (stale postmaster.pid): recovering.")
            (self.data / "postmaster.pid").unlink()
        for _ in range(3):
            self.home.choose_port("postgres", self.say)
            self._write_settings()
            if self._launch():
                return
        raise SetupError(self._failure("PostgreSQL found no free port three times over."))

    def stop(self) -> bool:
        """Stop it quickly but cleanly (SIGINT); False if it wasn't running."""
        pid = self.pid()
        return pid is not None and process.stop(pid, str(self.data), signal.SIGINT)

    def noted_pid(self) -> int | None:
        """What postmaster.pid says, true or stale."""
        try:
            return int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _make(self) -> None:
        """initdb beside the final place and rename: a half-made cluster is never used."""
        draft = self.home.data / "postgres.making"
        if draft.exists():
            self.say(f"A half-made cluster was found in {draft}; it is made again.")
            shutil.rmtree(draft)
        self.home.make_private(draft)
        password = self.home.data / "postgres.password"
        password.unlink(missing_ok=True)
        password.touch(mode=0o600)
        try:
            password.write_text(self.home.secret(SUPERUSER))
            self.home.give(password)
            self._initdb(draft, password)
        finally:
            password.unlink()
        with (draft / "postgresql.conf").open("a") as conf:
            conf.write("\ninclude = 'penstock.conf'\n")
        draft.rename(self.data)

    def _initdb(self, target: Path, password: Path) -> None:
        server = binaries.choose()
        self.say(f"Making a private PostgreSQL {server.major} cluster in {self.data} …")
        locale = "C.UTF-8" if platform.system() == "Linux" else "en_US.UTF-8"
        # Durability begins when the cluster does: an interrupted initdb is thrown away anyway.
        done = process.run(
            [
                *(server.tool("initdb"), "-D", target, "--no-sync", "--username", SUPERUSER),
                *("--encoding", "UTF8", "--locale", locale),
                *("--auth", "scram-sha-256", "--pwfile", password),
            ],
            user=self.home.user,
            env=environment(),
        )
        if done.returncode:
            raise SetupError(f"initdb could not make {target}:\n{done.stderr.strip()}")

    def _check_whole(self) -> None:
        for name in ("PG_VERSION", "global/pg_control", "postgresql.conf"):
            if not (self.data / name).exists():
                raise SetupError(
                    f"The cluster in {self.data} was complete once, but {name} is gone. Restore "
                    f"it, or start afresh (the data there is lost) with `./dev reset`."
                )

    def _write_settings(self) -> None:
        settings = self.settings | {
            "port": str(self.port),
            "unix_socket_directories": str(self.home.sockets),
        }
        conf = self.data / "penstock.conf"
        lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
        conf.write_text("# Written by Penstock at every start.\n" + "".join(lines))
        self.home.give(conf)

    def _launch(self) -> bool:
        """Start the server and wait for it; False if its port was taken in between."""
        server = binaries.choose(int((self.data / "PG_VERSION").read_text()))
        command = (server.tool("postgres"), "-D", self.data)
        running = process.start(command, self.log, user=self.home.user, env=environment())
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if running.poll() is not None:
                if "Address already in use" in self.log.read_text():
                    return False
                raise SetupError(self._failure("PostgreSQL did not start."))
            if time.monotonic() > deadline:
                running.kill()
                running.wait()
                raise SetupError(self._failure(f"PostgreSQL was not up in {START_SECONDS} s."))
            time.sleep(0.05)
        process.disown(running)
        return True

    def _answers(self) -> bool:
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False

    def _failure(self, sentence: str) -> str:
        return (
            f"{sentence} The last lines of {self.log}:\n{process.tail(self.log)}\n"
            f"`./dev doctor` looks for the cause; `./dev reset` starts afresh (the data is lost)."
        )


def environment() -> dict[str, str]:
    """Ours without PG*: somebody's PGDATA or PGPORT must not reach a private server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_MESSAGES": "C"}
