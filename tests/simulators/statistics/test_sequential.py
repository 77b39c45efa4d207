from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.special import ndtri

from simulators.statistics import SampleError, SettingError, sample_until, t_interval

DATA = np.random.default_rng(21).normal([10.0, 100.0, 0.0], [3.0, 5.0, 1.0], (5000, 3))


def sample(first: int, count: int) -> np.ndarray:
    return DATA[first : first + count]


def test_stops_at_the_first_count_that_laws_rule_accepts() -> None:
    found = sample_until(sample, relative=0.05, columns=[0, 1], confidence=0.9)
    bound = 0.05 / 1.05

    def precise(count: int) -> bool:
        intervals = [t_interval(DATA[:count, column], 0.9) for column in (0, 1)]
        return all(interval.half_width <= bound * abs(interval.mean) for interval in intervals)

    assert found.reached
    assert found.replications == next(count for count in range(10, 5000) if precise(count))
    assert found.replications > 50
    assert found.values.tolist() == DATA[: found.replications].tolist()
    assert found.means == pytest.approx(found.values.mean(axis=0))
    assert found.half_widths[2] == pytest.approx(t_interval(found.values[:, 2], 0.9).half_width)


@pytest.mark.parametrize("growth", [1.0, 1.1, 2.0, 400.0])
def test_the_cut_into_calls_changes_nothing(growth: float) -> None:
    calls: list[tuple[int, int]] = []

    def watched(first: int, count: int) -> np.ndarray:
        calls.append((first, count))
        return sample(first, count)

    plain = sample_until(sample, absolute=0.3)
    found = sample_until(watched, absolute=0.3, growth=growth)
    assert found.values.tobytes() == plain.values.tobytes()
    assert found.half_widths.tobytes() == plain.half_widths.tobytes()
    # Every replication is asked for once, in order.
    assert calls[0] == (0, 10)
    assert all(first == before + count for (before, count), (first, _) in pairwise(calls))


def test_an_absolute_target_is_in_the_columns_unit() -> None:
    found = sample_until(sample, absolute=0.5, columns=[1])
    assert found.reached
    assert found.half_widths[1] <= 0.5 < t_interval(DATA[: found.replications - 1, 1]).half_width


def test_a_cap_that_is_too_low_is_told() -> None:
    found = sample_until(sample, relative=0.001, columns=[0], cap=333)
    assert not found.reached
    assert found.replications == 333


def test_a_mean_of_zero_never_reaches_a_relative_target() -> None:
    alternating = np.tile([[1.0], [-1.0]], (100, 1))
    assert not sample_until(lambda first, count: alternating[first : first + count], relative=0.5, cap=200).reached


def test_a_relative_target_is_of_the_means_size_whatever_its_sign() -> None:
    plain = sample_until(sample, relative=0.05, columns=[0])
    mirrored = sample_until(lambda first, count: -sample(first, count), relative=0.05, columns=[0])
    assert mirrored.reached
    assert mirrored.replications == plain.replications


def test_a_column_without_variation_is_precise_at_once() -> None:
    found = sample_until(lambda _, count: np.full((count, 1), 0.1), relative=0.01)
    assert (found.reached, found.replications) == (True, 10)


def test_number_and_error_are_as_known() -> None:
    """Normal, mean 10, deviation 3, γ = 0.1: about (z σ / (γ' μ))² replications, and a relative error ≤ γ in 95 %."""
    rng = np.random.default_rng(22)
    runs = 800
    counts, held, hits = [], 0, 0
    for _ in range(runs):
        data = rng.normal(10, 3, (400, 1))
        found = sample_until(lambda first, count, data=data: data[first : first + count], relative=0.1, cap=400)
        assert found.reached
        counts.append(found.replications)
        hits += abs(found.means[0] - 10) <= found.half_widths[0]
        held += abs(found.means[0] - 10) <= 0.1 * 10
    known = (float(ndtri(0.975)) * 3 / (0.1 / 1.1 * 10)) ** 2
    assert np.mean(counts) == pytest.approx(known, rel=0.06)
    assert held / runs > 0.95 - 3 * math.sqrt(0.95 * 0.05 / runs)
    # Stopping when it looks good costs a little coverage, known to be a few points at most here.
    assert 0.90 < hits / runs < 0.98


def test_a_missing_figure_is_refused_where_it_matters_and_only_there() -> None:
    holed = DATA[:400].copy()
    holed[:, 2] = math.nan
    needed = sample_until(sample, relative=0.05, columns=[0]).replications
    holed[needed, 0] = math.nan
    found = sample_until(lambda first, count: holed[first : first + count], relative=0.05, columns=[0], growth=3)
    assert found.replications == needed
    holed[needed - 1, 0] = math.nan
    with pytest.raises(SampleError, match=rf"sample\[{needed - 1}, 0\] = nan must be a finite number"):
        sample_until(lambda first, count: holed[first : first + count], relative=0.05, columns=[0])
    with pytest.raises(SampleError, match=r"sample\[0, 2\] = nan"):
        sample_until(lambda first, count: holed[first : first + count], relative=0.05)


def test_a_callable_that_gives_the_wrong_shape_is_refused() -> None:
    with pytest.raises(SampleError, match=r"sample\(0, 10\) has shape \(9, 3\); it must be \(10, K\)"):
        sample_until(lambda first, count: DATA[first : first + count - 1], relative=0.1)
    with pytest.raises(SampleError, match=r"sample\(10, 3\) has shape \(3, 1\); it must be \(3, 3\)"):
        sample_until(lambda first, count: DATA[first : first + count, : 1 if first else 3], absolute=1e-9)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, r"relative, absolute = \(None, None\) must be one number and one None"),
        ({"relative": 0.1, "absolute": 1.0}, r"relative, absolute = \(0.1, 1.0\)"),
        ({"relative": 0.0}, "relative = 0.0 must be > 0"),
        ({"absolute": -1.0}, "absolute = -1.0 must be > 0"),
        ({"absolute": 1.0, "minimum": 1}, "minimum = 1 must be ≥ 2"),
        ({"absolute": 1.0, "growth": 0.5}, "growth = 0.5 must be ≥ 1"),
        ({"absolute": 1.0, "cap": 5}, "cap = 5 must be ≥ minimum = 10"),
        ({"absolute": 1.0, "columns": [3]}, r"columns = \[3\] must be numbers from 0 to 2"),
        ({"absolute": 1.0, "columns": []}, "columns = .* at least one"),
        ({"absolute": 1.0, "confidence": 1.0}, "confidence = 1.0 must be between 0 and 1"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        sample_until(sample, **settings)  # type: ignore[arg-type]
