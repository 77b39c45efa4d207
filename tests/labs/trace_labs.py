"""A lab on a trace, made the way an instructor makes one; the trace is drawn by our own generator."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from labs.trace_lab import MadeLab, machine_of, make, split
from simulators import Streams
from simulators.compute_cluster import ComputeCluster, Trace, trace_of, workload

if TYPE_CHECKING:
    from pathlib import Path

PROCESSORS = 32


def trace(jobs: int = 3200, *, estimate_factor: float = 4.0, users: int = 8) -> Trace:
    """Return about six weeks of jobs that keep a machine of 32 processors busy."""
    source = {"kind": "lublin_feitelson", "jobs": jobs, "processors": PROCESSORS, "stretch": 1.5}
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1.0,
            "node_types": [{"name": "node", "nodes": PROCESSORS}],
            "jobs": {**source, "estimate_factor": estimate_factor, "users": users},
        }
    )
    return trace_of(scenario, workload(scenario, Streams(3)))


def anonymous(found: Trace) -> Trace:
    """Return a trace whose users and estimates are not known."""
    values = found.values.copy()
    values[:, 11] = values[:, 8] = -1
    return replace(found, values=values)


def made(folder: Path, found: Trace) -> MadeLab:
    """Make the lab."""
    machine = machine_of(found)
    return make(split(found, machine), machine, folder, name="ours.swf.gz")
