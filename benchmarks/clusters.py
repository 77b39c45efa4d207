"""How fast a batch system is simulated: EASY backfilling on a thousand nodes, up to a million jobs, beside AccaSim."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.stopwatch import fastest_s
from simulators import Streams, simulate
from simulators.compute_cluster import ComputeCluster, trace_of, workload, write_swf
from simulators.compute_cluster.swf import FIELDS

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["batch_system", "clusters"]

NODES = 1024
JOBS = 100_000
SIMPY_JOBS = 4_000
MANY_JOBS = 1_000_000
BACKLOGS = (1_000, 10_000, 100_000)
PEER_JOBS = 2_000
PEER_PYTHON = "ACCASIM_PYTHON"
KIB = 1024


def batch_system(
    jobs: int, *, nodes: int = NODES, stretch: float = 1.1, estimate_factor: float = 3.0
) -> ComputeCluster:
    """Return a batch system with EASY backfilling, well loaded by jobs of the Lublin-Feitelson model."""
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1e12,
            "node_types": [{"name": "node", "nodes": nodes}],
            "jobs": {
                "kind": "lublin_feitelson",
                "jobs": jobs,
                "processors": nodes,
                "stretch": stretch,
                "longest_s": 64_800,
                "estimate_factor": estimate_factor,
            },
            "scheduler": {"backfilling": "easy"},
        }
    )


def clusters(say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Time the cluster's engines, the growth of their cost, and a peer.

    Parameters
    ----------
    say
        Told what is being timed.

    Returns
    -------
    Rows of ``what``, ``figure`` and ``unit``.
    """
    rows = [*_trace(say), *_side_by_side(say), *_growth(say), *_million(say), *_peer(say)]
    return [{"what": what, "figure": figure, "unit": unit} for what, figure, unit in rows]


Row = tuple[str, float | str, str]


def _trace(say: Callable[[str], None]) -> list[Row]:
    say(f"{JOBS:,} jobs on {NODES:,} nodes, EASY")
    scenario = batch_system(JOBS)
    simulate(batch_system(100), seed=1, engine="compiled", journal=False)  # compiles
    seconds = fastest_s(lambda: simulate(scenario, seed=1, engine="compiled", journal=False), 2)
    waiting = simulate(scenario, seed=1, engine="compiled", journal=False).kpis["waiting_mean"].value
    say(f"{JOBS:,} jobs by SimPy")
    simpy_s = fastest_s(lambda: simulate(scenario, seed=1, engine="simpy", journal=False), 1)
    return [
        (f"{JOBS:,} jobs on {NODES:,} nodes, EASY, compiled, KPIs included", seconds, "s"),
        ("the same: SimPy / compiled", simpy_s / seconds, "times"),
        ("the same, mean queue", waiting, "jobs"),
    ]


def _side_by_side(say: Callable[[str], None]) -> list[Row]:
    say(f"{SIMPY_JOBS:,} jobs on both engines")
    scenario = batch_system(SIMPY_JOBS)
    seconds = {
        engine: fastest_s(lambda engine=engine: simulate(scenario, seed=1, engine=engine, journal=False), repeats)  # type: ignore[misc]
        for engine, repeats in (("compiled", 3), ("simpy", 1))
    }
    one, other = (simulate(scenario, seed=1, engine=engine).journal for engine in seconds)
    return [
        (f"{SIMPY_JOBS:,} jobs, a short queue: SimPy / compiled", seconds["simpy"] / seconds["compiled"], "times"),
        ("the same: journals equal", str(one == other), ""),
    ]


def _growth(say: Callable[[str], None]) -> list[Row]:
    """Fill the queue at once: the cost of a job, by the length of the queue that it passes through."""
    costs_s = []
    for backlog in BACKLOGS:
        say(f"a backlog of {backlog:,} jobs")
        scenario = batch_system(backlog, stretch=1e-6)
        costs_s.append(fastest_s(lambda s=scenario: simulate(s, seed=1, engine="compiled", journal=False), 2) / backlog)  # type: ignore[misc]
    logs = np.log(BACKLOGS)
    return [
        *((f"cost of a job, backlog {n:,}", 1e6 * cost, "µs") for n, cost in zip(BACKLOGS, costs_s, strict=True)),
        ("the same: exponent of the cost with the backlog", float(np.polyfit(logs, np.log(costs_s), 1)[0]), "1"),
        (
            "growth of the cost / growth of the queue's logarithm",
            (costs_s[-1] / costs_s[0]) / (logs[-1] / logs[0]),
            "1",
        ),
    ]


def _million(say: Callable[[str], None]) -> list[Row]:
    say(f"{MANY_JOBS:,} jobs")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = fastest_s(lambda: simulate(batch_system(MANY_JOBS), seed=1, engine="compiled", journal=False), 1)
    more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return [(f"{MANY_JOBS:,} jobs", seconds, "s"), ("the same, memory", more / KIB, "MiB more")]


PEER = """
import collections, collections.abc, contextlib, json, logging, os, sys, time
for name in ("Mapping", "MutableMapping", "Iterable", "Sequence", "Callable"):  # gone since Python 3.10
    setattr(collections, name, getattr(collections.abc, name))
from accasim.base.allocator_class import FirstFit
from accasim.base.scheduler_class import EASYBackfilling
from accasim.base.simulator_class import Simulator
logging.disable(logging.CRITICAL)
with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    simulator = Simulator("trace.swf", "machine.json", EASYBackfilling(FirstFit()), scheduling_output=False,
                          statistics_output=False, show_statistics=False)
    begin = time.process_time()
    simulator.start_simulation()
    seconds = time.process_time() - begin
print(json.dumps(seconds))
"""


def _peer(say: Callable[[str], None]) -> list[Row]:
    """Time AccaSim on a trace of ours; it needs an environment of its own, for it pins old habits of Python."""
    python = os.environ.get(PEER_PYTHON)
    if not python:
        return [("AccaSim", f"not timed: {PEER_PYTHON} names no interpreter that has it", "")]
    say(f"AccaSim: {PEER_JOBS:,} jobs")
    nodes = 256
    scenario = batch_system(PEER_JOBS, nodes=nodes, estimate_factor=1.0)
    trace = trace_of(scenario, workload(scenario, Streams(1)))
    trace.values[:, FIELDS.index("requested_memory_kib")] = 1.0  # it divides by it
    with TemporaryDirectory() as folder:
        write_swf(trace, Path(folder) / "trace.swf")
        machine = {"groups": {"g0": {"core": 1, "mem": 1}}, "resources": {"g0": nodes}, "start_time": 0}
        (Path(folder) / "machine.json").write_text(json.dumps(machine))
        done = subprocess.run([python, "-c", PEER], cwd=folder, capture_output=True, text=True, check=True)  # noqa: S603
    theirs_s = float(json.loads(done.stdout.splitlines()[-1]))
    source = {"kind": "swf", "text": "\n".join(" ".join(f"{v:.15g}" for v in row) for row in trace.values.tolist())}
    same = ComputeCluster.model_validate({**scenario.model_dump(), "jobs": source})
    ours_s = fastest_s(lambda: simulate(same, seed=1, engine="compiled", journal=False))
    return [
        (f"AccaSim, {PEER_JOBS:,} jobs on {nodes} nodes, EASY", theirs_s, "s"),
        ("AccaSim / ours, compiled", theirs_s / ours_s, "times"),
    ]
