"""Clusters for tests: made by hand, and made up by Hypothesis."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from simulators import simulate
from simulators.compute_cluster import ComputeCluster, Event

HORIZON_S = 1e6


def cluster(
    jobs: list[dict[str, Any]], *, nodes: int = 4, node: dict[str, Any] | None = None, **rest: Any
) -> ComputeCluster:
    """Return a cluster of equal nodes with these jobs."""
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": HORIZON_S,
            "node_types": [{"name": "node", "nodes": nodes, **(node or {})}],
            "jobs": {"kind": "list", "jobs": jobs},
            **rest,
        }
    )


def job(submit_s: float, run_s: float, tasks: int = 1, **rest: Any) -> dict[str, Any]:
    """Return a job."""
    return {"submit_s": submit_s, "run_s": run_s, "tasks": tasks, **rest}


def starts(scenario: ComputeCluster, *, engine: str = "simpy", event: Event = Event.START) -> dict[int, list[float]]:
    """Return when each job started, by its number."""
    journal = simulate(scenario, seed=1, engine=engine).journal
    found: dict[int, list[float]] = {}
    for row in np.flatnonzero(journal.event == event):
        found.setdefault(int(journal.entity[row]), []).append(float(journal.time_s[row]))
    return found


# Few values, and small whole ones: much happens at the same instant.
INSTANTS = st.integers(0, 12).map(float)


@st.composite
def jobs(draw: st.DrawFn, queues: int, gpus: bool) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 14))):
        run_s = draw(INSTANTS)
        one: dict[str, Any] = job(draw(INSTANTS), run_s, draw(st.integers(1, 4)), name=f"j{number}")
        one["estimate_s"] = draw(st.sampled_from([None, run_s, run_s + 3, max(0.0, run_s - 2)]))
        one["priority"] = draw(st.sampled_from([0, 0, 5, 9]))
        one["user"] = draw(st.sampled_from(["ann", "ben"]))
        one["queue"] = f"q{draw(st.integers(0, queues - 1))}"
        one["cores"] = draw(st.integers(1, 2))
        if gpus:
            one["gpus"] = draw(st.integers(0, 1))
        if draw(st.booleans()):
            one["checkpoint"] = {
                "interval_s": draw(st.integers(1, 4)),
                "cost_s": draw(st.integers(0, 1)),
                "restart_s": 1,
            }
        if number and draw(st.integers(0, 4)) == 0:
            one["after"] = [f"j{draw(st.integers(0, number - 1))}"]
            one["think_s"] = draw(st.sampled_from([0.0, 2.0]))
        if draw(st.integers(0, 4)) == 0:
            one["deadline_s"] = 10.0
            one["start_within_s"] = 2.0
        found.append(one)
    return found


WHOLE_TIMES = st.integers(2, 9).map(lambda value: {"kind": "deterministic", "value_s": float(value)})
FAILURES = st.none() | st.fixed_dictionaries(
    {"up_time": WHOLE_TIMES | st.just({"kind": "exponential", "mean_s": 15.0}), "repair_time": WHOLE_TIMES}
)


SERVICE = {"name": "chat", "job_class": "batch", "requests_per_s": 3.0, "service_time_s": 0.5, "within_s": 1.0}


@st.composite
def clusters(draw: st.DrawFn) -> ComputeCluster:
    """Return a small cluster with anything in it."""
    queues = draw(st.integers(1, 2))
    slicing = draw(st.integers(0, 4)) == 0
    if slicing:
        queues = 1
    conservative = not slicing and draw(st.integers(0, 3)) == 0
    counts = conservative and draw(st.booleans())  # then it plans by counting, else node by node
    gpus = not counts and draw(st.booleans())
    node_types = []
    for number in range(draw(st.integers(queues, 2))):
        one: dict[str, Any] = {"name": f"t{number}", "nodes": draw(st.integers(3, 4)), "cores": 4}
        one["nodes_per_rack"] = draw(st.sampled_from([None, 1, 2]))
        if gpus:
            one["gpus"] = 2
        if draw(st.booleans()):
            # Enough for the largest job there may be, 4 tasks of half a node each, and little more.
            size = one["nodes_per_rack"] or one["nodes"]
            one |= {"idle_w": 100.0, "busy_w": 500.0}
            one["rack_limit_w"] = 100.0 * size + (400.0 if one["nodes_per_rack"] else 800.0)
        if not slicing and not counts:
            one["failures"] = draw(FAILURES)
            one["rack_failures"] = draw(st.none() | FAILURES)
            if not conservative and draw(st.integers(0, 2)) == 0:
                one["sleep"] = {
                    "after_s": draw(st.sampled_from([1.0, 3.0])),
                    "wake_s": draw(st.sampled_from([0.0, 2.0])),
                }
        node_types.append(one)
    names = [one["name"] for one in node_types]
    shared = [names, names[-1:]][:queues]
    apart = [names[:1], names[1:]] if queues == 2 else [names]
    owned = apart if counts else shared
    listed = draw(jobs(queues, gpus))
    if counts:
        for one in listed:
            one["cores"] = 2
    scheduler: dict[str, Any] = {
        "placement": draw(st.sampled_from(["packing", "spreading"])),
        "same_rack": draw(st.booleans()),
        "over_estimate": "kill" if conservative else draw(st.sampled_from(["run_on", "kill"])),
        "order": {"kind": draw(st.sampled_from(["fcfs", "sjf", "ljf", "saf", "f1", "wfp3", "unicep", "multifactor"]))},
    }
    if slicing:
        scheduler["time_slicing"] = {
            "quantum_s": draw(st.sampled_from([1.0, 2.5])),
            "rows": draw(st.sampled_from([2, 50])),
        }
    elif conservative:
        scheduler["backfilling"] = "conservative"
    else:
        scheduler["backfilling"] = draw(st.sampled_from(["none", "easy", "easy"]))
        scheduler["preemption"] = draw(st.booleans())
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 80.0,
            "cross_rack_slowdown": draw(st.sampled_from([0.0, 0.5])),
            "node_types": node_types,
            "partitions": [{"name": f"q{number}", "node_types": types} for number, types in enumerate(owned)],
            "jobs": {"kind": "list", "jobs": listed},
            "services": [SERVICE] if draw(st.booleans()) else [],
            "scheduler": scheduler,
        }
    )
