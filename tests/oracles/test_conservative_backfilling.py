"""Conservative backfilling on nodes of several kinds, and on nodes that fail: its promise, and a calendar by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from simulators import Streams, simulate
from simulators.compute_cluster import ComputeCluster, Event
from simulators.compute_cluster.simpy_engine import Cluster
from simulators.recorder import Recorder

NODES = [(4, 2)] * 2 + [(6, 1)] * 2 + [(3, 0)] * 2
"""Cores and GPUs of each node."""

TYPES = [
    {"name": "a", "nodes": 2, "cores": 4, "gpus": 2},
    {"name": "b", "nodes": 2, "cores": 6, "gpus": 1},
    {"name": "c", "nodes": 2, "cores": 3},
]
FAILURES = {
    "up_time": {"kind": "exponential", "mean_s": 60.0},
    "repair_time": {"kind": "exponential", "mean_s": 10.0},
}


def some_jobs(random: np.random.Generator, count: int, *, slack_s: int) -> list[dict[str, Any]]:
    jobs = []
    for _ in range(count):
        run_s = float(random.integers(1, 15))
        jobs.append(
            {
                "submit_s": float(random.integers(0, 25)),
                "run_s": run_s,
                "estimate_s": run_s + float(random.integers(0, slack_s + 1)),
                "tasks": int(random.integers(1, 5)),
                "cores": int(random.integers(1, 4)),
                "gpus": int(random.integers(0, 2)),
            }
        )
    return sorted(jobs, key=lambda job: float(job["submit_s"]))


def machine(jobs: list[dict[str, Any]], types: list[dict[str, Any]] = TYPES) -> ComputeCluster:
    return ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1e6,
            "node_types": types,
            "jobs": {"kind": "list", "jobs": jobs},
            "scheduler": {"backfilling": "conservative", "over_estimate": "kill"},
        }
    )


def by_hand(jobs: list[dict[str, Any]]) -> list[int]:
    """Return when each job starts: the first gap behind all promises made, second by second, node by node."""
    length = int(sum(job["run_s"] for job in jobs) + max(job["submit_s"] for job in jobs)) + 1
    free = [[list(node) for node in NODES] for _ in range(length)]
    found = []
    for job in jobs:
        need = (job["cores"], job["gpus"])
        for start in range(int(job["submit_s"]), length):
            seconds = range(start, start + int(job["run_s"]))
            able = [
                min(
                    min(there // asked for there, asked in zip(free[second][node], need, strict=True) if asked)
                    for second in seconds
                )
                for node in range(len(NODES))
            ]
            if sum(able) >= job["tasks"]:
                break
        left = job["tasks"]
        for node in sorted(range(len(NODES)), key=lambda one: able[one]):  # packing: the fullest first
            tasks = min(able[node], left)
            left -= tasks
            for second in seconds:
                free[second][node][0] -= tasks * need[0]
                free[second][node][1] -= tasks * need[1]
        found.append(start)
    return found


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
@pytest.mark.parametrize("lot", range(3))
def test_nodes_of_several_kinds_against_a_calendar_by_hand(engine: str, lot: int) -> None:
    random = np.random.default_rng(200 + lot)
    for _ in range(60):
        jobs = some_jobs(random, int(random.integers(2, 25)), slack_s=0)
        journal = simulate(machine(jobs), seed=0, engine=engine).journal
        starts = journal.event == Event.START
        found = dict(zip(journal.entity[starts].tolist(), journal.time_s[starts].tolist(), strict=True))
        assert [found[number] for number in range(len(jobs))] == by_hand(jobs)


def promises(scenario: ComputeCluster, seed: int) -> tuple[dict[int, list[float]], dict[int, float], list[float]]:
    """Return by job every promise before its first start, and that start, and when nodes failed; on SimPy."""
    rows: list[tuple[float, int, int, int]] = []
    recorder = Recorder((), None)  # type: ignore[arg-type] - nothing is handed on
    recorder.record = rows.append  # type: ignore[method-assign]
    cluster = Cluster(scenario, Streams(seed), recorder)
    made: dict[int, list[float]] = {}
    while cluster.env.peek() < float("inf") and cluster.left:
        cluster.env.step()
        for job in cluster.scheduler.queues[0]:
            if job.start_number < 0 <= job.reserved_s and job.reserved_s not in made.get(job.number, [])[-1:]:
                made.setdefault(job.number, []).append(job.reserved_s)
    starts = {number: time_s for time_s, event, number, _ in reversed(rows) if event == Event.START}
    return made, starts, [time_s for time_s, event, *_ in rows if event == Event.FAIL]


@pytest.mark.parametrize("seed", range(25))
def test_nobody_starts_later_than_promised_at_submission(seed: int) -> None:
    """Jobs end earlier than they asked for: promises only move forward, and are kept."""
    random = np.random.default_rng(seed)
    made, starts, _ = promises(machine(some_jobs(random, 30, slack_s=10)), seed)
    assert len(made) > 10
    for number, given in made.items():
        assert given == sorted(given, reverse=True)
        assert starts[number] <= given[0]


def test_only_failures_break_promises() -> None:
    """Nodes fail: promises are broken, but none to a job under whose wait nothing has failed."""
    broken = 0
    types = [{**one, "failures": FAILURES} for one in TYPES]
    for seed in range(12):
        jobs = some_jobs(np.random.default_rng(seed), 30, slack_s=5)
        made, starts, failed_s = promises(machine(jobs, types), seed)
        for number, given in made.items():
            rises_s = [later for earlier, later in pairwise(given) if later > earlier]
            broken += len(rises_s)
            if not any(jobs[number]["submit_s"] <= time_s <= starts[number] for time_s in failed_s):
                assert not rises_s
                assert starts[number] <= given[0]
    assert broken > 0  # else nothing has been tried


@pytest.mark.parametrize("engine", ["simpy", "compiled"])
def test_no_node_is_overfull_when_nodes_fail(engine: str) -> None:
    types = [{**one, "failures": FAILURES} for one in TYPES]
    for seed in range(8):
        jobs = some_jobs(np.random.default_rng(50 + seed), 30, slack_s=5)
        journal = simulate(machine(jobs, types), seed=seed, engine=engine).journal
        used: dict[int, Counter[int]] = {}
        down: set[int] = set()
        load = [[0, 0] for _ in NODES]
        columns = (journal.event.tolist(), journal.entity.tolist(), journal.place.tolist())
        for event, job, node in zip(*columns, strict=True):
            if event == Event.TASK:
                assert node not in down
                used.setdefault(job, Counter())[node] += 1
                load[node][0] += jobs[job]["cores"]
                load[node][1] += jobs[job]["gpus"]
                assert load[node][0] <= NODES[node][0]
                assert load[node][1] <= NODES[node][1]
            elif event in (Event.END, Event.KILL, Event.INTERRUPT):
                for there, tasks in used.pop(job).items():
                    load[there][0] -= tasks * jobs[job]["cores"]
                    load[there][1] -= tasks * jobs[job]["gpus"]
            elif event == Event.FAIL:
                down.add(node)
            elif event == Event.REPAIR:
                down.discard(node)
        assert not used
        assert (journal.event == Event.END).sum() == len(jobs)
