from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labs import Catalog, Rubric, score
from simulators import Study, UnknownKpiError

RUBRIC = Catalog().rubric("pcb-bottleneck")
VALUES = st.floats(0, 1000)


def study(throughput: float, lead_time: float) -> Study:
    values = np.array([[throughput, lead_time]] * 3)
    return Study(0, "simpy", ("throughput_per_h", "lead_time_mean_s"), ("1/h", "s"), values)


@pytest.mark.parametrize(
    ("throughput", "lead_time", "points"),
    [(157.5, 350, 100), (200, 1, 100), (150, 440, 60), (150, 350, 68), (153.75, 395, 80), (100, 900, 0)],
)
def test_points_lie_on_a_straight_line_through_pass_and_full(
    throughput: float, lead_time: float, points: float
) -> None:
    assert score(RUBRIC, study(throughput, lead_time)).points == pytest.approx(points)


@given(VALUES, VALUES, VALUES, VALUES)
def test_score_is_bounded_and_monotone(t1: float, t2: float, l1: float, l2: float) -> None:
    worse = score(RUBRIC, study(min(t1, t2), max(l1, l2)))
    better = score(RUBRIC, study(max(t1, t2), min(l1, l2)))
    assert 0 <= worse.points <= better.points <= better.maximum == RUBRIC.maximum == 100


def test_no_part_made_earns_nothing_and_says_so() -> None:
    found = score(RUBRIC, study(0, math.nan))
    assert found.points == 0
    assert found.criteria[1].value is None
    assert found.model_validate_json(found.model_dump_json()) == found


def test_feedback_follows_how_far_she_got() -> None:
    feedback = RUBRIC.criteria[0].feedback
    given_feedback = [score(RUBRIC, study(value, 300)).criteria[0].feedback for value in (120, 152, 170)]
    assert given_feedback == [feedback.below, feedback.passed, feedback.full]


def test_a_criterion_over_an_unmeasured_kpi_is_named() -> None:
    other = Study(0, "simpy", ("wip_mean",), ("parts",), np.ones((2, 1)))
    with pytest.raises(UnknownKpiError, match="throughput_per_h"):
        score(RUBRIC, other)


def test_rubric_is_frozen() -> None:
    assert Rubric.model_config["frozen"]


def noisy(replications: int, seed: int = 7) -> Study:
    draws = np.random.default_rng(seed).normal((153, 395), (2, 30), (replications, 2))
    return replace(study(0, 0), values=draws)


def test_the_interval_of_the_points_is_that_of_their_sum_inside_the_straight_parts() -> None:
    many = noisy(400)
    points = [score(RUBRIC, replace(many, values=row[None])).points for row in many.values]
    exact = 1.966 * np.std(points, ddof=1) / math.sqrt(400)
    assert score(RUBRIC, many).half_width_95 == pytest.approx(exact, rel=0.15)


def test_more_replications_make_the_points_surer_and_one_makes_nothing_sure() -> None:
    few, many = score(RUBRIC, noisy(20)).half_width_95, score(RUBRIC, noisy(2000)).half_width_95
    assert few is not None
    assert many is not None
    assert many < few / 5
    assert score(RUBRIC, noisy(1)).half_width_95 is None
    assert score(RUBRIC, study(120, 300)).half_width_95 == 0


def test_far_beyond_full_points_noise_does_not_matter() -> None:
    sure = noisy(20)
    beyond = replace(sure, values=sure.values + np.array([100, -300]))
    assert score(RUBRIC, beyond).half_width_95 == 0


def test_the_cap_is_not_below_the_start() -> None:
    data = RUBRIC.model_dump()
    with pytest.raises(ValueError, match="maximum_replications = 5 must be ≥ replications = 20"):
        Rubric.model_validate({**data, "maximum_replications": 5})
    assert Rubric.model_validate({**data, "maximum_replications": None}).cap == 200
