"""A private Redis: its own port on the loopback, a generated password, nothing kept on disk."""

import time
from collections.abc import Callable
from pathlib import Path

import redis

from db import process
from db.errors import SetupError
from db.home import Home
from db.tools import require

START_SECONDS = 10


class RedisServer:
    """The Redis of one home. `say` gets the sentences a user should read."""

    def __init__(self, home: Home, *, say: Callable[[str], None] = print) -> None:
        self.home = home
        self.say = say

    @property
    def conf(self) -> Path:
        return self.home.data / "redis" / "redis.conf"

    @property
    def log(self) -> Path:
        return self.home.log / "redis.log"

    @property
    def url(self) -> str:
        return (
            f"redis://:{self.home.secret('redis')}@{process.LOOPBACK}:{self.home.port('redis')}/0"
        )

    def pid(self) -> int | None:
        """The running server's pid; None if it isn't running."""
        pid = self.home.state().get("redis_pid")
        return pid if process.alive(pid, str(self.conf)) else None

    def start(self) -> None:
        """Start it unless it runs."""
        self.home.make()
        if self.pid():
            return
        program = require("redis-server")
        for _ in range(3):
            self.home.choose_port("redis", self.say)
            self._configure()
            if self._launch(program):
                return
        raise SetupError(self._failure("Redis found no free port three times over."))

    def stop(self) -> bool:
        """Stop it; False if it wasn't running."""
        pid = self.pid()
        return pid is not None and process.stop(pid, str(self.conf))

    def _configure(self) -> None:
        folder = self.home.make_private(self.conf.parent)
        self.conf.touch(mode=0o600)
        self.conf.write_text(
            "# Written by Penstock at every start. A cache needs no file: nothing is saved.\n"
            f"bind {process.LOOPBACK}\n"
            f"port {self.home.port('redis')}\n"
            f"requirepass {self.home.secret('redis')}\n"
            f'dir "{folder}"\n'
            'save ""\n'
            "appendonly no\n"
            "daemonize no\n"
            "maxmemory 256mb\n"
            "maxmemory-policy allkeys-lru\n"
            # The command line stays as we wrote it, which is how a pid is known to be ours.
            "set-proc-title no\n"
        )
        self.home.give(self.conf)

    def _launch(self, program: str) -> bool:
        """Start the server and wait for it; False if its port was taken in between."""
        running = process.start((program, self.conf), self.log, user=self.home.user)
        self.home.remember(redis_pid=running.pid)
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.url):
            if running.poll() is not None:
                if "Address already in use" in self.log.read_text():
                    return False
                raise SetupError(self._failure("Redis did not start."))
            if time.monotonic() > deadline:
                running.kill()
                running.wait()
                raise SetupError(self._failure(f"Redis was not up in {START_SECONDS} s."))
            time.sleep(0.01)
        process.disown(running)
        return True

    def _failure(self, sentence: str) -> str:
        return f"{sentence} The last lines of {self.log}:\n{process.tail(self.log)}"


def answers(url: str) -> bool:
    """Whether a Redis answers there."""
    try:
        with redis.Redis.from_url(url, socket_timeout=1, retry=None) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
