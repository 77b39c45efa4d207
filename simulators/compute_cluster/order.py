"""The queue's order where it does not change while a job waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.scheduling import ORDERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.workload import Workload

__all__ = ["changes_while_waiting", "keys", "processors_of"]

F1_WEIGHT = 870.0
LEAST_S = 0.1  # stands for 0 s under a logarithm


def changes_while_waiting(scenario: ComputeCluster) -> bool:
    """Return whether a job may overtake another by waiting."""
    return scenario.scheduler.order.kind in ORDERS[ORDERS.index("wfp3") :]


def processors_of(jobs: Workload, demand: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(N,)`` the cores that each job asks for in all; ``demand`` is ``(S, 4)`` by shape."""
    cores: NDArray[np.int64] = jobs.tasks * demand[jobs.shape, 0]
    return cores


def keys(scenario: ComputeCluster, jobs: Workload, demand: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return ``(N,)`` what each job stands in the queue by, by its estimate at submission; the smallest goes first.

    Jobs that are alike keep their order of submission. F1 is ``log10(estimate) · processors + 870 · log10(submit)``.

    Source: D. Carastan-Santos and R. Y. de Camargo, "Obtaining dynamic scheduling policies with simulation and machine
    learning", SC17 (F1).
    """
    kind = scenario.scheduler.order.kind
    if kind == "sjf":
        return jobs.estimate_s
    if kind == "ljf":
        return -jobs.estimate_s
    if kind == "saf":
        return jobs.estimate_s * processors_of(jobs, demand)
    if kind == "f1":
        asked, came = (np.log10(np.where(time_s > 0, time_s, LEAST_S)) for time_s in (jobs.estimate_s, jobs.submit_s))
        return asked * processors_of(jobs, demand) + F1_WEIGHT * came
    return np.zeros(len(jobs))
