"""The queue's order where it does not change while a job waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.scheduling import ORDERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.workload import Workload

__all__ = ["changes_while_waiting", "processors_of", "ranks"]

F1_WEIGHT = 870.0
LEAST_S = 0.1  # stands for 0 s under a logarithm


def changes_while_waiting(scenario: ComputeCluster) -> bool:
    """Return whether a job may overtake another by waiting."""
    return scenario.scheduler.order.kind in ORDERS[ORDERS.index("wfp3") :]


def processors_of(jobs: Workload, demand: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(N,)`` the cores that each job asks for in all; ``demand`` is ``(S, 4)`` by shape."""
    cores: NDArray[np.int64] = jobs.tasks * demand[jobs.shape, 0]
    return cores


def ranks(scenario: ComputeCluster, jobs: Workload, demand: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ``(N,)`` each job's rank in the queue's order, by its estimate at submission; the smallest goes first.

    Jobs that are alike keep their order of submission. F1 is ``log10(estimate) · processors + 870 · log10(submit)``.

    Source: D. Carastan-Santos and R. Y. de Camargo, "Obtaining dynamic scheduling policies with simulation and machine
    learning", SC17 (F1).
    """
    kind = scenario.scheduler.order.kind
    number = np.arange(len(jobs))
    if kind == "sjf":
        key = jobs.estimate_s
    elif kind == "ljf":
        key = -jobs.estimate_s
    elif kind == "saf":
        key = jobs.estimate_s * processors_of(jobs, demand)
    elif kind == "f1":
        asked, came = (np.log10(np.where(time_s > 0, time_s, LEAST_S)) for time_s in (jobs.estimate_s, jobs.submit_s))
        key = asked * processors_of(jobs, demand) + F1_WEIGHT * came
    else:
        return number
    rank = np.empty(len(jobs), np.int64)
    rank[np.lexsort((number, key))] = number
    return rank
