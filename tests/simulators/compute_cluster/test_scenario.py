from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from compute_clusters import cluster, job
from pydantic import ValidationError

from simulators import DocumentError, load_scenario
from simulators.compute_cluster import ComputeCluster

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"nodes": 0}, "node_types.0.nodes"),
        ({"jobs": [job(0, 10, 5)]}, "jobs.jobs.0: 5 tasks of 1 cores are more than partition 'all' holds, which is 4"),
        ({"jobs": [job(0, 10, gpus=1)]}, "jobs.jobs.0: 1 tasks of 1 cores, 1 gpus are more"),
        ({"jobs": [job(-1, 10)]}, "submit_s"),
        ({"jobs": [job(0, -10)]}, "run_s"),
        ({"jobs": [job(0, 10, after=["ghost"])]}, "'ghost' is the name of no job"),
        ({"jobs": [job(0, 1, name="a", after=["b"]), job(0, 1, name="b", after=["a"])]}, "break the circle"),
        ({"jobs": [job(0, 1, name="a"), job(0, 1, name="a")]}, "stands at two jobs"),
        ({"jobs": [job(0, 10, queue="night")]}, "'night' is no partition; give one of: all"),
        ({"node": {"idle_w": 10, "busy_w": 5}}, "busy_w = 5 must be ≥ idle_w = 10"),
        ({"node": {"gpu_type": "a100"}}, "gpus = 0"),
        ({"scheduler": {"backfilling": "conservative"}}, "set over_estimate = 'kill'"),
        ({"scheduler": {"backfilling": "easy", "time_slicing": {"quantum_s": 1}}}, "time_slicing needs"),
        ({"scheduler": {"order": {"kind": "luck"}}}, "order"),
        ({"tariff": {"periods": [{"from_hour": 3, "price_per_kwh": 1}]}}, "must be 0: the day begins there"),
        ({"partitions": [{"name": "p", "node_types": ["moon"]}]}, "'moon' is no node type"),
        ({"wind": 3}, "wind"),
    ],
)
def test_what_cannot_be_is_refused_with_field_value_and_bound(changes: dict[str, Any], words: str) -> None:
    arguments: dict[str, Any] = {"jobs": [job(0, 10)], **changes}
    with pytest.raises(ValidationError) as caught:
        cluster(arguments.pop("jobs"), **arguments)
    told = str(caught.value).replace("\n  ", ": ")
    assert words in told


FILE = """\
kind: compute_cluster
horizon_s: 100
node_types:
  - name: node
    nodes: NODES
jobs:
  kind: list
  jobs:
    - {submit_s: 0, run_s: 5, name: a}
    - submit_s: SUBMIT
      run_s: 5
      name: NAME
      tasks: TASKS
      after: [AFTER]
"""
GOOD = {"NODES": "4", "SUBMIT": "1", "NAME": "b", "TASKS": "1", "AFTER": "a"}


@pytest.mark.parametrize(
    ("word", "value", "told"),
    [
        ("TASKS", "9", ":10: jobs.jobs.1: 9 tasks of 1 cores are more than partition 'all' holds, which is 4"),
        ("NODES", "0", ":5: node_types.0.nodes = 0"),
        ("SUBMIT", "-1", ":10: jobs.jobs.1.submit_s = -1"),
        ("NAME", "a", ":12: jobs: jobs.1.name = 'a' stands at two jobs"),
        ("AFTER", "ghost", ":14: jobs: jobs.1.after = 'ghost' is the name of no job"),
        ("AFTER", "b", ":14: jobs: jobs.1.after = 'b' waits, through others, for the job itself"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_name_and_line(word: str, value: str, told: str, tmp_path: Path) -> None:
    content = FILE
    for blank, filling in {**GOOD, word: value}.items():
        content = content.replace(blank, filling)
    (tmp_path / "scenario.yaml").write_text(content)
    with pytest.raises(DocumentError) as caught:
        load_scenario(tmp_path / "scenario.yaml")
    assert len(caught.value.problems) == 1
    assert told in str(caught.value)


def test_conservative_needs_nodes_that_stay_awake() -> None:
    settings = {"backfilling": "conservative", "over_estimate": "kill"}
    with pytest.raises(ValidationError, match="which a node that sleeps would break"):
        cluster([job(0, 1)], node={"sleep": {"after_s": 5, "wake_s": 5}}, scheduler=settings)


def test_a_scenario_survives_the_way_through_json() -> None:
    one = cluster([job(0, 10, name="a"), job(1, 10, after=["a"])], scheduler={"order": {"kind": "multifactor"}})
    assert ComputeCluster.model_validate_json(one.model_dump_json()) == one
