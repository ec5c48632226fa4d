"""What Prometheus may ask.

Counting is on the path of every request, so it is a dictionary and two additions; the client
library's part is the text format. With several workers each writes its counts to a file once a
second, and the one that is asked adds them up.
"""

import json
import os
import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

FOLDER_VARIABLE = "PENSTOCK_METRICS_FOLDER"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WRITE_SECONDS = 1.0

# (method, route, status) to [seconds in all, answers by bucket …]
Counts = dict[tuple[str, str, int], list[float]]
# (route, result) to how often; (place, result) too
Lookups = dict[tuple[str, str], int]


class Metrics(Collector):
    """The counts of this worker, and the page about all of them."""

    def __init__(self) -> None:
        self._counts: Counts = {}
        self._reloads = {"ok": 0, "refused": 0}
        self._lookups: Lookups = {}
        self._kept: dict[str, int] = {}
        self._rates: Lookups = {}
        self.routes = 0
        self._registry = CollectorRegistry()
        self._registry.register(self)
        folder = os.environ.get(FOLDER_VARIABLE)
        self._folder = Path(folder) if folder else None
        self._stopped = threading.Event()

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        counts = self._counts.get((method, route, status))
        if counts is None:
            counts = self._counts[method, route, status] = [0.0] * (len(_BUCKETS) + 2)
        counts[0] += seconds
        counts[1 + bisect_left(_BUCKETS, seconds)] += 1

    def reloaded(self, result: str) -> None:
        """Count a reload of the catalogue; `result` is ok or refused."""
        self._reloads[result] += 1

    def looked_up(self, route: str, result: str) -> None:
        """Count a lookup in the cache; `result` is hit, miss, collapsed, stale or bypass."""
        self._lookups[route, result] = self._lookups.get((route, result), 0) + 1

    def kept(self, route: str, size: int) -> None:
        """Count an answer of so many bytes that was put in the cache."""
        self._kept[route] = self._kept.get(route, 0) + size

    def counted(self, place: str, *, admitted: bool) -> None:
        """Count a call of a limited route; `place` is redis, database, process or memory."""
        key = place, "admitted" if admitted else "refused"
        self._rates[key] = self._rates.get(key, 0) + 1

    def open(self) -> None:
        """Begin to share the counts with other workers, if there are any."""
        if self._folder is not None:
            threading.Thread(target=self._write_on, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Share for the last time."""
        self._stopped.set()
        self._write()

    def page(self) -> bytes:
        """The metrics in Prometheus' text format, of all workers."""
        self._write()
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """What the client library writes out."""
        counts, reloads, lookups, kept, rates = self._sums()
        requests = CounterMetricFamily(
            "penstock_requests", "Requests answered.", labels=("method", "route", "status")
        )
        times = HistogramMetricFamily(
            "penstock_request_seconds",
            "Seconds from a request's head to the end of its answer.",
            labels=("method", "route"),
        )
        by_route: dict[tuple[str, str], list[float]] = {}
        for (method, route, status), values in counts.items():
            requests.add_metric((method, route, str(status)), sum(values[1:]))
            _add(by_route.setdefault((method, route), [0.0] * len(values)), values)
        for labels, values in by_route.items():
            times.add_metric(labels, _cumulated(values[1:]), values[0])
        loads = CounterMetricFamily(
            "penstock_catalog_reloads",
            "Times the routes were built anew; result is ok or refused.",
            labels=("result",),
        )
        for result, number in reloads.items():
            loads.add_metric((result,), number)
        looked_up = CounterMetricFamily(
            "penstock_cache_lookups",
            "Lookups in the cache; result is hit, miss, collapsed, stale or bypass.",
            labels=("route", "result"),
        )
        for labels, number in lookups.items():
            looked_up.add_metric(labels, number)
        bytes_kept = CounterMetricFamily(
            "penstock_cache_kept_bytes", "Bytes of answers put in the cache.", labels=("route",)
        )
        for route, size in kept.items():
            bytes_kept.add_metric((route,), size)
        limited = CounterMetricFamily(
            "penstock_rate_counts",
            "Calls of limited routes, by where they were counted (memory: refused before, and still"
            " so); result is admitted or refused.",
            labels=("place", "result"),
        )
        for labels, number in rates.items():
            limited.add_metric(labels, number)
        yield requests
        yield times
        yield loads
        yield looked_up
        yield bytes_kept
        yield limited
        yield GaugeMetricFamily("penstock_routes", "Endpoints served.", self.routes)

    def _sums(self) -> tuple[Counts, dict[str, int], Lookups, dict[str, int], Lookups]:
        if self._folder is None:
            return self._counts, self._reloads, self._lookups, self._kept, self._rates
        counts: Counts = {}
        reloads = {"ok": 0, "refused": 0}
        lookups: Lookups = {}
        kept: dict[str, int] = {}
        rates: Lookups = {}
        for document in _documents(self._folder.glob("*.json")):
            for method, route, status, values in document["counts"]:
                _add(counts.setdefault((method, route, status), [0.0] * len(values)), values)
            for result, number in document["reloads"].items():
                reloads[result] += number
            for route, result, number in document["lookups"]:
                lookups[route, result] = lookups.get((route, result), 0) + number
            for route, size in document["kept"].items():
                kept[route] = kept.get(route, 0) + size
            for place, result, number in document["rates"]:
                rates[place, result] = rates.get((place, result), 0) + number
        return counts, reloads, lookups, kept, rates

    def _write_on(self) -> None:
        while not self._stopped.wait(_WRITE_SECONDS):
            self._write()

    def _write(self) -> None:
        if self._folder is None or not self._folder.exists():
            return
        rows = [[*key, values] for key, values in list(self._counts.items())]
        lookups = [[*key, number] for key, number in list(self._lookups.items())]
        rates = [[*key, number] for key, number in list(self._rates.items())]
        text = json.dumps(
            {
                "counts": rows,
                "reloads": self._reloads,
                "lookups": lookups,
                "kept": dict(self._kept),
                "rates": rates,
            }
        )
        draft = self._folder / f"{os.getpid()}.draft"
        draft.write_text(text)
        draft.rename(self._folder / f"{os.getpid()}.json")


def _documents(files: Iterable[Path]) -> Iterator[dict]:  # type: ignore[type-arg]
    for file in files:
        yield json.loads(file.read_text())


def _add(total: list[float], values: list[float]) -> None:
    for index, value in enumerate(values):
        total[index] += value


def _cumulated(values: list[float]) -> list[tuple[str, float]]:
    names = [*(str(bound) for bound in _BUCKETS), "+Inf"]
    total = 0.0
    buckets = []
    for name, value in zip(names, values, strict=True):
        total += value
        buckets.append((name, total))
    return buckets
