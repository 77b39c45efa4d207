from __future__ import annotations

import numpy as np
import pytest

from simulators.statistics import RunLongerError, SampleError, SettingError, mser


def settling(rng: np.random.Generator, length: int, start: float, phi: float = 0.95) -> np.ndarray:
    """AR(1) of mean 0 and unit noise that starts far away, so that E[x_t] = start · phi^t."""
    series = np.empty(length)
    value = start
    for step, shock in enumerate(rng.normal(size=length)):
        series[step] = value
        value = phi * value + shock
    return series


def test_a_step_is_cut_exactly() -> None:
    series = np.random.default_rng(1).normal(size=500)
    series[:60] += 20
    found = mser(series)
    assert (found.length, found.total, found.run_longer) == (60, 500, False)
    assert found.truncate(series).tolist() == series[60:].tolist()


def test_the_rule_is_whites() -> None:
    """Minimum over the cut of the variance of the kept means of five over their number, by the definition."""
    series = settling(np.random.default_rng(5), 603, 30)
    means = series[:600].reshape(120, 5).mean(axis=1)
    rule = [float(means[cut:].var() / (120 - cut)) for cut in range(116)]
    found = mser(series)
    assert found.length == 5 * int(np.argmin(rule))
    assert found.statistic == pytest.approx(min(rule), rel=1e-9)


def test_a_huge_start_costs_no_digits() -> None:
    series = np.random.default_rng(1).normal(size=500)
    series[:60] += 1e9
    means = series.reshape(100, 5).mean(axis=1)
    found = mser(series)
    assert found.length == 60
    assert found.statistic == pytest.approx(float(means[12:].var() / 88), rel=1e-9)


def test_warm_up_bias_goes() -> None:
    """The bias of the plain mean is known, start (1 - phi^n) / (n (1 - phi)); MSER-5 takes most of it away."""
    rng = np.random.default_rng(6)
    length, start, phi = 2000, 100.0, 0.95
    runs = [settling(rng, length, start, phi) for _ in range(200)]
    runs = [run for run in runs if not mser(run).run_longer]
    assert len(runs) >= 190
    known = start * (1 - phi**length) / (length * (1 - phi))
    plain = np.array([run.mean() for run in runs])
    cut = np.array([mser(run).truncate(run).mean() for run in runs])
    error = plain.std() / np.sqrt(len(runs))
    assert plain.mean() == pytest.approx(known, abs=3 * error)
    assert abs(cut.mean()) < 0.15 * known
    assert np.mean(cut**2) < 0.7 * np.mean(plain**2)


def test_a_settled_run_keeps_nearly_everything() -> None:
    rng = np.random.default_rng(7)
    lengths = [mser(rng.normal(size=1000)).length for _ in range(200)]
    assert np.median(lengths) <= 50


def test_replications_are_averaged_first() -> None:
    rng = np.random.default_rng(8)
    runs = rng.normal(0, 3, (40, 400))
    runs[:, :50] += 2
    found = mser(runs)
    assert found == mser(runs.mean(axis=0))
    assert 45 <= found.length <= 55
    assert found.truncate(runs).shape == (40, 400 - found.length)


def test_a_run_that_never_settles_says_run_longer() -> None:
    series = np.arange(200.0)
    found = mser(series)
    assert found.run_longer
    with pytest.raises(RunLongerError, match=r"warm-up length = \d+ observations must be ≤ half of the 200 there are"):
        found.truncate(series)


def test_a_constant_run_has_no_warm_up() -> None:
    found = mser([0.1] * 100)
    assert (found.length, found.statistic) == (0, 0)


def test_bad_data_are_refused() -> None:
    with pytest.raises(SampleError, match=r"series holds 49 observation\(s\); at least 50 are needed"):
        mser(np.zeros(49))
    with pytest.raises(SampleError, match=r"series\[3\] = nan must be a finite number"):
        mser([0.0] * 3 + [np.nan] + [0.0] * 60)
    with pytest.raises(SampleError, match=r"series\[1, 2\] = nan"):
        mser([[0.0] * 60, [0.0, 0.0, np.nan] + [0.0] * 57])
    with pytest.raises(SettingError, match="batch_size = 0 must be ≥ 1"):
        mser(np.zeros(100), batch_size=0)
    with pytest.raises(SampleError, match=r"last axis must hold the 100 observations judged"):
        mser(np.zeros(100)).truncate(np.zeros(99))
