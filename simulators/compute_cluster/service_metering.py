"""What the requests to a cluster's services meet: the part of the meter that knows latency."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.events import SUBMIT
from simulators.compute_cluster.latency import share_within
from simulators.compute_cluster.replicas import Replicas
from simulators.kpi import Kpi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.services import Service
    from simulators.journal import Journal

__all__ = ["ServiceMeter"]

HOUR_S = 3600.0
HOURS = 24
DAY_S = HOURS * HOUR_S


class ServiceMeter:
    """Measures a cluster's services while its events come in.

    Parameters
    ----------
    scenario
        The cluster.
    """

    def __init__(self, scenario: ComputeCluster) -> None:
        self._warm_up_s = scenario.warm_up_s
        self._replicas = Replicas(scenario)
        self._spells = [_Spells(one) for one in scenario.services]
        self._begun = False

    def add(self, piece: Journal) -> None:
        """Count what the next events change."""
        if not self._spells:
            return
        if not self._begun:
            first = np.flatnonzero(piece.event == SUBMIT)
            if not len(first):
                return  # nothing has been submitted, so nothing runs
            self._begun = True
            for one in self._spells:
                one.now_s = max(self._warm_up_s, float(piece.time_s[first[0]]))
        for time_s, service, gained in self._replicas.changes(piece):
            self._spells[service].change(time_s, gained)

    def kpis(self, end_s: float) -> Iterator[tuple[str, Kpi]]:
        """Give the figures from the time on that counts; nothing may be added afterwards."""
        if not self._spells:
            return
        for one in self._spells:
            one.change(end_s, 0)
        yield "slow_requests", Kpi(sum(one.slow for one in self._spells), "requests")
        for one in self._spells:
            yield from one.kpis()


class _Spells:
    """Sums over the spells of one service, in which neither replicas nor requests change.

    Attributes
    ----------
    now_s
        Up to when everything is counted.
    slow
        Requests so far that were answered too late.
    """

    def __init__(self, service: Service) -> None:
        self._service = service
        self._rates_per_s = service.rates_per_s()
        self._share = cache(self._share_of)
        self._running = 0
        self.now_s = 0.0
        self.slow = 0.0
        self._requests = self._missed_s = self._replica_s = self._counted_s = 0.0

    def change(self, time_s: float, gained: int) -> None:
        """Let time pass, then change the replicas."""
        if time_s > self.now_s:
            self._pass(time_s)
            self.now_s = time_s
        self._running += gained

    def _pass(self, until_s: float) -> None:
        since_s = self.now_s
        days = int((until_s - since_s) // DAY_S)
        if days:
            for hour in range(HOURS):
                self._count(hour, days * HOUR_S)
            since_s += days * DAY_S
        while since_s < until_s:
            hour = int(since_s // HOUR_S)
            next_s = min(until_s, (hour + 1) * HOUR_S)
            self._count(hour % HOURS, next_s - since_s)
            since_s = next_s

    def _count(self, hour: int, spell_s: float) -> None:
        within = self._share(self._running, hour)
        requests = self._rates_per_s[hour] * spell_s
        self._requests += requests
        self.slow += requests * (1.0 - within)
        self._replica_s += self._running * spell_s
        self._counted_s += spell_s
        if requests and within < self._service.share:
            self._missed_s += spell_s

    def _share_of(self, running: int, hour: int) -> float:
        one = self._service
        return share_within(running * one.at_a_time, self._rates_per_s[hour], one.service_time_s, one.within_s)

    def kpis(self) -> Iterator[tuple[str, Kpi]]:
        """Give the figures of the service."""
        name = f"service.{self._service.name}"
        within = 1.0 - self.slow / self._requests if self._requests else float("nan")
        replicas = self._replica_s / self._counted_s if self._counted_s else float("nan")
        yield f"{name}.requests", Kpi(self._requests, "requests")
        yield f"{name}.slow_requests", Kpi(self.slow, "requests")
        yield f"{name}.within_ratio", Kpi(within, "1")
        yield f"{name}.objective_missed_h", Kpi(self._missed_s / HOUR_S, "h")
        yield f"{name}.replicas_mean", Kpi(replicas, "1")
