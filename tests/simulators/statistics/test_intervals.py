from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from simulators.statistics import SampleError, SettingError, batch_means_interval, half_widths, t_interval


def autoregression(rng: np.random.Generator, runs: int, length: int, phi: float) -> np.ndarray:
    """Stationary AR(1) with unit noise, mean 0."""
    noise = rng.normal(size=(length, runs))
    noise[0] /= math.sqrt(1 - phi**2)
    for step in range(1, length):
        noise[step] += phi * noise[step - 1]
    return noise.T


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_t_interval_is_students(confidence: float) -> None:
    values = [3.0, 5.0, 4.0, 8.0]
    interval = t_interval(values, confidence)
    low, high = t.interval(confidence, 3, loc=np.mean(values), scale=np.std(values, ddof=1) / 2)
    assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-12)
    assert interval.degrees_of_freedom == 3


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_t_interval_covers_as_often_as_it_says(confidence: float) -> None:
    rng = np.random.default_rng(11)
    hits = sum(10 in t_interval(values, confidence) for values in rng.normal(10, 2, (4000, 6)))
    assert abs(hits / 4000 - confidence) < 3 * math.sqrt(confidence * (1 - confidence) / 4000)


def test_columns_have_the_intervals_of_each_alone() -> None:
    values = np.random.default_rng(1).normal(size=(7, 3))
    alone = [t_interval(column, 0.9).half_width for column in values.T]
    assert half_widths(values, 0.9) == pytest.approx(alone, rel=1e-14)


def test_one_replication_tells_nothing_of_its_spread() -> None:
    assert t_interval([3.0]).half_width == math.inf


def test_a_missing_value_is_not_left_out_in_silence() -> None:
    interval = t_interval([3.0, math.nan, 4.0])
    assert math.isnan(interval.mean)
    assert math.isnan(interval.half_width)
    assert np.isnan(half_widths(np.array([[1.0, math.nan]]))).tolist() == [False, True]


def test_what_cannot_be_averaged_is_refused() -> None:
    with pytest.raises(SampleError, match=r"values\[1\] = inf must be a finite number"):
        t_interval([3.0, math.inf])
    with pytest.raises(SampleError, match=r"values holds 0 observation\(s\); at least 1 are needed"):
        t_interval([])
    with pytest.raises(SampleError, match=r"values has shape \(1, 2\); it must have 1 axis"):
        t_interval([[1.0, 2.0]])
    with pytest.raises(SettingError, match=r"confidence = 95 must be between 0 and 1"):
        t_interval([3.0, 4.0], confidence=95)


def test_batch_means_by_hand() -> None:
    found = batch_means_interval([99.0, 1.0, 3.0, 4.0, 6.0, 2.0, 2.0], batches=3, confidence=0.9)
    assert (found.batches, found.batch_size, found.discarded) == (3, 2, 1)
    # Batch means 2, 5, 2; their mean 3; deviations -1, 2, -1.
    assert found.interval == t_interval([2.0, 5.0, 2.0], 0.9)
    assert found.interval.mean == 3
    assert found.lag_1 == pytest.approx(-4 / 6)
    assert found.von_neumann == pytest.approx(18 / 6)


def test_batch_means_know_the_variance_of_an_autoregressions_mean() -> None:
    """For AR(1), n Var(mean) is known exactly; independent-sample intervals would be 3 times too narrow."""
    phi, length, runs = 0.8, 4000, 1000
    series = autoregression(np.random.default_rng(2), runs, length, phi)
    lags = np.arange(1, length)
    exact = (1 + 2 * np.sum((1 - lags / length) * phi**lags)) / (1 - phi**2) / length
    quantile = t.ppf(0.95, 19)
    intervals = [batch_means_interval(one, batches=20, confidence=0.9).interval for one in series]
    estimated = np.mean([(interval.half_width / quantile) ** 2 for interval in intervals])
    assert estimated == pytest.approx(exact, rel=0.04)
    hits = sum(0 in interval for interval in intervals)
    assert abs(hits / runs - 0.9) < 3 * math.sqrt(0.09 / runs)


def test_batches_too_short_are_told() -> None:
    series = autoregression(np.random.default_rng(3), 200, 2000, 0.9)
    too_short = [batch_means_interval(one, batches=200) for one in series]
    long_enough = [batch_means_interval(one, batches=10) for one in series]
    assert np.mean([found.correlation_p < 0.05 for found in too_short]) > 0.95
    assert np.mean([found.correlation_p < 0.05 for found in long_enough]) < 0.2
    assert np.mean([found.lag_1 for found in too_short]) > 0.3


def test_von_neumanns_ratio_has_its_known_moments() -> None:
    """Of independent normal values: mean 2, variance 4 (b - 2) / (b² - 1), p uniform."""
    values = np.random.default_rng(4).normal(size=(4000, 20))
    found = [batch_means_interval(np.repeat(one, 2), batches=20) for one in values]
    ratios = np.array([one.von_neumann for one in found])
    assert ratios.mean() == pytest.approx(2, abs=3 * math.sqrt(72 / 399 / 4000))
    assert ratios.var() == pytest.approx(72 / 399, rel=0.08)
    assert np.mean([one.correlation_p < 0.05 for one in found]) == pytest.approx(0.05, abs=0.012)


def test_a_run_that_never_varies_has_no_correlation() -> None:
    found = batch_means_interval([0.1] * 100, batches=10)
    assert found.interval.half_width == pytest.approx(0, abs=1e-15)
    assert math.isnan(found.lag_1)
    assert math.isnan(found.correlation_p)


def test_too_few_batches_or_observations_are_refused() -> None:
    with pytest.raises(SettingError, match="batches = 1 must be ≥ 2"):
        batch_means_interval([1.0, 2.0], batches=1)
    with pytest.raises(SampleError, match=r"series holds 39 observation\(s\); at least 40 are needed"):
        batch_means_interval(np.arange(39.0))
