"""Figures for Prometheus: answers by route, and how long the queue is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Scope

    from grading.leases import Leases
    from grading.submissions import Submissions

__all__ = ["Metrics"]


class _Queue:
    """Looks into the database when the figures are asked for."""

    def __init__(self, submissions: Submissions, leases: Leases, lease_s: float) -> None:
        self._submissions = submissions
        self._leases = leases
        self._lease_s = lease_s

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Give the gauges."""
        yield GaugeMetricFamily(
            "shixun_grading_waiting", "Submissions that wait to be graded.", self._submissions.waiting()
        )
        yield GaugeMetricFamily(
            "shixun_grading_workers", "Workers seen within two leases.", self._leases.living(self._lease_s)
        )
        yield GaugeMetricFamily(
            "shixun_grading_work_seconds",
            "Mean time that grading took over the newest submissions.",
            self._submissions.work_s() or 0.0,
        )


class Metrics:
    """The figures of one service.

    Parameters
    ----------
    submissions, leases
        Where the queue is looked up.
    lease_s
        Seconds of a lease.
    """

    def __init__(self, submissions: Submissions, leases: Leases, lease_s: float) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Queue(submissions, leases, lease_s))
        self._answers = Counter(
            "shixun_grading_answers", "Answers by route.", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "shixun_grading_answer_seconds",
            "Time to the head of an answer.",
            ["method", "route"],
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 10),
            registry=self._registry,
        )

    def answered(self, scope: Scope, prefix: str, status: int, taken_s: float) -> None:
        """Count an answer, by the route's pattern: by its path there would be a series for every outcome."""
        route = scope.get("route")
        pattern = getattr(route, "path", "").removeprefix(prefix) or "unmatched"
        self._answers.labels(scope["method"], pattern, str(status)).inc()
        self._seconds.labels(scope["method"], pattern).observe(taken_s)

    def exposition(self) -> bytes:
        """Return the figures in Prometheus's text format."""
        return generate_latest(self._registry)
