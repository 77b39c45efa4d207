from __future__ import annotations

import math

import numpy as np
import pytest

from simulators.statistics import SampleError, SettingError, ocba, ocba_shares


def by_number(data: np.ndarray):  # noqa: ANN201 - a closure over (S, N) data
    return lambda system, first, count: data[system, first : first + count]


def test_shares_follow_the_closed_form() -> None:
    means, deviations = np.array([3.0, 7.0, 4.0, 9.5, 5.0]), np.array([1.0, 2.0, 0.5, 3.0, 1.5])
    shares = ocba_shares(means, deviations)
    others = [0, 1, 2, 4]
    gaps = 9.5 - means
    for i in others:
        for j in others:
            expected = ((deviations[i] / gaps[i]) / (deviations[j] / gaps[j])) ** 2
            assert shares[i] / shares[j] == pytest.approx(expected)
    assert shares[3] == pytest.approx(3.0 * math.sqrt(sum((shares[i] / deviations[i]) ** 2 for i in others)))
    assert shares.sum() == pytest.approx(1)
    assert ocba_shares(-means, deviations, maximise=False) == pytest.approx(shares)
    assert ocba_shares(means * 1e-200, deviations * 1e-200) == pytest.approx(shares)


def test_two_systems_share_as_their_deviations() -> None:
    assert ocba_shares([1.0, 2.0], [3.0, 1.0]) == pytest.approx([0.75, 0.25])


def test_shares_at_the_limits() -> None:
    assert ocba_shares([1.0, 2.0, 2.0], [5.0, 3.0, 4.0]) == pytest.approx(np.array([0, 3, 4]) / 7)
    assert ocba_shares([1.0, 2.0, 3.0], [0.0, 1.0, 1.0]) == pytest.approx([0, 0.5, 0.5])
    assert ocba_shares([1.0, 2.0], [0.0, 1.0]) == pytest.approx([0, 1])
    assert ocba_shares([1.0, 2.0], [0.0, 0.0]) == pytest.approx([0.5, 0.5])


def test_a_budget_ends_up_where_the_closed_form_wants_it() -> None:
    means, deviations = np.array([0.0, 1.0, 2.0, 3.0]), np.array([2.0, 1.0, 3.0, 2.0])
    data = np.random.default_rng(51).normal(means[:, None], deviations[:, None], (4, 40_000))
    found = ocba(by_number(data), 4, budget=40_000, step=400)
    assert found.best == 3
    assert found.replications.sum() == 40_000
    assert found.replications / 40_000 == pytest.approx(ocba_shares(means, deviations), abs=0.02)
    assert found.correct > 0.999
    for system in range(4):
        used = data[system, : found.replications[system]]
        assert found.means[system] == pytest.approx(used.mean())
        assert found.deviations[system] == pytest.approx(used.std(ddof=1))


def test_a_budget_is_spent_exactly_whatever_the_step() -> None:
    data = np.random.default_rng(52).normal(np.arange(5.0)[:, None], 2.0, (5, 1000))
    for step in (1, 7, 1000):
        found = ocba(by_number(data), 5, budget=333, first_stage=5, step=step)
        assert found.replications.sum() == 333
        assert found.replications.min() >= 5


def test_more_correct_choices_than_equal_shares() -> None:
    """Experiment 1 of the paper: ten normal designs, means 0 … 9, deviation 6, the smallest is best."""
    rng = np.random.default_rng(53)
    runs, budget = 300, 800
    clever = equal = 0
    bounds = []
    for _ in range(runs):
        data = rng.normal(np.arange(10.0)[:, None], 6.0, (10, budget))
        found = ocba(by_number(data), 10, budget=budget, step=20, maximise=False)
        clever += found.best == 0
        bounds.append(found.correct)
        equal += int(np.argmin(data[:, : budget // 10].mean(axis=1))) == 0
    shares = np.array([clever, equal]) / runs
    assert shares[0] - shares[1] > 3 * math.sqrt(float(np.sum(shares * (1 - shares))) / runs)
    assert np.mean(bounds) == pytest.approx(shares[0], abs=0.08)


def test_probability_correct_by_hand() -> None:
    """Means 0 and 1, variances 4 and 5 over 2 and 2 replications: Φ(1 / √4.5)."""
    rows = np.array([[-math.sqrt(2), math.sqrt(2)], [1 - math.sqrt(2.5), 1 + math.sqrt(2.5)]])
    found = ocba(by_number(rows), 2, budget=4, first_stage=2)
    assert found.correct == pytest.approx(0.5 * (1 + math.erf(1 / math.sqrt(4.5) / math.sqrt(2))))
    still = ocba(lambda system, _, count: np.full(count, float(system)), 2, budget=30)
    assert (still.best, still.correct) == (1, 1)


def test_bad_input_is_refused() -> None:
    data = np.zeros((3, 100))
    with pytest.raises(SettingError, match="budget = 20 must be ≥ systems · first_stage = 30"):
        ocba(by_number(data), 3, budget=20)
    with pytest.raises(SettingError, match="systems = 1 must be ≥ 2"):
        ocba(by_number(data), 1, budget=20)
    with pytest.raises(SettingError, match="step = 0 must be ≥ 1"):
        ocba(by_number(data), 3, budget=200, step=0)
    with pytest.raises(SettingError, match="first_stage = 1 must be ≥ 2"):
        ocba(by_number(data), 3, budget=200, first_stage=1)
    with pytest.raises(SampleError, match=r"sample\(0, 0, 10\)\[0\] = nan"):
        ocba(by_number(np.full((3, 100), math.nan)), 3, budget=200)
    with pytest.raises(SampleError, match="must be 2 numbers ≥ 0"):
        ocba_shares([1.0, 2.0], [1.0, -1.0])
