from __future__ import annotations

import math
from typing import Any

import pytest
from compute_clusters import clusters
from hypothesis import HealthCheck, given, settings

from simulators import simulate
from simulators.compute_cluster import ComputeCluster


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(clusters())
def test_engines_give_the_same_journal(scenario: ComputeCluster) -> None:
    one = simulate(scenario, seed=5, engine="simpy")
    other = simulate(scenario, seed=5, engine="compiled")
    assert one.journal == other.journal
    assert one.kpis.keys() == other.kpis.keys()
    for name, kpi in one.kpis.items():
        assert kpi.value == other.kpis[name].value or math.isnan(kpi.value)


FAILURES = {
    "up_time": {"kind": "exponential", "mean_s": 20_000.0},
    "repair_time": {"kind": "exponential", "mean_s": 500.0},
}
SEARCH = {
    "name": "search",
    "interval": {"kind": "exponential", "mean_s": 400.0},
    "run": {"kind": "exponential", "mean_s": 200.0},
    "array": 20,
    "at_once": 3,
    "cores": 2,
}
BATCH = {
    "name": "batch",
    "interval": {"kind": "exponential", "mean_s": 40.0},
    "run": {"kind": "gamma", "shape": 0.5, "mean_s": 500.0},
    "estimate_factor": 3.0,
    "sizes": [{"tasks": 1, "weight": 5}, {"tasks": 4}],
    "priority": 5,
}


@pytest.mark.parametrize(
    ("scheduler", "node"),
    [
        ({"order": {"kind": "f1"}, "backfilling": "easy"}, {"failures": FAILURES}),
        ({"order": {"kind": "sjf"}, "backfilling": "none"}, {}),
        ({"order": {"kind": "unicep"}, "backfilling": "easy", "preemption": True}, {"rack_failures": FAILURES}),
        ({"time_slicing": {"quantum_s": 30.0, "rows": 3}}, {}),
    ],
    ids=["f1_easy_failures", "sjf", "unicep_preemption", "time_slicing"],
)
def test_engines_agree_while_jobs_are_drawn_block_by_block(scheduler: dict[str, Any], node: dict[str, Any]) -> None:
    """Jobs wait for others, fail, stay long and short: their rows in the compiled engine move again and again."""
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1e9,
            "node_types": [{"name": "node", "nodes": 6, "nodes_per_rack": 3, "cores": 5, **node}],
            "jobs": {"kind": "mix", "classes": [SEARCH, BATCH], "most_jobs": 6000},
            "scheduler": scheduler,
        }
    )
    one = simulate(scenario, seed=5, engine="simpy")
    assert one.journal == simulate(scenario, seed=5, engine="compiled").journal
    assert one.kpis["jobs_ended"].value == 6000


def test_engines_agree_on_promises_by_nodes_while_jobs_are_drawn_block_by_block() -> None:
    """More jobs than a block, on nodes that fail: promises are made anew, and their lists outgrow their room."""
    seldom = {"kind": "exponential", "mean_s": 900.0}
    classes = [{**SEARCH, "interval": {"kind": "exponential", "mean_s": 6000.0}}, {**BATCH, "interval": seldom}]
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1e9,
            "node_types": [
                {"name": "thin", "nodes": 3, "cores": 2, "failures": FAILURES},
                {"name": "fat", "nodes": 2, "cores": 4},
            ],
            "jobs": {"kind": "mix", "classes": classes, "most_jobs": 1500},
            "scheduler": {"backfilling": "conservative", "over_estimate": "kill"},
        }
    )
    one = simulate(scenario, seed=5, engine="simpy")
    assert one.journal == simulate(scenario, seed=5, engine="compiled").journal
    assert one.kpis["interruptions"].value > 0
    assert one.kpis["jobs_ended"].value == 1500
