"""What the commands do to a running cluster."""

from __future__ import annotations

from typing import Any

import pytest

from simulators import CommandError
from simulators.compute_cluster import ComputeCluster, Event
from twins.twin import Twin


def cluster(jobs: list[dict[str, Any]], nodes: int = 2, node: dict[str, Any] | None = None, **more: Any) -> Twin:
    content = {
        "kind": "compute_cluster",
        "horizon_s": 10_000,
        "node_types": [{"name": "cpu", "nodes": nodes} | (node or {})],
        "jobs": {"kind": "list", "jobs": jobs},
        **more,
    }
    return Twin(ComputeCluster.model_validate(content), seed=1)


def do(twin: Twin, command: str, **fields: Any) -> None:
    twin.apply({"command": command, **fields}, who="operator")


def states(twin: Twin) -> list[str]:
    return [node["state"] for node in twin.snapshot()["nodes"]]


def times(twin: Twin, event: Event) -> list[float]:
    journal = twin.journal()
    found: list[float] = journal.time_s[journal.event == event].tolist()
    return found


def hourly(count: int, run_s: float = 100) -> list[dict[str, Any]]:
    return [{"submit_s": 0, "run_s": run_s} for _ in range(count)]


def test_a_drained_node_ends_what_runs_and_takes_nothing_new() -> None:
    twin = cluster(hourly(4))
    twin.advance(50)
    do(twin, "drain_node", node="cpu.1")
    assert states(twin) == ["draining", "up"]
    twin.advance(150)
    assert states(twin) == ["drained", "up"]
    assert times(twin, Event.START) == [0, 0, 100]
    do(twin, "resume_node", node="cpu.1")
    twin.advance(151)
    assert times(twin, Event.START) == [0, 0, 100, 150]


def test_a_failed_node_interrupts_its_job_until_it_is_repaired() -> None:
    twin = cluster(hourly(2))
    twin.advance(50)
    do(twin, "fail_node", node="cpu.2")
    assert states(twin) == ["up", "down"]
    assert times(twin, Event.INTERRUPT) == [50]
    twin.advance(90)
    do(twin, "repair_node", node="cpu.2")
    twin.advance(95)
    assert times(twin, Event.START) == [0, 0, 90]


def test_a_failure_may_end_by_itself() -> None:
    twin = cluster(hourly(2))
    twin.advance(50)
    do(twin, "fail_node", node="cpu.2", repair_time_s=30)
    twin.advance(100)
    assert times(twin, Event.REPAIR) == [80]


def test_who_repairs_early_calls_off_the_repair_that_is_under_way() -> None:
    failures = {
        "up_time": {"kind": "deterministic", "value_s": 100},
        "repair_time": {"kind": "deterministic", "value_s": 50},
    }
    twin = cluster(hourly(1, 5000), nodes=1, node={"failures": failures})
    twin.advance(120)
    do(twin, "repair_node", node="cpu.1")
    twin.advance(200)
    assert times(twin, Event.REPAIR) == [120]
    twin.advance(230)
    assert times(twin, Event.FAIL) == [100, 220]


def test_a_node_is_not_repaired_while_its_rack_is_down() -> None:
    failures = {
        "up_time": {"kind": "deterministic", "value_s": 100},
        "repair_time": {"kind": "deterministic", "value_s": 50},
    }
    twin = cluster(hourly(1, 5000), node={"rack_failures": failures})
    twin.advance(120)
    with pytest.raises(CommandError, match=r"node = 'cpu\.1': is down with its whole rack"):
        do(twin, "repair_node", node="cpu.1")


def test_nothing_starts_from_a_held_queue() -> None:
    twin = cluster(hourly(4))
    twin.advance(50)
    queue = twin.snapshot()["queues"][0]["name"]
    do(twin, "hold_queue", queue=queue)
    twin.advance(150)
    assert twin.snapshot()["queues"][0] == {"name": queue, "held": True, "waiting": [2, 3]}
    do(twin, "release_queue", queue=queue)
    twin.advance(151)
    assert times(twin, Event.START) == [0, 0, 150, 150]


def test_a_sleeping_node_that_is_drained_is_not_woken() -> None:
    later = [{"submit_s": 500, "run_s": 10}]
    twin = cluster(later, nodes=1, node={"sleep": {"after_s": 60, "wake_s": 30}})
    twin.advance(100)
    do(twin, "drain_node", node="cpu.1")
    twin.advance(600)
    assert times(twin, Event.WAKE) == []
    do(twin, "resume_node", node="cpu.1")
    twin.advance(700)
    assert times(twin, Event.WAKE) == [600]
    assert times(twin, Event.START) == [630]


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ({"command": "drain_node", "node": "gpu.1"}, r"node = 'gpu\.1': is not there; choose one of: cpu\.1, cpu\.2"),
        ({"command": "resume_node", "node": "cpu.1"}, r"node = 'cpu\.1': is not drained"),
        ({"command": "repair_node", "node": "cpu.1"}, r"node = 'cpu\.1': is not down"),
        ({"command": "fail_node", "node": "cpu.1", "repair_time_s": -1.0}, r"repair_time_s = -1\.0: "),
        ({"command": "hold_queue", "queue": "night"}, r"queue = 'night': is not there"),
    ],
)
def test_what_cannot_be_done_is_refused(command: dict[str, Any], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        cluster(hourly(1)).apply(command, who="operator")


def test_nodes_stay_where_the_scheduler_plans_with_all_of_them() -> None:
    twin = cluster(hourly(1), scheduler={"time_slicing": {"quantum_s": 10}})
    with pytest.raises(CommandError, match="time_slicing plans with every node"):
        do(twin, "drain_node", node="cpu.1")


CONSERVATIVE = {"backfilling": "conservative", "over_estimate": "kill"}
MIXED = [{"submit_s": 0, "run_s": 100, "cores": 2}, {"submit_s": 0, "run_s": 100}, {"submit_s": 0, "run_s": 100}]


def test_promises_are_made_anew_when_a_node_is_drained_and_moved_forward_when_it_is_back() -> None:
    twin = cluster(MIXED, node={"cores": 2}, scheduler=CONSERVATIVE)
    do(twin, "drain_node", node="cpu.1")
    twin.advance(10)
    assert times(twin, Event.START) == [0]  # the others are promised the one node that is left, at 100
    do(twin, "resume_node", node="cpu.1")
    twin.advance(11)
    assert times(twin, Event.START) == [0, 10, 10]


def test_a_held_queue_keeps_no_promises() -> None:
    twin = cluster(MIXED, node={"cores": 2}, scheduler=CONSERVATIVE)
    do(twin, "hold_queue", queue="all")
    twin.advance(50)
    do(twin, "release_queue", queue="all")
    twin.advance(51)
    assert times(twin, Event.START) == [50, 50, 50]


def test_a_plan_that_counts_refuses_to_lose_a_node() -> None:
    twin = cluster(hourly(2), scheduler=CONSERVATIVE)
    with pytest.raises(CommandError, match="conservative backfilling plans with every node"):
        do(twin, "drain_node", node="cpu.1")
