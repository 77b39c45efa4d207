from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import t

from simulators import Study, replicate
from simulators.production_line import ProductionLine

LINE = ProductionLine.model_validate(
    {
        "kind": "production_line",
        "horizon_s": 200,
        "release": {"kind": "saturated"},
        "stations": [{"name": "press", "service": {"kind": "exponential", "mean_s": 5}}],
    }
)


def study(values: list[float]) -> Study:
    return Study(0, "simpy", ("rate",), ("1/h",), np.array(values)[:, None])


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


def test_progress_is_told_after_each_replication() -> None:
    told: list[tuple[int, int]] = []
    replicate(LINE, replications=3, seed=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_no_replication_is_refused() -> None:
    with pytest.raises(ValueError, match="replications = 0 must be ≥ 1"):
        replicate(LINE, replications=0, seed=1)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    """Of 400 intervals for a known mean about 95 % must hold it (between 92 % and 98 %: 3 standard errors)."""
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(400):
        estimate = study(rng.normal(10, 2, 8).tolist()).estimate("rate")
        hits += abs(estimate.mean - 10) <= estimate.half_width_95
    assert 0.92 <= hits / 400 <= 0.98
