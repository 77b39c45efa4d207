from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from grading.errors import AssessmentError
from grading.sandbox import Sandbox
from grading.seeds import HeldOutSeeds

from .conftest import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from grading.assessment import Assessment

SEEDS = HeldOutSeeds(bytes(32))


@pytest.fixture
def sandbox(catalog: Path) -> Iterator[Sandbox]:
    made = Sandbox(catalog, SEEDS)
    yield made
    made.kill()


def finished(sandbox: Sandbox) -> Assessment:
    found: Assessment = until(lambda: sandbox.wait(0.1))
    return found


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_the_same_decision_is_assessed_alike_in_every_process(sandbox: Sandbox) -> None:
    sandbox.start("small-line", {"second_weld": 1})
    first = finished(sandbox)
    sandbox.kill()
    sandbox.start("small-line", {"second_weld": 1})
    assert finished(sandbox) == first
    assert first.maximum == 100
    assert first.replications == 4
    assert first.decision == {"second_weld": 1}


def test_a_better_decision_earns_more(sandbox: Sandbox) -> None:
    points = []
    for machines in (0, 1):
        sandbox.start("small-line", {"second_weld": machines})
        points.append(finished(sandbox).points)
    assert points[1] > points[0]


def test_an_error_in_one_assessment_leaves_the_process_ready(sandbox: Sandbox) -> None:
    sandbox.start("crashing-line", {})
    with pytest.raises(AssessmentError, match="UnknownKpiError") as caught:
        finished(sandbox)
    assert not caught.value.final
    assert "no_such_kpi" in str(caught.value.__cause__)
    sandbox.start("small-line", {})
    assert finished(sandbox).maximum == 100


@pytest.mark.parametrize(("lab", "decision"), [("no-such-lab", {}), ("small-line", {"second_weld": 4})])
def test_what_no_try_can_mend_is_final(sandbox: Sandbox, lab: str, decision: dict[str, int]) -> None:
    sandbox.start(lab, decision)
    with pytest.raises(AssessmentError) as caught:
        finished(sandbox)
    assert caught.value.final


@pytest.mark.fault
def test_a_killed_process_is_an_error_and_is_replaced(sandbox: Sandbox) -> None:
    sandbox.start("endless-line", {})
    assert sandbox.wait(0.1) is None
    (child,) = children()
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(AssessmentError, match="exit code -9") as caught:
        finished(sandbox)
    assert not caught.value.final
    sandbox.start("small-line", {})
    assert finished(sandbox).maximum == 100


def test_killing_ends_a_simulation_at_once(sandbox: Sandbox) -> None:
    sandbox.start("endless-line", {})
    (child,) = children()
    sandbox.kill()
    assert not child.is_running()
    assert children() == []
