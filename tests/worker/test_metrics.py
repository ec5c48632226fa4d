"""What Prometheus may ask of a worker."""

import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from db import process
from db.database import Database
from db.home import ROOT
from tests.worker.house import MailServer, free_port, start_worker, within, working
from tests.worker.test_mail import emit, states

Sample = tuple[str, tuple[str, ...]]


def page(port: int) -> dict[Sample, float]:
    """The samples, by name and values of labels, those in the order of the labels' names."""
    with urllib.request.urlopen(f"http://{process.LOOPBACK}:{port}/metrics", timeout=5) as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_tells_what_was_delivered_and_what_waits(
    database: Database, mail_server: MailServer, tmp_path: Path
) -> None:
    port = free_port()
    emit(database)
    emit(database, to="nobody@example.org")
    emit(database, to="busy@example.org")
    settings = {"SMTP_URL": mail_server.url, "WORKER_METRICS_PORT": str(port)}
    with working(database, tmp_path / "log", DELIVERY_PAUSE="60", **settings):
        assert within(
            lambda: (
                states(database) == [(True, False, 1), (False, True, 1), (False, False, 1)]
                and page(port).get(("penstock_delivery_seconds_count", ("mail",))) == 3
            )
        )
        found = page(port)
        assert found["penstock_deliveries_total", ("done", "mail")] == 1
        assert found["penstock_deliveries_total", ("dead", "mail")] == 1
        assert found["penstock_deliveries_total", ("retried", "mail")] == 1
        assert found["penstock_delivery_seconds_count", ("mail",)] == 3
        assert found["penstock_outbox_waiting", ("mail",)] == 1
        assert -60 < found["penstock_outbox_overdue_seconds", ("mail",)] < 0
        assert found["penstock_outbox_dead", ("mail",)] == 1
        assert found["penstock_jobs_failing", ()] == 0
        database.psql("update penstock.jobs set last_error = 'no' where name = 'rate_prune'")
        assert page(port)["penstock_jobs_failing", ()] == 1


def test_what_waits_is_left_out_while_the_database_does_not_answer(
    database: Database, tmp_path: Path
) -> None:
    port = free_port()
    with working(database, tmp_path / "log", WORKER_METRICS_PORT=str(port)) as worker:
        assert ("penstock_jobs_failing", ()) in page(port)
        database.psql("revoke select on penstock.deliveries from penstock_agent")
        assert ("penstock_jobs_failing", ()) not in page(port)
        assert worker.says("what waits can't be told")
        database.psql("grant select on penstock.deliveries to penstock_agent")
        assert ("penstock_jobs_failing", ()) in page(port)


def test_a_port_that_is_taken_is_said(database: Database, tmp_path: Path) -> None:
    with socket.create_server((process.LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        worker = start_worker(database.serve_url, tmp_path / "log", WORKER_METRICS_PORT=str(port))
        assert worker.running.wait(30) == 1

    assert f"Metrics can't be served at 127.0.0.1, port {port}" in worker.log.read_text()
    assert "Traceback" not in worker.log.read_text()


def test_a_port_that_is_none_is_said(database: Database) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "db.cli", "worker"],
        cwd=ROOT,
        env={"DATABASE_URL": database.serve_url, "WORKER_METRICS_PORT": "70000", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "WORKER_METRICS_PORT" in done.stderr
