from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import ttest_rel

from simulators.statistics import SampleError, SettingError, compare_all, compare_with_control, paired_t


def test_paired_t_is_the_textbooks() -> None:
    rng = np.random.default_rng(31)
    first, second = rng.normal(5, 1, 12), rng.normal(4, 2, 12)
    found = paired_t(first, second, 0.9)
    expected = ttest_rel(first, second).confidence_interval(0.9)
    assert (found.interval.low, found.interval.high) == pytest.approx((expected.low, expected.high), rel=1e-9)
    assert found.interval.confidence == 0.9


def test_common_random_numbers_save_the_known_share() -> None:
    """Shared luck of variance 9 and own luck of variance 1: the difference keeps 2 of 20, a ratio of 0.1."""
    rng = np.random.default_rng(32)
    shared = rng.normal(0, 3, 4000)
    first, second = shared + rng.normal(0, 1, 4000), shared + rng.normal(0, 1, 4000)
    assert paired_t(first, second).variance_ratio == pytest.approx(0.1, rel=0.1)
    assert paired_t(first, rng.permutation(second)).variance_ratio == pytest.approx(1, rel=0.1)
    assert math.isnan(paired_t([1.0, 1.0], [2.0, 2.0]).variance_ratio)


def test_pairs_and_signs() -> None:
    values = np.array([[1.0, 5.0, 2.0], [2.0, 6.5, 3.5], [3.0, 7.5, 4.0]])
    every = compare_all(values)
    assert [(one.first, one.second) for one in every] == [(0, 1), (0, 2), (1, 2)]
    assert [round(one.interval.mean, 6) for one in every] == [-4.333333, -1.166667, 3.166667]
    against = compare_with_control(values, control=1)
    assert [(one.first, one.second) for one in against] == [(0, 1), (2, 1)]
    assert against[0].interval.confidence == pytest.approx(0.975)
    assert every[0].interval.confidence == pytest.approx(1 - 0.05 / 3)


def test_all_intervals_hold_together_as_often_as_they_say() -> None:
    """Four equal systems under common random numbers: no false difference in at least 90 % of 1500 comparisons."""
    rng = np.random.default_rng(33)
    runs = 1500
    error = 3 * math.sqrt(0.09 / runs)
    quiet = {"all": 0, "control": 0, "careless": 0}
    for _ in range(runs):
        values = rng.normal(size=(10, 1)) + rng.normal(size=(10, 4))
        quiet["all"] += not any(one.differs for one in compare_all(values, 0.9))
        quiet["control"] += not any(one.differs for one in compare_with_control(values, 0, 0.9))
        quiet["careless"] += not any(paired_t(values[:, 0], values[:, one], 0.9).differs for one in (1, 2, 3))
    assert quiet["all"] / runs > 0.9 - error
    assert quiet["control"] / runs > 0.9 - error
    # Without the correction the promise is broken, so the two above could fail.
    assert quiet["careless"] / runs < 0.9 - error


def test_a_true_difference_is_found() -> None:
    rng = np.random.default_rng(34)
    values = rng.normal(0, 5, (20, 1)) + rng.normal(0, 1, (20, 3)) + [0.0, 0.0, 2.0]
    assert [one.differs for one in compare_with_control(values)] == [False, True]


def test_bad_input_is_refused() -> None:
    with pytest.raises(SampleError, match=r"second holds 2 observation\(s\); at least 3 are needed"):
        paired_t([1.0, 2.0, 3.0], [1.0, 2.0])
    with pytest.raises(SampleError, match=r"first holds 2 observation\(s\); at least 3 are needed"):
        paired_t([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(SampleError, match=r"values holds 1 observation\(s\); at least 2 are needed"):
        compare_all([[1.0, 2.0]])
    with pytest.raises(SampleError, match=r"values\[0, 1\] = nan"):
        compare_all([[1.0, math.nan], [1.0, 2.0]])
    with pytest.raises(SettingError, match="number of systems = 1 must be ≥ 2"):
        compare_all([[1.0], [2.0]])
    with pytest.raises(SettingError, match="control = 2 must be a column from 0 to 1"):
        compare_with_control([[1.0, 2.0], [2.0, 3.0]], control=2)
