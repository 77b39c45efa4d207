from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import psutil
import pytest

from grading.errors import AssessmentError, SandboxStartError
from grading.sampling import Progress
from grading.sandbox import Advanced, Answer, Job, Sandbox
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


def finished(sandbox: Sandbox) -> Answer:
    found: Answer = until(lambda: isinstance(said := sandbox.wait(0.1), Answer) and said)
    return found


def assessed(sandbox: Sandbox, lab: str, decision: dict[str, int]) -> Assessment:
    sandbox.start([Job(lab, decision)])
    answer = finished(sandbox)
    assert answer.assessment is not None, answer.error
    return answer.assessment


def refused(sandbox: Sandbox, lab: str, decision: dict[str, int]) -> AssessmentError:
    sandbox.start([Job(lab, decision)])
    answer = finished(sandbox)
    assert answer.error is not None
    return answer.error


def children() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "spawn_main" in " ".join(child.cmdline())]


def test_the_same_decision_is_assessed_alike_in_every_process(sandbox: Sandbox) -> None:
    first = assessed(sandbox, "small-line", {"second_weld": 1})
    sandbox.kill()
    assert assessed(sandbox, "small-line", {"second_weld": 1}) == first
    assert first.maximum == 100
    assert first.replications == 4
    assert first.decision == {"second_weld": 1}


def test_many_decisions_are_answered_in_order_each_by_itself(sandbox: Sandbox) -> None:
    jobs = [Job("small-line", {}), Job("crashing-line", {}), Job("gone", {}), Job("small-line", {"second_weld": 1})]
    sandbox.start(jobs)
    answers = [finished(sandbox) for _ in jobs]
    assert [answer.number for answer in answers] == [0, 1, 2, 3]
    assert [answer.error is None for answer in answers] == [True, False, False, True]
    points = [answer.assessment.points for answer in answers if answer.assessment]
    assert points[1] > points[0]


def test_it_says_how_far_it_is(sandbox: Sandbox) -> None:
    sandbox.start([Job("small-line", {})])
    assert until(lambda: sandbox.wait(0.1)) == Advanced(0, Progress(0, planned=4, most=40))
    assert finished(sandbox).study is not None


def test_what_is_known_changes_nothing(sandbox: Sandbox) -> None:
    sandbox.start([Job("small-line", {})])
    first = finished(sandbox)
    sandbox.start([Job("small-line", {}, first.study)])
    again = finished(sandbox)
    assert again.assessment == first.assessment


def test_an_error_in_one_assessment_leaves_the_process_ready(sandbox: Sandbox) -> None:
    error = refused(sandbox, "crashing-line", {})
    assert "UnknownKpiError" in str(error)
    assert not error.final
    assert "no_such_kpi" in str(error.__cause__)
    assert assessed(sandbox, "small-line", {}).maximum == 100


@pytest.mark.parametrize(("lab", "decision"), [("no-such-lab", {}), ("small-line", {"second_weld": 4})])
def test_what_no_try_can_mend_is_final(sandbox: Sandbox, lab: str, decision: dict[str, int]) -> None:
    assert refused(sandbox, lab, decision).final


@pytest.mark.fault
def test_a_killed_process_is_an_error_of_the_decision_at_work_and_is_replaced(sandbox: Sandbox) -> None:
    sandbox.start([Job("small-line", {}), Job("endless-line", {}), Job("small-line", {})])
    assert finished(sandbox).number == 0
    (child,) = children()
    os.kill(child.pid, signal.SIGKILL)
    answer = finished(sandbox)
    assert answer.number == 1
    assert answer.error is not None
    assert "exit code -9" in str(answer.error)
    assert not answer.error.final
    assert assessed(sandbox, "small-line", {}).maximum == 100


@pytest.mark.fault
def test_a_process_that_does_not_come_up_is_nobodys_fault(sandbox: Sandbox) -> None:
    sandbox.start([Job("small-line", {})])
    (child,) = children()
    os.kill(child.pid, signal.SIGKILL)
    with pytest.raises(SandboxStartError, match="exit code -9"):
        finished(sandbox)


def test_killing_ends_a_simulation_at_once(sandbox: Sandbox) -> None:
    sandbox.start([Job("endless-line", {})])
    (child,) = children()
    sandbox.kill()
    assert not child.is_running()
    assert children() == []


def test_the_search_of_a_hint_gives_way_and_the_process_stays(sandbox: Sandbox) -> None:
    sandbox.start([Job("small-line", {"second_weld": 0}, hint=True)])
    sandbox.interrupt()  # it still comes up: the search has not begun
    answer = finished(sandbox)
    assert (answer.hint, answer.error) == (None, None)
    (process,) = children()
    assert assessed(sandbox, "small-line", {"second_weld": 1}).maximum == 100
    assert children() == [process]
    sandbox.start([Job("small-line", {"second_weld": 0}, hint=True)])
    assert finished(sandbox).hint is not None


def test_it_tells_its_processor_time(sandbox: Sandbox) -> None:
    assert sandbox.used_s() == 0
    sandbox.start([Job("endless-line", {})])
    until(lambda: sandbox.used_s() > 0.2)
    before_s = sandbox.used_s()
    until(lambda: sandbox.used_s() > before_s + 0.2)
    sandbox.kill()
    assert sandbox.used_s() == 0
