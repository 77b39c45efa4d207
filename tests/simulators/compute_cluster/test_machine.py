from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compute_clusters import cluster, job, starts
from pydantic import ValidationError

from simulators import simulate
from simulators.compute_cluster import ComputeCluster, Event

pytestmark = pytest.mark.parametrize("engine", ["simpy", "compiled"])


def nodes_of(scenario: ComputeCluster, number: int, engine: str) -> list[int]:
    journal = simulate(scenario, seed=1, engine=engine).journal
    return journal.place[(journal.event == Event.TASK) & (journal.entity == number)].tolist()


def always(value_s: float) -> dict[str, Any]:
    return {"kind": "deterministic", "value_s": value_s}


FOUR_CORES = {"cores": 4, "nodes_per_rack": 2}


def test_packing_fills_the_fullest_node_first(engine: str) -> None:
    scenario = cluster([job(0, 100, 3), job(1, 100, 1), job(2, 100, 2)], node=FOUR_CORES)
    assert nodes_of(scenario, 0, engine) == [0, 0, 0]
    assert nodes_of(scenario, 1, engine) == [0]
    assert nodes_of(scenario, 2, engine) == [1, 1]


def test_spreading_takes_turns_among_the_emptiest(engine: str) -> None:
    scenario = cluster([job(0, 100, 3), job(1, 100, 6)], node=FOUR_CORES, scheduler={"placement": "spreading"})
    assert nodes_of(scenario, 0, engine) == [0, 1, 2]
    assert nodes_of(scenario, 1, engine) == [3, 0, 1, 2, 3, 0]


def test_a_gang_stays_in_one_rack_where_one_has_room(engine: str) -> None:
    jobs = [job(0, 100, 5), job(1, 100, 4), job(2, 100, 6)]
    scenario = cluster(jobs, node=FOUR_CORES, cross_rack_slowdown=0.5, scheduler={"same_rack": True})
    assert nodes_of(scenario, 0, engine) == [0, 0, 0, 0, 1]
    assert nodes_of(scenario, 1, engine) == [2, 2, 2, 2]
    # The third finds room in both racks only, and is slower for it.
    assert nodes_of(scenario, 2, engine) == [3, 3, 3, 3, 1, 1]
    assert starts(scenario, engine=engine, event=Event.END) == {0: [100], 1: [101], 2: [152]}


def test_gpus_memory_and_types_decide_where_a_task_fits(engine: str) -> None:
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1000,
            "node_types": [
                {"name": "old", "nodes": 1, "cores": 8, "gpus": 2, "gpu_type": "v100", "memory_gib": 64},
                {"name": "new", "nodes": 2, "cores": 8, "gpus": 4, "gpu_type": "a100", "memory_gib": 64},
            ],
            "jobs": {
                "kind": "list",
                "jobs": [
                    job(0, 10, 2, gpus=2, gpu_type="a100", memory_gib=40),
                    job(0, 10, 1, gpus=2),
                    job(0, 10, 1, gpus=1, gpu_type="a100", memory_gib=30),
                ],
            },
        }
    )
    assert nodes_of(scenario, 0, engine) == [1, 2]  # memory keeps both tasks from one node
    assert nodes_of(scenario, 1, engine) == [0]  # any GPU will do: the fullest node takes it
    assert starts(scenario, engine=engine)[2] == [10]


def test_a_failure_throws_a_job_back_to_its_last_checkpoint(engine: str) -> None:
    failing = {"failures": {"up_time": always(35), "repair_time": always(5)}}
    scenario = cluster(
        [job(0, 40, 1, checkpoint={"interval_s": 10, "cost_s": 1, "restart_s": 2})], nodes=1, node=failing
    )
    # By 35 three checkpoints are written (11, 22, 33): 10 s are left; up again at 40, 2 s to read.
    assert starts(scenario, engine=engine, event=Event.INTERRUPT) == {0: [35]}
    assert starts(scenario, engine=engine, event=Event.END) == {0: [52]}


def test_without_a_checkpoint_it_begins_again(engine: str) -> None:
    failing = {"failures": {"up_time": always(35), "repair_time": always(5)}}
    scenario = cluster([job(0, 20, 1), job(15, 20, 1)], nodes=1, node=failing)
    assert starts(scenario, engine=engine) == {0: [0], 1: [20, 40]}
    assert starts(scenario, engine=engine, event=Event.END) == {0: [20], 1: [60]}


def test_a_rack_takes_all_its_nodes_down(engine: str) -> None:
    failing = {"nodes_per_rack": 2, "rack_failures": {"up_time": always(30), "repair_time": always(10)}}
    journal = simulate(cluster([job(0, 100, 4)], node=failing, horizon_s=45.0), seed=1, engine=engine).journal
    down = journal.event == Event.FAIL
    names = [journal.places[place] for place in journal.place[down]]
    assert names == ["rack.node.1", "node.1", "node.2", "rack.node.2", "node.3", "node.4"]
    assert set(journal.time_s[down]) == {30.0}
    assert (journal.event == Event.REPAIR).sum() == 6


def test_idle_nodes_sleep_and_are_woken_when_needed(engine: str) -> None:
    sleepy = {"sleep": {"after_s": 10, "wake_s": 5}}
    scenario = cluster([job(0, 4, 4), job(50, 4, 2)], node=sleepy)
    journal = simulate(scenario, seed=1, engine=engine).journal
    asleep = journal.event == Event.SLEEP
    assert journal.time_s[asleep].tolist() == [14.0] * 4
    woken = journal.event == Event.WAKE
    assert journal.place[woken].tolist() == [0, 1]
    assert starts(scenario, engine=engine)[1] == [55]


def test_nothing_runs_on_a_node_that_is_down(engine: str) -> None:
    failing = {"failures": {"up_time": {"kind": "exponential", "mean_s": 50}, "repair_time": always(20)}}
    jobs = [job(float(number), 30, 1 + number % 3) for number in range(30)]
    scenario = cluster(jobs, node=failing, horizon_s=2000.0, scheduler={"backfilling": "easy"})
    journal = simulate(scenario, seed=3, engine=engine).journal
    up = np.ones(4, np.bool_)
    for event, place in zip(journal.event.tolist(), journal.place.tolist(), strict=True):
        if event in (Event.FAIL, Event.REPAIR):
            up[place] = event == Event.REPAIR
        elif event == Event.TASK:
            assert up[place]


POWER = {"nodes_per_rack": 2, "idle_w": 100, "busy_w": 400, "rack_limit_w": 600}


def test_a_start_waits_that_would_exceed_a_racks_power(engine: str) -> None:
    # Two idle nodes take 200 W, a task 300 W more: there is power for one task a rack.
    scenario = cluster([job(0, 10), job(0, 10), job(0, 10)], node=POWER)
    assert [nodes_of(scenario, number, engine) for number in range(3)] == [[0], [2], [0]]
    assert starts(scenario, engine=engine) == {0: [0], 1: [0], 2: [10]}
    kpis = simulate(scenario, seed=1, engine=engine).kpis
    assert kpis["rack_power_max_w"].value == 500
    assert kpis["rack_overload_s"].value == 0


def test_a_head_that_waits_for_power_is_not_put_off(engine: str) -> None:
    # Cores are free on both nodes; the head needs 2 × 150 W of the 450 W, and its turn comes at 10.
    node = {"cores": 4, "nodes_per_rack": 2, "idle_w": 100, "busy_w": 400, "rack_limit_w": 650}
    jobs = [job(0, 10, 2, cores=2), job(1, 10, 2, cores=2), job(2, 30, 1, cores=1), job(2, 5, 1, cores=1)]
    scenario = cluster(jobs, nodes=2, node=node, scheduler={"backfilling": "easy"})
    # The third takes 75 W for long, which leaves the head its 300 W at 10; the fourth is done by then.
    assert starts(scenario, engine=engine) == {0: [0], 1: [10], 2: [2], 3: [2]}


def test_what_no_rack_can_feed_is_refused(engine: str) -> None:
    del engine
    with pytest.raises(ValidationError, match="3 tasks of 1 cores are more than partition 'all' holds, which is 2"):
        cluster([job(0, 10, 3)], node=POWER)
    with pytest.raises(ValidationError, match="rack_limit_w = 150 must be ≥ 200"):
        cluster([job(0, 10)], node={**POWER, "rack_limit_w": 150})


def test_conservative_plans_with_power(engine: str) -> None:
    settings = {"backfilling": "conservative", "over_estimate": "kill"}
    scenario = cluster([job(0, 10, 1), job(0, 20, 2), job(0, 10, 1)], node=POWER, scheduler=settings)
    assert starts(scenario, engine=engine) == {0: [0], 1: [10], 2: [0]}
