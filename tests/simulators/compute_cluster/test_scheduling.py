from __future__ import annotations

from typing import Any

import pytest
from compute_clusters import cluster, job, starts

from simulators.compute_cluster import Event

ENGINES = pytest.mark.parametrize("engine", ["simpy", "compiled"])
pytestmark = ENGINES


def first_starts(jobs: list[dict[str, Any]], engine: str, **rest: Any) -> list[float | None]:
    found = starts(cluster(jobs, **rest), engine=engine)
    return [found[number][0] if number in found else None for number in range(len(jobs))]


# Four nodes: a job of 3 runs, one of 4 waits for it at the head, a long and a short one come after.
QUEUE = [job(0, 100, 3), job(1, 50, 4), job(2, 300, 1), job(3, 20, 1)]


def test_fcfs_lets_nobody_overtake(engine: str) -> None:
    assert first_starts(QUEUE, engine) == [0, 100, 150, 150]


def test_easy_lets_overtake_who_does_not_delay_the_head(engine: str) -> None:
    assert first_starts(QUEUE, engine, scheduler={"backfilling": "easy"}) == [0, 100, 150, 3]


def test_easy_uses_the_extra_nodes_up(engine: str) -> None:
    # At 100 the head needs 2 of 4 nodes: two long jobs may pass it, the third may not.
    jobs = [job(0, 100, 3), job(1, 50, 2), job(2, 300, 1), job(3, 300, 1)]
    assert first_starts(jobs, engine, nodes=4, scheduler={"backfilling": "easy"}) == [0, 100, 2, 100]


def test_conservative_keeps_every_promise(engine: str) -> None:
    # Under EASY job 3 would pass and delay job 2; here job 2 was promised the start at 150.
    jobs = [job(0, 100, 3), job(1, 50, 4), job(2, 60, 3), job(3, 200, 1)]
    settings = {"backfilling": "conservative", "over_estimate": "kill"}
    assert first_starts(jobs, engine, scheduler=settings) == [0, 100, 150, 150]


def test_conservative_moves_forward_when_a_job_ends_early(engine: str) -> None:
    jobs = [job(0, 40, 4, estimate_s=100), job(1, 10, 4), job(2, 10, 4)]
    settings = {"backfilling": "conservative", "over_estimate": "kill"}
    assert first_starts(jobs, engine, scheduler=settings) == [0, 40, 50]


@pytest.mark.parametrize(
    ("order", "first"),
    [("fcfs", 1), ("sjf", 2), ("ljf", 1), ("saf", 3), ("wfp3", 2), ("unicep", 3), ("f1", 1)],
)
def test_orders(engine: str, order: str, first: int) -> None:
    # All wait for the same end at 1000: long and wide, short and wide, of medium length on one node.
    jobs = [job(0, 1000, 4), job(10, 500, 4), job(20, 50, 4), job(30, 90, 1)]
    found = first_starts(jobs, engine, scheduler={"order": {"kind": order}})
    assert found[first] == 1000
    assert sum(start == 1000 for start in found) == 1 or first == 3


def test_completions_come_before_arrivals_and_one_pass_follows(engine: str) -> None:
    # At 10 the first job ends and a shorter one arrives: the pass sees both.
    jobs = [job(0, 10, 4), job(1, 50, 4), job(10, 5, 4)]
    assert first_starts(jobs, engine, scheduler={"order": {"kind": "sjf"}}) == [0, 15, 10]


def test_a_job_of_no_length_ends_at_once(engine: str) -> None:
    assert first_starts([job(0, 0, 4), job(0, 5, 4)], engine) == [0, 0]


def test_a_job_is_killed_at_its_estimate(engine: str) -> None:
    scenario = cluster([job(0, 50, 4, estimate_s=20), job(1, 5, 4)], scheduler={"over_estimate": "kill"})
    assert starts(scenario, engine=engine) == {0: [0], 1: [20]}
    assert starts(scenario, engine=engine, event=Event.KILL) == {0: [20]}


def test_preemption_takes_the_least_important_and_latest_started(engine: str) -> None:
    jobs = [
        job(0, 100, 1, priority=5),
        job(0, 100, 1, priority=1),
        job(1, 100, 1, priority=1, checkpoint={"interval_s": 30, "cost_s": 2, "restart_s": 3}),
        job(1, 100, 1, priority=1),
        job(10, 20, 2, priority=9),
    ]
    scenario = cluster(jobs, scheduler={"preemption": True})
    assert starts(scenario, engine=engine, event=Event.PREEMPT) == {3: [10], 2: [10]}
    ends = starts(scenario, engine=engine, event=Event.END)
    assert ends[4] == [30]
    # Work left 91 s; 3 s to read, 2 s for the writing at the preemption; three checkpoints of 2 s on the way.
    assert ends[2] == [30 + 91 + 5 + 3 * 2]
    assert ends[3] == [130]  # without checkpoints it begins again


def test_dependants_wait_think_and_are_cancelled(engine: str) -> None:
    jobs = [
        job(0, 10, name="a"),
        job(0, 5, after=["a"], think_s=4),
        job(0, 50, name="late", estimate_s=20),
        job(1, 5, name="hopeless", after=["late"]),
        job(1, 5, after=["hopeless"]),
    ]
    scenario = cluster(jobs, scheduler={"over_estimate": "kill"})
    assert starts(scenario, engine=engine) == {0: [0], 1: [14], 2: [0]}
    assert starts(scenario, engine=engine, event=Event.CANCEL) == {3: [20], 4: [20]}


def test_rows_take_turns(engine: str) -> None:
    # Two jobs that need the whole machine share it by halves: 10 s of work each, in quanta of 1 s.
    scenario = cluster([job(0, 10, 4), job(0, 10, 4)], scheduler={"time_slicing": {"quantum_s": 1}})
    assert starts(scenario, engine=engine, event=Event.END) == {0: [19], 1: [20]}


def test_fair_share_prefers_who_has_used_less(engine: str) -> None:
    jobs = [job(0, 100, 4, user="ann"), job(1, 10, 4, user="ann"), job(2, 10, 4, user="ben")]
    order = {"kind": "multifactor", "age_weight": 0}
    assert first_starts(jobs, engine, scheduler={"order": order}) == [0, 110, 100]


def test_old_usage_is_forgotten(engine: str) -> None:
    jobs = [
        job(0, 100, 4, user="ann"),
        job(10_000, 90, 4, user="ben"),
        job(10_001, 10, 4, user="ben"),
        job(10_002, 10, 4, user="ann"),
    ]
    for half_life_s, first in ((10.0, 3), (1e7, 2)):
        order = {"kind": "multifactor", "age_weight": 0, "half_life_s": half_life_s}
        assert first_starts(jobs, engine, scheduler={"order": order})[first] == 10_090
