"""Jobs written down as a trace, with what a run made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.events import END, KILL, START
from simulators.compute_cluster.swf import FIELDS, Trace
from simulators.compute_cluster.vocabulary import vocabulary

if TYPE_CHECKING:
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.workload import Workload
    from simulators.journal import Journal

__all__ = ["trace_of"]

COMPLETED, FAILED = 1, 0
UNKNOWN = -1


def trace_of(scenario: ComputeCluster, jobs: Workload, journal: Journal | None = None) -> Trace:
    """Return jobs as a trace in the Standard Workload Format.

    Parameters
    ----------
    scenario
        The cluster that they are for.
    jobs
        The jobs of one run, see :func:`simulators.compute_cluster.workload`.
    journal
        What that run made of them; with it the trace holds their waits and how they ended.

    Returns
    -------
    A trace whose jobs are numbered from 1 in order of submission; users, queues and classes (as executables) from 1.
    """
    names = vocabulary(scenario)
    demand = np.array([shape.demand for shape in names.shapes])
    queue = np.array([shape.queue for shape in names.shapes])
    values = np.full((len(jobs), len(FIELDS)), float(UNKNOWN))
    processors = jobs.tasks * demand[jobs.shape, 0]
    columns = {
        "job": np.arange(1, len(jobs) + 1),
        "submit_s": jobs.submit_s,
        "run_s": jobs.run_s,
        "processors": processors,
        "requested_processors": processors,
        "requested_s": jobs.estimate_s,
        "user": jobs.user + 1,
        "executable": jobs.job_class + 1,
        "queue": queue[jobs.shape] + 1,
        "status": np.full(len(jobs), COMPLETED),
    }
    if journal is not None:
        started = np.full(len(jobs), np.nan)
        starts = np.flatnonzero(journal.event == START)[::-1]  # the first start of each is written last
        started[journal.entity[starts]] = journal.time_s[starts]
        columns["wait_s"] = np.where(np.isnan(started), UNKNOWN, started - jobs.submit_s)
        columns["status"] = np.full(len(jobs), UNKNOWN)
        for event, status in ((END, COMPLETED), (KILL, FAILED)):
            columns["status"][journal.entity[journal.event == event]] = status
    for name, column in columns.items():
        values[:, FIELDS.index(name)] = column
    nodes = sum(one.nodes for one in scenario.node_types)
    header = (
        "; Version: 2.2",
        f"; MaxJobs: {len(jobs)}",
        f"; MaxNodes: {nodes}",
        f"; MaxProcs: {sum(one.nodes * one.cores for one in scenario.node_types)}",
        *(f"; Queue: {number} {one.name}" for number, one in enumerate(scenario.queues, 1)),
    )
    return Trace(header, values)
