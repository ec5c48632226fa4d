"""A pid is ended only when it is surely ours."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db import process


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = (sys.executable, "-c", "import time; time.sleep(60)", "--home=/of/mine")
    running = process.start(command, tmp_path / "log")
    yield running
    running.kill()
    running.wait()


def test_our_process_is_known_by_its_mark_and_ended(sleeper: subprocess.Popen[bytes]) -> None:
    while not process.alive(sleeper.pid, "--home=/of/mine"):
        assert sleeper.returncode is None

    assert process.stop(sleeper.pid, "--home=/of/mine")
    assert not process.exists(sleeper.pid)


def test_a_stale_pid_that_is_somebody_elses_now_is_left_alone(
    sleeper: subprocess.Popen[bytes],
) -> None:
    assert not process.stop(sleeper.pid, "--home=/of/another")
    assert process.exists(sleeper.pid)


def test_half_a_mark_is_no_mark(sleeper: subprocess.Popen[bytes]) -> None:
    assert not process.alive(sleeper.pid, "--home=/of")


def test_a_dead_child_is_dead(tmp_path: Path) -> None:
    running = process.start(("true",), tmp_path / "log")
    pid = process.disown(running)
    while process.exists(pid):
        pass

    assert not process.alive(pid, "true")


def test_a_process_that_ignores_us_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(15, 1); print(1, flush=True); time.sleep(60)"
    log = tmp_path / "log"
    running = process.start((sys.executable, "-c", code), log)
    while not log.read_text():
        pass
    process.disown(running)

    assert process.stop(running.pid, code, seconds=0.2)


def test_the_log_of_the_run_before_is_kept_beside(tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    for word in ("first", "second"):
        process.start(("echo", word), log).wait()

    assert log.read_text() == "second\n"
    assert (tmp_path / "api.log.1").read_text() == "first\n"


def test_no_process_is_ended_without_a_pid() -> None:
    assert not process.alive(None, "anything")
    assert not process.alive(os.getpid(), "no such word")
