"""`up`, `status`, `doctor`, `down` and `reset`, as a person runs them, in a home of their own."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from db.home import ROOT, Home
from db.stack import Stack

KEYS = {"api", "docs", "database_url", "serve_url", "analyst_url", "redis_url", "pid",
        "worker_pid", "logins"}  # fmt: skip


class Person:
    """Runs the command and keeps what it said."""

    def __init__(self, home: Path) -> None:
        self.stack = Stack(Home(home))
        self.command = (sys.executable, "-m", "db.cli", f"--home={home}")

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        done = (*self.command, *words)
        return subprocess.run(done, cwd=ROOT, capture_output=True, text=True, check=False)

    def status(self) -> dict[str, Any]:
        return json.loads(self.run("status", "--json").stdout)


@pytest.fixture(scope="module")
def person(open_folder: Path) -> Iterator[Person]:
    person = Person(open_folder / "home")
    yield person
    person.run("reset")
    assert not person.stack.home.path.exists()


@pytest.fixture
def up(person: Person) -> Person:
    done = person.run("up", "--detach")
    assert done.returncode == 0, done.stdout + done.stderr
    return person


def test_before_up_there_is_nothing(person: Person) -> None:
    status = person.status()
    doctor = person.run("doctor")

    assert set(status) == KEYS - {"logins"}
    assert set(status.values()) == {None}
    assert doctor.returncode == 1
    assert "Run `./dev up`" in doctor.stdout
    assert person.run("down").stdout == "Nothing was running.\n"
    assert "start it with `./dev up`" in person.run("deploy").stderr


def test_up_serves_and_says_where(up: Person) -> None:
    status = up.status()
    with urllib.request.urlopen(status["docs"]) as page:
        assert page.status == 200

    assert set(status) == KEYS
    assert set(status["logins"]) == {"member", "staff", "admin"}
    assert all(set(login) == {"email", "password"} for login in status["logins"].values())
    assert status["api"].endswith("/api/v1")
    for name in ("database_url", "serve_url", "analyst_url"):
        with psycopg.connect(status[name]) as connection:
            assert connection.execute("select 1").fetchone() == (1,)


def test_a_second_up_is_quick_and_says_that_it_is_running(up: Person) -> None:
    pid = up.status()["pid"]
    began = time.monotonic()
    again = up.run("up", "--detach")

    assert time.monotonic() - began < 5
    assert again.stdout.startswith(f"It is already running (pid {pid}).")


def test_doctor_finds_nothing_wrong(up: Person) -> None:
    done = up.run("doctor")

    assert "problem" not in done.stdout
    assert done.returncode == 0


def test_check_and_routes(up: Person) -> None:
    routes = up.run("routes")
    check = up.run("check")

    assert "/products/{product_id}" in routes.stdout
    assert check.returncode == 0, check.stdout


def test_a_broken_annotation_is_named_by_check_and_doctor(up: Person) -> None:
    url = up.status()["database_url"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create function api.planted_get() returns int stable language sql as 'select 1'"
        )
        connection.execute(
            "comment on function api.planted_get() is E'Planted.\n\nHTTP GET /planted\n@nonsense'"
        )
    try:
        assert "nonsense" in up.run("check").stdout
        assert wait_for(lambda: "nonsense" in up.run("doctor").stdout)
        assert up.run("doctor").returncode == 1
    finally:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("drop function api.planted_get()")
    assert wait_for(lambda: up.run("doctor").returncode == 0)


def test_a_killed_api_is_noticed_and_brought_back(up: Person) -> None:
    pid = up.status()["pid"]
    os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: up.status()["pid"] is None)
    doctor = up.run("doctor")
    again = up.run("up", "--detach")

    assert "The API ended by itself (stale pid)" in doctor.stdout
    assert again.returncode == 0
    assert up.status()["pid"] not in (None, pid)


def test_a_stale_pid_never_ends_another_process(up: Person) -> None:
    up.run("down")
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        up.stack.home.remember(api_pid=other.pid, redis_pid=other.pid)
        up.run("down")

        assert up.status()["pid"] is None
        assert other.poll() is None
        other.kill()


def test_a_taken_api_port_moves_it(up: Person, occupy) -> None:
    up.run("down")
    port = up.stack.home.port("api")
    with occupy(port):
        moved = up.run("up", "--detach")

    assert f"Port {port} is taken by something else: api goes to" in moved.stdout
    assert up.status()["api"] != f"http://127.0.0.1:{port}/api/v1"
    up.run("down")


def test_an_api_that_fails_shows_its_log(person: Person) -> None:
    person.run("down")
    done = subprocess.run(
        [*person.command, "up", "--detach"],
        cwd=ROOT,
        env=os.environ | {"WORKERS": "many"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "WORKERS is wrong" in done.stderr
    assert "./dev doctor" in done.stderr


def test_ctrl_c_stops_all_three(person: Person) -> None:
    person.run("down")
    with subprocess.Popen(
        [*person.command, "up"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert any("Ctrl-C stops it" in line for line in running.stdout)
        running.send_signal(signal.SIGINT)
        assert "Stopping" in running.stdout.read()

    assert running.returncode == 0
    assert (person.stack.pid(), person.stack.redis.pid(), person.stack.cluster.pid()) == (None,) * 3


def test_down_elsewhere_ends_the_one_in_the_foreground(person: Person) -> None:
    with subprocess.Popen(
        [*person.command, "up"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert any("Ctrl-C stops it" in line for line in running.stdout)
        person.run("down")

        assert "Stopped by `./dev down`." in running.stdout.read()
    assert running.returncode == 0


def test_an_interrupted_start_leaves_nothing_running(person: Person) -> None:
    person.run("down")
    with subprocess.Popen(
        [*person.command, "up"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout
        assert any("Deploying" in line for line in running.stdout)
        running.send_signal(signal.SIGINT)
        assert "Stopping" in running.stdout.read()

    assert running.returncode == 130
    assert (person.stack.pid(), person.stack.redis.pid(), person.stack.cluster.pid()) == (None,) * 3


def wait_for(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False
