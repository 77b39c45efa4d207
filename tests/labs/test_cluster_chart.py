from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from labs.cluster_chart import cluster_chart
from simulators import simulate
from simulators.compute_cluster import ComputeCluster, example


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_stay_is_a_block_that_tells_its_job(language: str) -> None:
    scenario = ComputeCluster.model_validate(
        {
            "kind": "compute_cluster",
            "horizon_s": 1000,
            "node_types": [{"name": "node", "nodes": 4, "cores": 2}],
            "jobs": {
                "kind": "list",
                "jobs": [
                    {"submit_s": 0, "run_s": 100, "tasks": 5, "user": "ann"},
                    {"submit_s": 10, "run_s": 50, "tasks": 4, "user": "ben"},
                ],
            },
        }
    )
    picture = cluster_chart(simulate(scenario, seed=1), language)
    root = ET.fromstring(picture.svg)  # noqa: S314 - our own drawing
    told = [title.text for title in root.iter("{http://www.w3.org/2000/svg}title")]
    assert told[1:] == ["0 · ann · 5 · 0–100 s", "1 · ben · 4 · 100–150 s"]
    assert "jobs waiting (at most 1)" in picture.svg or "排队作业数（最多 1）" in picture.svg


def test_a_run_with_failures_and_preemption_can_be_drawn() -> None:
    picture = cluster_chart(simulate(example(), seed=2))
    assert picture.svg.count("<path") > 100
