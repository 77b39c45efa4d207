"""Studies and sweeps: which replications, antithetic pairs, what is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulators import CheckpointError, replicate, simulate, sweep
from simulators.statistics import SettingError, paired_t

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulators import Study


def test_progress_is_told_after_each_replication(queue: Callable[..., Any]) -> None:
    told: list[tuple[int, int]] = []
    replicate(queue(), replications=3, seed=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"replications": 0}, "replications = 0 must be ≥ 1"),
        ({"replications": 2, "first": -1}, "first = -1 must be ≥ 0"),
        ({"replications": 0, "antithetic": True}, "replications = 0 must be ≥ 2 and even, for antithetic pairs"),
        ({"replications": 5, "antithetic": True}, "replications = 5 must be ≥ 2 and even, for antithetic pairs"),
        ({"replications": 4, "first": 3, "antithetic": True}, "first = 3 must be ≥ 0 and even, for antithetic pairs"),
    ],
)
def test_bad_numbers_of_replications_are_refused(
    queue: Callable[..., Any], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        replicate(queue(), seed=1, **settings)


def test_a_sweep_of_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match=r"scenarios = {} must be at least one"):
        sweep({}, replications=1, seed=1)


def test_a_study_may_begin_at_any_replication(queue: Callable[..., Any]) -> None:
    whole = replicate(queue(), replications=9, seed=1)
    part = replicate(queue(), replications=4, seed=1, first=5)
    assert (whole.first, part.first) == (0, 5)
    assert part.values.tobytes() == whole.values[5:].tobytes()


def test_a_checkpoint_serves_studies_that_begin_elsewhere(queue: Callable[..., Any], tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    def study(first: int, replications: int) -> tuple[Study, int]:
        told: list[int] = []
        found = replicate(
            queue(),
            replications=replications,
            first=first,
            seed=1,
            checkpoint=kept,
            progress=lambda done, _: told.append(done),
        )
        return found, told[0]

    whole = replicate(queue(), replications=12, seed=1).values
    for first, replications, before in ((4, 4, 0), (2, 4, 2), (6, 6, 2), (0, 12, 10), (3, 5, 5)):
        found, done = study(first, replications)
        assert done == before
        assert found.values.tobytes() == whole[first : first + replications].tobytes()


def test_a_checkpoint_tells_antithetic_pairs_from_others(queue: Callable[..., Any], tmp_path: Path) -> None:
    replicate(queue(), replications=2, seed=1, checkpoint=tmp_path / "kept")
    with pytest.raises(CheckpointError, match="what differs: antithetic = False there, True here"):
        replicate(queue(), replications=2, seed=1, antithetic=True, checkpoint=tmp_path / "kept")


def test_an_antithetic_study_is_runs_of_opposite_luck(queue: Callable[..., Any]) -> None:
    study = replicate(queue(), replications=4, seed=1, antithetic=True)
    assert study.antithetic
    for number in range(4):
        run = simulate(queue(), seed=1, replication=number, antithetic=True)
        assert run.antithetic
        assert study.values[number].tolist() == [kpi.value for kpi in run.kpis.values()]
    later = replicate(queue(), replications=2, first=2, seed=1, antithetic=True)
    assert later.values.tobytes() == study.values[2:].tobytes()


def test_antithetic_pairs_of_a_queue_are_sharper_and_right(queue: Callable[..., Any]) -> None:
    """M/M/1 at load 0.5 waits 1 s in the mean. Long waits come of long services and short intervals: opposite luck,
    opposite waits. The pairs' means vary less than those of two independent runs, and still hold the truth."""
    scenario = queue(horizon_s=1100, warm_up_s=100)
    pairs = replicate(scenario, replications=160, seed=5, antithetic=True)
    alone = replicate(scenario, replications=160, seed=5)
    waits_s = pairs.values[:, 0].reshape(-1, 2)
    assert np.corrcoef(waits_s.T)[0, 1] < -0.1
    assert pairs.estimate("wait_mean_s").half_width_95 < 0.95 * alone.estimate("wait_mean_s").half_width_95
    for study in (pairs, alone):
        estimate = study.estimate("wait_mean_s")
        assert estimate.mean == pytest.approx(1, abs=1.7 * estimate.half_width_95)  # 99.9 %
    # What is nearly linear in the luck hardly varies any more.
    assert pairs.estimate("service_mean_s").half_width_95 < 0.7 * alone.estimate("service_mean_s").half_width_95


def test_known_services_sharpen_the_wait_of_a_queue(queue: Callable[..., Any]) -> None:
    """The mean service of M/M/1 is known; by it and the number served the mean wait is told more sharply."""
    study = replicate(queue(horizon_s=1100, warm_up_s=100), replications=120, seed=9)
    plain, sharp = (
        study.estimate("wait_mean_s"),
        study.controlled("wait_mean_s", {"service_mean_s": 1.0, "served": 500.0}),
    )
    assert sharp.interval.half_width < 0.9 * plain.half_width_95
    assert sharp.p_value < 0.001
    assert sharp.interval.mean == pytest.approx(1, abs=1.8 * sharp.interval.half_width)


def test_plans_meet_the_same_luck(queue: Callable[..., Any]) -> None:
    plans = sweep({"now": queue(), "faster": queue(service_s=0.9)}, replications=20, seed=2)
    waits_s = plans.observations("wait_mean_s")
    assert waits_s.shape == (20, 2)
    found = paired_t(waits_s[:, 0], waits_s[:, 1])
    assert found.differs
    assert found.interval.mean > 0
    assert found.variance_ratio < 0.3


def test_an_antithetic_sweep_compares_pairs(queue: Callable[..., Any]) -> None:
    plans = sweep({"now": queue(), "faster": queue(service_s=0.9)}, replications=20, seed=2, antithetic=True)
    assert plans.observations("wait_mean_s").shape == (10, 2)
    assert math.isfinite(plans["now"].estimate("wait_mean_s").half_width_95)
