"""What the requests to a service met over time, derived from a cluster's journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.compute_cluster.latency import share_within
from simulators.compute_cluster.replicas import Replicas
from simulators.compute_cluster.series import instants

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.journal import Journal

__all__ = ["ServiceSeries", "service_series"]

HOUR_S = 3600.0
HOURS = 24


class ServiceSeries(NamedTuple):
    """What held at each of ``N`` times, all events of that instant having happened.

    Parameters
    ----------
    time_s
        ``(N,)`` seconds.
    requests_per_s
        ``(N,)`` how many came.
    replicas
        ``(N,)`` tasks that answered them.
    within
        ``(N,)`` share of them answered within the objective's limit.
    slow_per_s
        ``(N,)`` requests a second that were answered later, or never.
    """

    time_s: NDArray[np.float64]
    requests_per_s: NDArray[np.float64]
    replicas: NDArray[np.int64]
    within: NDArray[np.float64]
    slow_per_s: NDArray[np.float64]


def service_series(scenario: ComputeCluster, journal: Journal, name: str, step_s: float) -> ServiceSeries:
    """Return how a service did, every ``step_s`` from 0 to the end of the journal.

    Parameters
    ----------
    scenario
        The cluster that ran.
    journal
        What happened.
    name
        Of the service.
    step_s
        Above 0, seconds.

    Raises
    ------
    ValueError
        The cluster has no such service, or the step is not above 0.

    Examples
    --------
    >>> from simulators import simulate
    >>> from simulators.compute_cluster import ComputeCluster
    >>> cluster = ComputeCluster.model_validate({
    ...     "kind": "compute_cluster",
    ...     "horizon_s": 1000,
    ...     "node_types": [{"name": "node", "nodes": 4}],
    ...     "jobs": {"kind": "list", "jobs": [{"submit_s": 0, "run_s": 15, "tasks": 3, "job_class": "chat"}]},
    ...     "services": [{
    ...         "name": "chat", "job_class": "chat", "requests_per_s": 2.4, "service_time_s": 1, "within_s": 3,
    ...     }],
    ... })
    >>> found = service_series(cluster, simulate(cluster, seed=1).journal, "chat", 10)
    >>> found.replicas.tolist(), found.within.round(3).tolist()
    ([3, 3, 0], [0.763, 0.763, 0.0])
    """
    names = [one.name for one in scenario.services]
    if name not in names:
        message = f"name = {name!r} is no service; give one of: {', '.join(names) or '(there are none)'}"
        raise ValueError(message)
    number = names.index(name)
    service = scenario.services[number]
    time_s = instants(journal, step_s)
    moved_s, gained = [0.0], [0]
    for moment_s, which, replicas in Replicas(scenario).changes(journal):
        if which == number:
            moved_s.append(moment_s)
            gained.append(replicas)
    running = np.cumsum(gained)[np.searchsorted(moved_s, time_s, side="right") - 1]
    rate = np.array(service.rates_per_s())[(time_s // HOUR_S).astype(np.int64) % HOURS]
    within = np.array(
        [
            share_within(count * service.at_a_time, requests, service.service_time_s, service.within_s)
            for count, requests in zip(running.tolist(), rate.tolist(), strict=True)
        ]
    )
    return ServiceSeries(time_s, rate, running, within, rate * (1.0 - within))
