"""The private cluster comes up from whatever state it was left in, or says what to do."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db import binaries, process
from db.cluster import Cluster
from db.errors import SetupError
from db.home import Home


@pytest.fixture(scope="module")
def shared(open_folder: Path) -> Iterator[Cluster]:
    """One cluster in a path with a space; each test takes what it finds, running or not."""
    cluster = Cluster(Home(open_folder / "home"), unsafe=True)
    yield cluster
    cluster.stop()
    cluster.home.remove()


@pytest.fixture
def said(shared: Cluster) -> list[str]:
    """What the user would have read in this test."""
    said: list[str] = []
    shared.say = said.append
    return said


@pytest.fixture
def cluster(shared: Cluster, said: list[str]) -> Cluster:
    return shared


def answers(cluster: Cluster) -> bool:
    with psycopg.connect(cluster.url("postgres")) as connection:
        return connection.execute("select 1").fetchone() == (1,)


def test_it_is_made_started_and_found_running(cluster: Cluster, said: list[str]) -> None:
    cluster.start()
    pid = cluster.pid()
    cluster.start()

    assert answers(cluster)
    assert cluster.pid() == pid
    assert len(said) == 1


def test_it_runs_as_nobody_special_and_on_the_loopback_alone(cluster: Cluster) -> None:
    cluster.start()
    owner = Path(f"/proc/{cluster.pid()}").stat().st_uid
    with psycopg.connect(cluster.url("postgres")) as connection:
        shown = connection.execute("show listen_addresses").fetchone()

    assert owner != 0
    assert shown == ("127.0.0.1",)
    assert cluster.port not in (5432, 6379)


def test_a_wrong_password_is_refused(cluster: Cluster) -> None:
    cluster.start()
    url = cluster.url("postgres").replace(cluster.home.secret("postgres"), "guess")

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url)


def test_a_killed_server_is_recovered(cluster: Cluster, said: list[str]) -> None:
    cluster.start()
    pid = cluster.pid()
    assert pid
    process.stop(pid, str(cluster.data), signal.SIGKILL)
    cluster.start()

    assert answers(cluster)
    assert "stale postmaster.pid" in said[-1]


def test_a_stale_pid_of_another_process_is_no_server(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as other:
        (cluster.data / "postmaster.pid").write_text(f"{other.pid}\n{cluster.data}\n")
        cluster.start()

        assert answers(cluster)
        assert other.poll() is None
        other.kill()


def test_a_taken_port_moves_it(cluster: Cluster, said: list[str], occupy) -> None:
    cluster.start()
    port = cluster.port
    cluster.stop()
    with occupy(port):
        cluster.start()

        assert answers(cluster)
    assert said == [f"Port {port} is taken by something else: postgres goes to {cluster.port}."]


def test_a_half_made_cluster_is_made_again(open_folder: Path) -> None:
    said: list[str] = []
    cluster = Cluster(Home(open_folder / "half"), unsafe=True, say=said.append)
    half = open_folder / "half" / "postgres.making"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("15\n")
    cluster.start()
    try:
        assert answers(cluster)
        assert said[0] == f"A half-made cluster was found in {half}; it is made again."
    finally:
        cluster.stop()
        cluster.home.remove()


def test_a_finished_cluster_that_lost_a_file_is_never_wiped(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    control = cluster.data / "global" / "pg_control"
    hidden = control.rename(control.with_suffix(".hidden"))
    try:
        with pytest.raises(SetupError, match=r"pg_control is gone.*\./dev reset"):
            cluster.start()
    finally:
        hidden.rename(control)
    assert (cluster.data / "base").is_dir()


def test_a_start_that_fails_shows_the_log_and_the_way_out(cluster: Cluster) -> None:
    cluster.start()
    cluster.stop()
    cluster.settings = cluster.settings | {"shared_buffers": "1kB"}
    try:
        with pytest.raises(SetupError, match=r"did not start(?s:.*)shared_buffers(?s:.*)doctor"):
            cluster.start()
    finally:
        cluster.settings = cluster.settings | {"shared_buffers": "128MB"}


def test_no_postgresql_at_all_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "installed", list)

    with pytest.raises(SetupError, match="apt install postgresql"):
        binaries.choose()


def test_a_cluster_outlives_its_postgresql_with_a_sentence() -> None:
    with pytest.raises(SetupError, match="made by PostgreSQL 9, whose server is not installed"):
        binaries.choose(9)


def test_somebodys_pg_variables_do_not_reach_it(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster.stop()
    monkeypatch.setenv("PGDATA", "/nowhere")
    monkeypatch.setenv("PGPORT", "5432")
    cluster.start()

    assert answers(cluster)
    assert os.environ["PGPORT"] == "5432"
