from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import linregress

from simulators.statistics import SampleError, SettingError, control_variates, t_interval


def test_one_control_is_simple_regression() -> None:
    """The adjusted mean is the regression line at the control's known mean; slope, R² and p are linregress's."""
    rng = np.random.default_rng(61)
    control = rng.normal(30, 3, 25)
    values = 100 + 2 * (control - 30) + rng.normal(0, 4, 25)
    line = linregress(control - 30, values)
    found = control_variates(values, control, 30.0)
    assert found.interval.mean == pytest.approx(line.intercept)
    assert found.interval.half_width == pytest.approx(2.0686576104 * line.intercept_stderr, rel=1e-9)
    assert found.coefficients == pytest.approx([line.slope])
    assert found.r_squared == pytest.approx(line.rvalue**2)
    assert found.p_value == pytest.approx(line.pvalue)
    plain = t_interval(values)
    spread = plain.half_width / 2.0638985616
    assert found.variance_ratio == pytest.approx((line.intercept_stderr / spread) ** 2, rel=1e-9)


def test_variance_falls_by_the_known_factor() -> None:
    """Normal, ρ² = 0.8, two controls, 20 replications: the variance falls to (1 - ρ²) (R - 2) / (R - Q - 2) = 0.225."""
    rng = np.random.default_rng(62)
    runs, count, known = 4000, 20, 0.2 * 18 / 16
    adjusted, ratios, hits = [], [], 0
    for _ in range(runs):
        controls = rng.normal(size=(count, 2))
        values = 7 + math.sqrt(0.5) * controls[:, 0] - math.sqrt(0.3) * controls[:, 1]
        values = values + math.sqrt(0.2) * rng.normal(size=count)
        found = control_variates(values, controls * [1e-6, 1e6] + [1, 2], [1, 2], 0.9)
        adjusted.append(found.interval.mean)
        ratios.append(found.variance_ratio)
        hits += 7 in found.interval
    reached = np.var(adjusted) / (1 / count)
    assert reached == pytest.approx(known, rel=3 * math.sqrt(2 / runs))
    assert np.mean(adjusted) == pytest.approx(7, abs=3 * math.sqrt(known / count / runs))
    assert hits / runs == pytest.approx(0.9, abs=3 * math.sqrt(0.09 / runs))
    assert np.mean(ratios) == pytest.approx(known, rel=0.1)


def test_useless_controls_are_told() -> None:
    """The F test calls a control that explains nothing significant at 5 % in 5 % of cases."""
    rng = np.random.default_rng(63)
    found = [control_variates(rng.normal(size=15), rng.normal(size=15), 0.0) for _ in range(2000)]
    share = np.mean([one.p_value < 0.05 for one in found])
    assert share == pytest.approx(0.05, abs=3 * math.sqrt(0.05 * 0.95 / 2000))
    assert np.mean([one.variance_ratio for one in found]) > 1


def waits_and_means(rng: np.random.Generator, runs: int, customers: int) -> tuple[np.ndarray, np.ndarray]:
    """M/M/1 at load 0.5, stationary from the first customer on (Lindley): mean waits; mean services and arrivals."""
    services = rng.exponential(1, (customers, runs))
    gaps = rng.exponential(2, (customers, runs))
    wait = np.where(rng.random(runs) < 0.5, rng.exponential(2, runs), 0.0)
    total = np.zeros(runs)
    for service, gap in zip(services, gaps, strict=True):
        total += wait
        wait = np.maximum(wait + service - gap, 0)
    return total / customers, np.column_stack([services.mean(axis=0), gaps.mean(axis=0)])


def test_a_queue_by_its_service_and_arrival_times() -> None:
    """The mean wait of this M/M/1 is ρ / (μ - λ) = 1 exactly; the controls save a good part of the variance."""
    waits, controls = waits_and_means(np.random.default_rng(64), 2000, 1000)
    found = control_variates(waits, controls, [1.0, 2.0], 0.99)
    assert 1 in found.interval
    assert found.coefficients[0] > 0 > found.coefficients[1]
    assert found.p_value < 1e-6
    assert found.variance_ratio < 0.7
    assert found.interval.half_width < 0.85 * t_interval(waits, 0.99).half_width


def test_values_that_do_not_vary_have_nothing_to_explain() -> None:
    found = control_variates([2.0] * 8, np.arange(8.0), 3.5)
    assert found.interval.mean == pytest.approx(2)
    assert math.isnan(found.variance_ratio)
    assert math.isnan(found.p_value)


def test_bad_input_is_refused() -> None:
    rng = np.random.default_rng(65)
    values, control = rng.normal(size=10), rng.normal(size=10)
    with pytest.raises(SampleError, match="must each vary, none a linear combination of others"):
        control_variates(values, np.column_stack([control, 2 * control + 1]), [0, 1])
    with pytest.raises(SampleError, match="must each vary"):
        control_variates(values, np.full(10, 0.1), 0.1)
    with pytest.raises(SampleError, match=r"controls has shape \(9, 1\); it must be \(10, 1\)"):
        control_variates(values, control[:9], 0.0)
    with pytest.raises(SampleError, match=r"values holds 3 observation\(s\); at least 4 are needed"):
        control_variates(values[:3], control[:3], 0.0)
    with pytest.raises(SampleError, match=r"controls\[4, 0\] = nan"):
        control_variates(values, np.where(np.arange(10) == 4, math.nan, control), 0.0)
    with pytest.raises(SettingError, match="confidence = 2 must be between 0 and 1"):
        control_variates(values, control, 0.0, 2)
