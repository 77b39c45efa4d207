"""Replications that wait for their answers together give what they give one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import yaml

from grading.assessment import Assessor
from grading.policy_launchers import Bubblewrap
from grading.policy_sandbox import PolicyFailedError, PolicyProcess, Warm, remote
from grading.seeds import HeldOutSeeds
from grading.side_by_side import SideBySide
from labs import CATALOG, Catalog
from simulators import PolicyError, replicate

from .conftest import LAB, RUBRIC, write_lab
from .test_policies import bubblewrap_works

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SEEDS = HeldOutSeeds(bytes(32))
SCENARIO = Catalog(CATALOG).lab("batch-scheduling").scenario
SCENARIO = SCENARIO.model_copy(update={"jobs": SCENARIO.jobs.model_copy(update={"jobs": 60})})
REMEMBERING = """
asked = []
def schedule(queue, cluster, now_s):
    asked.append(now_s)
    able = [index for index, job in enumerate(queue) if job.fits]
    return able[len(asked) % len(able)]
"""


@pytest.fixture
def process() -> Iterator[PolicyProcess]:
    if not bubblewrap_works():
        pytest.skip("bubblewrap: not installed, or namespaces are not allowed; apt-get install bubblewrap")
    process = PolicyProcess(Bubblewrap())
    yield process
    process.kill()


def test_the_study_is_the_same_and_questions_travel_together(process: PolicyProcess) -> None:
    process.load(REMEMBERING)
    together: list[int] = []

    def ask_all(questions: list[tuple[str, int, tuple[object, ...]]]) -> list[object]:
        together.append(len(questions))
        return process.ask_all(questions)

    done: list[int] = []
    with remote(process, ["schedule"]) as functions:
        how = {"replications": 20, "seed": 4, "policies": functions}
        one_by_one = replicate(SCENARIO, **how)
        executor = SideBySide(ask_all)
        told = replicate(SCENARIO, executor=executor, progress=lambda n, _: done.append(n), **how)
    assert np.array_equal(told.values, one_by_one.values, equal_nan=True)
    assert max(together) == 8
    assert together.count(8) > len(together) / 2
    assert done == list(range(21))


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("1 / 0", "line 2: ZeroDivisionError"),
        ("99", "answered 99"),
        ("__import__('os')._exit(0)", "ended"),
        ("[0 for _ in iter(int, 1)]", "no answer within"),
    ],
)
def test_what_goes_wrong_in_one_stops_all(
    process: PolicyProcess, monkeypatch: pytest.MonkeyPatch, fault: str, told: str
) -> None:
    monkeypatch.setattr("grading.policy_sandbox._PATIENCE", 60)  # by processor time, however busy the machine is
    able = "next(index for index, job in enumerate(queue) if job.fits)"
    source = f"def schedule(queue, cluster, now_s):\n    return {able} if queue[-1].number < 30 else {fault}\n"
    process.load(source, answer_s=0.3)
    with remote(process, ["schedule"]) as functions, pytest.raises(PolicyError, match=told) as caught:
        replicate(SCENARIO, replications=20, seed=4, policies=functions, executor=SideBySide(process.ask_all))
    assert isinstance(caught.value.__cause__, PolicyFailedError | None)


@pytest.mark.parametrize("head", ["", "import random\n"])
def test_replications_that_are_known_change_nothing(tmp_path: Path, head: str) -> None:
    """Even where a policy throws dice: every replication begins with the same ones."""
    if not bubblewrap_works():
        pytest.skip("bubblewrap: not installed, or namespaces are not allowed; apt-get install bubblewrap")
    write_lab(tmp_path / "labs" / "release-line", rubric={**RUBRIC, "maximum_replications": 20})
    lab = {
        **LAB,
        "policies": [{"point": "release", "label": {"zh": "投料", "en": "Release"}}],
        "tolerance_points": 0.01,
    }
    (tmp_path / "labs" / "release-line" / "lab.yaml").write_text(yaml.safe_dump(lab, allow_unicode=True))
    dice = "random.random() < 0.5" if head else "now_s % 7 < 3"
    source = f"{head}def release(waiting, line, now_s):\n    return 0 if line.wip < 3 or {dice} else None\n"
    warm = Warm(Bubblewrap(), size=1)
    assessor = Assessor(tmp_path / "labs", SEEDS, warm)
    fresh, study = assessor.assess("release-line", {"policy": source})
    assert fresh.replications == 20
    few = type(study)(study.seed, study.engine, study.names, study.units, study.values[:7])
    again, _ = assessor.assess("release-line", {"policy": source}, known=few)
    warm.close()
    assert again == fresh
