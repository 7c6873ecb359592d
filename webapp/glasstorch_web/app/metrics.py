"""What Prometheus asks for: how requests are answered, how the queue stands, who grades."""

from __future__ import annotations

import threading
from collections import Counter as Tally
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from ..store import WorkerRegistry
from ..store.figures import Figures

CONTENT_TYPE = CONTENT_TYPE_LATEST
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
GRADE_SECONDS = (0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)


class Metrics:
    """One service's figures, in a registry of its own: several services may live in one process."""

    def __init__(self, figures: Figures, workers: WorkerRegistry) -> None:
        self._registry = CollectorRegistry()
        self._figures = figures
        self._requests = Counter(
            "glasstorch_http_requests",
            "Answers, by method, route template and status (0: the client left before)",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "glasstorch_http_request_seconds",
            "Time from request to end of answer, by route template; event streams last as long as they are followed",
            ["route"],
            registry=self._registry,
        )
        self.streams = Gauge(
            "glasstorch_event_streams", "Event streams that somebody follows now", registry=self._registry
        )
        self._outcomes = Counter(
            "glasstorch_submissions_graded",
            "Submissions with a result since this service started, by outcome",
            ["outcome"],
            registry=self._registry,
        )
        self._grades = Histogram(
            "glasstorch_grade_seconds",
            "What grading a submission took, without its wait in the queue",
            buckets=GRADE_SECONDS,
            registry=self._registry,
        )
        Info("glasstorch_build", "What runs", registry=self._registry).info({"version": _version()})
        self._registry.register(_Store(figures, workers))
        self._lock = threading.Lock()
        self._complete_to = figures.complete_to()  # counting begins here: below the first without a result
        graded, _ = figures.graded(self._complete_to)
        self._counted = {one.number for one in graded}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer."""
        # A client may invent methods; each would be a series of its own for ever.
        self._requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        self._count_graded()
        return generate_latest(self._registry)

    def _count_graded(self) -> None:
        with self._lock:
            graded, complete_to = self._figures.graded(self._complete_to)
            for one in graded:
                if one.number not in self._counted:
                    self._outcomes.labels(one.status).inc()
                    self._grades.observe(one.seconds)
            self._complete_to = complete_to
            self._counted = {one.number for one in graded if one.number > complete_to}


class _Store(Collector):
    """What is looked up when asked."""

    def __init__(self, figures: Figures, workers: WorkerRegistry) -> None:
        self._figures = figures
        self._workers = workers

    def describe(self) -> list[Metric]:
        return []  # so that registering does not ask the store

    def collect(self) -> Iterator[Metric]:
        line = self._figures.line()
        depth = GaugeMetricFamily("glasstorch_queue_depth", "Submissions without a result", labels=["state"])
        depth.add_metric(["queued"], line.waiting)
        depth.add_metric(["running"], line.running)
        yield depth
        yield GaugeMetricFamily(
            "glasstorch_queue_oldest_wait_seconds",
            "How long the first of those that wait has waited",
            value=line.oldest_wait,
        )
        workers = GaugeMetricFamily(
            "glasstorch_workers", "Workers alive, by isolation level", labels=["level"]
        )
        for level, count in Tally(str(w.isolation["level"]) for w in self._workers.alive()).items():
            workers.add_metric([level], count)
        yield workers


def _version() -> str:
    try:
        return version("glasstorch")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "unknown"
