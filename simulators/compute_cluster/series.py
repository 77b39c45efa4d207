"""What a cluster did over time, derived from its journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.compute_cluster.events import (
    CANCEL,
    END,
    INTERRUPT,
    KILL,
    PREEMPT,
    REJECT,
    RESUME,
    SIZE,
    START,
    SUBMIT,
    SUSPEND,
    Places,
)
from simulators.compute_cluster.layout import layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.journal import Journal

__all__ = ["Series", "instants", "series"]


class Series(NamedTuple):
    """What held at each of ``N`` times, all events of that instant having happened.

    Parameters
    ----------
    time_s
        ``(N,)`` seconds.
    waiting, running
        ``(N,)`` jobs.
    busy_cores
        ``(N,)`` cores whose jobs run.
    """

    time_s: NDArray[np.float64]
    waiting: NDArray[np.int64]
    running: NDArray[np.int64]
    busy_cores: NDArray[np.int64]


def series(scenario: ComputeCluster, journal: Journal, step_s: float) -> Series:
    """Return what a cluster did, every ``step_s`` from 0 to the end of its journal.

    Parameters
    ----------
    scenario
        The cluster that ran.
    journal
        What happened.
    step_s
        Above 0, seconds.

    Raises
    ------
    ValueError
        The step is not above 0.

    Examples
    --------
    >>> from simulators import simulate
    >>> from simulators.compute_cluster import ComputeCluster
    >>> cluster = ComputeCluster.model_validate({
    ...     "kind": "compute_cluster",
    ...     "horizon_s": 1000,
    ...     "node_types": [{"name": "node", "nodes": 4}],
    ...     "jobs": {"kind": "list", "jobs": [
    ...         {"submit_s": 0, "run_s": 20, "tasks": 4},
    ...         {"submit_s": 5, "run_s": 10, "tasks": 2},
    ...     ]},
    ... })
    >>> found = series(cluster, simulate(cluster, seed=1).journal, 10)
    >>> found.busy_cores.tolist(), found.waiting.tolist()
    ([4, 4, 2, 0], [0, 1, 0, 0])
    """
    time_s = instants(journal, step_s)
    event, entity = journal.event, journal.entity
    sizes = event == SIZE
    shape = journal.place[sizes] - Places(scenario).first_shape
    cores = np.zeros(int(entity[event == SUBMIT].max(initial=-1)) + 1, np.int64)
    cores[entity[event == SUBMIT]] = entity[sizes] * layout(scenario).demand[shape, 0]
    begins, pauses = np.isin(event, (START, RESUME)), np.isin(event, (END, KILL, INTERRUPT, PREEMPT, SUSPEND))
    # A job that stands still when it ends has been counted out before: none ends but in its own row's time.
    run = begins.astype(np.int64) - pauses
    wait = np.isin(event, (SUBMIT, INTERRUPT, PREEMPT)).astype(np.int64) - np.isin(event, (START, REJECT, CANCEL))
    moved = run != 0
    busy = np.zeros(len(event), np.int64)
    busy[moved] = run[moved] * cores[entity[moved]]
    position = np.searchsorted(journal.time_s, time_s, side="right")
    columns = [np.concatenate(([0], np.cumsum(change)))[position] for change in (wait, run, busy)]
    return Series(time_s, *columns)


def instants(journal: Journal, step_s: float) -> NDArray[np.float64]:
    """Return the times of a series, every ``step_s`` from 0 to the end of a journal.

    Raises
    ------
    ValueError
        The step is not above 0.
    """
    if not step_s > 0:
        message = f"step_s = {step_s!r} must be > 0"
        raise ValueError(message)
    end_s = float(journal.time_s[-1]) if len(journal) else 0.0
    return np.arange(0.0, end_s + step_s, step_s)
