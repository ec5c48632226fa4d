"""What Prometheus may ask of a worker: what it delivered, and what waits in the database.

The page is served by the client library in a thread of its own. What waits is asked when somebody
asks, so every worker says the same of it; if the database does not answer, those lines are missing.
"""

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from api.lane import pinned_conninfo
from api.log import one_line

log = logging.getLogger("penstock.worker")

_SECONDS = 2
_WAITING = """
select
    split_part(d.sink, ':', 1),
    count(*) filter (where d.due_at is not null)::float8,
    coalesce(extract(epoch from clock_timestamp() - min(d.due_at)), 0)::float8,
    count(*) filter (where d.dead_at is not null)::float8
from penstock.deliveries as d
where d.due_at is not null or d.dead_at is not null
group by 1
order by 1
"""
_FAILING = "select count(*)::float8 from penstock.jobs as j where j.last_error is not null"


class NoPort(Exception):  # noqa: N818 -- a state, not an error
    """The page can't be served where it should be."""


class WorkerMetrics:
    """The counts of a worker."""

    def __init__(self, database_url: str) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Waiting(database_url))
        self._deliveries = Counter(
            "penstock_deliveries",
            "Attempts of this worker; result is done, retried, dead, or late, which was not begun.",
            ("sink", "result"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "penstock_delivery_seconds",
            "Seconds that an attempt took.",
            ("sink",),
            registry=self._registry,
        )

    def delivered(self, sink: str, result: str, seconds: float) -> None:
        """Count an attempt; `result` is done, retried, dead or late."""
        kind = sink.partition(":")[0]
        self._deliveries.labels(kind, result).inc()
        self._seconds.labels(kind).observe(seconds)

    @contextmanager
    def served(self, host: str, port: int) -> Iterator[None]:
        """Serve the page until the end of the block, if there is a port for it.

        Raises NoPort where that can't be.
        """
        if not port:
            yield
            return
        try:
            server, thread = start_http_server(port, host, self._registry)
        except OSError as error:
            raise NoPort(
                f"Metrics can't be served at {host}, port {port} ({one_line(error)}): set"
                " WORKER_METRICS_HOST and WORKER_METRICS_PORT to an address that is free."
            ) from error
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()


class _Waiting(Collector):
    """What the database says, asked anew each time."""

    def __init__(self, database_url: str) -> None:
        self._conninfo = pinned_conninfo(
            database_url, "penstock-metrics", statement_timeout=f"{_SECONDS}s", jit="off"
        )

    def describe(self) -> Iterator[Metric]:
        """Nothing: to be registered it need not reach the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """What the client library writes out."""
        try:
            with contextlib.closing(
                psycopg.connect(self._conninfo, connect_timeout=_SECONDS, autocommit=True)
            ) as connection:
                connection.execute("set role penstock_agent")
                rows = connection.execute(_WAITING).fetchall()
                failing = connection.execute(_FAILING).fetchone()
        except psycopg.Error as error:
            log.warning("what waits can't be told: %s", one_line(error))
            return
        waiting = GaugeMetricFamily(
            "penstock_outbox_waiting", "Deliveries that are due or will be.", labels=("sink",)
        )
        overdue = GaugeMetricFamily(
            "penstock_outbox_overdue_seconds",
            "For how long the first of them has been due; below 0, in how long it will be.",
            labels=("sink",),
        )
        dead = GaugeMetricFamily(
            "penstock_outbox_dead", "Deliveries that were given up.", labels=("sink",)
        )
        for sink, number, seconds, lost in rows:
            waiting.add_metric((sink,), number)
            overdue.add_metric((sink,), seconds)
            dead.add_metric((sink,), lost)
        assert failing is not None
        yield waiting
        yield overdue
        yield dead
        yield GaugeMetricFamily("penstock_jobs_failing", "Jobs whose last run failed.", failing[0])
