from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from simulators import Study, Sweep, UnknownKpiError
from simulators.statistics import SettingError, control_variates


def study(values: list[float], *, antithetic: bool = False) -> Study:
    return Study(0, "simpy", ("rate",), ("1/h",), np.array(values)[:, None], antithetic=antithetic)


def test_interval_is_students() -> None:
    values = [3.0, 5.0, 4.0, 8.0]
    estimate = study(values).estimate("rate")
    low, high = t.interval(0.95, 3, loc=np.mean(values), scale=np.std(values, ddof=1) / 2)
    assert estimate.mean == 5.0
    assert estimate.half_width_95 == pytest.approx((high - low) / 2)
    assert estimate.unit == "1/h"


def test_one_replication_tells_nothing_of_its_spread() -> None:
    assert study([3.0]).estimate("rate").half_width_95 == math.inf


def test_a_missing_value_is_not_left_out_in_silence() -> None:
    assert math.isnan(study([3.0, math.nan]).estimate("rate").mean)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 400 intervals for a known mean about 95 % must hold it (between 92 % and 98 %: 3 standard errors)."""
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        estimate = study(rng.normal(10, 2, 8).tolist()).estimate("rate")
        hits += abs(estimate.mean - 10) <= estimate.half_width_95
    assert 0.92 <= hits / 400 <= 0.98


def test_antithetic_pairs_are_one_observation_each() -> None:
    """The interval is Student's of the pairs' means; the replications themselves depend on each other."""
    values = [1.0, 9.0, 3.0, 8.0, 4.0, 5.0, 2.0, 7.0]
    pairs = [5.0, 5.5, 4.5, 4.5]
    found = study(values, antithetic=True)
    assert found.replications == 8
    assert found.observations("rate").tolist() == pairs
    assert found.estimate("rate").mean == pytest.approx(np.mean(values))
    assert found.estimate("rate").half_width_95 == pytest.approx(study(pairs).estimate("rate").half_width_95)
    assert found.estimate("rate").half_width_95 < study(values).estimate("rate").half_width_95 / 3


def test_one_pair_tells_nothing_of_its_spread() -> None:
    assert study([3.0, 4.0], antithetic=True).estimate("rate").half_width_95 == math.inf


def three_kpis() -> Study:
    rng = np.random.default_rng(7)
    luck = rng.normal(30, 3, 40)
    values = np.column_stack([100 + 5 * (luck - 30) + rng.normal(0, 3, 40), luck, rng.normal(size=40)])
    return Study(0, "simpy", ("lead_time", "service", "noise"), ("s", "s", "1"), values)


def test_a_mean_is_sharper_by_what_is_known() -> None:
    found = three_kpis()
    sharp = found.controlled("lead_time", {"service": 30.0})
    assert 100 in sharp.interval
    assert sharp.interval.half_width < 0.4 * found.estimate("lead_time").half_width_95
    same = control_variates(found.observations("lead_time"), found.observations("service"), 30.0)
    assert sharp.interval == same.interval
    both = found.controlled("lead_time", {"service": 30.0, "noise": 0.0}, confidence=0.9)
    assert both.coefficients == pytest.approx([5, 0], abs=1.5)
    assert both.interval.confidence == 0.9


def test_unknown_kpis_and_bad_controls_are_named() -> None:
    with pytest.raises(UnknownKpiError, match="'happiness'"):
        three_kpis().controlled("lead_time", {"happiness": 1.0})
    with pytest.raises(UnknownKpiError, match="'happiness'"):
        three_kpis().observations("happiness")
    with pytest.raises(SettingError, match=r"known_means = {} must be at least one KPI"):
        three_kpis().controlled("lead_time", {})


def test_a_sweep_gives_a_column_a_scenario() -> None:
    plans = Sweep(0, {"now": study([1.0, 2.0, 3.0]), "faster": study([2.0, 4.0, 6.0])})
    assert plans.observations("rate").tolist() == [[1, 2], [2, 4], [3, 6]]
