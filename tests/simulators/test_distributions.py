from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from simulators.distributions import Distribution
from simulators.streams import Streams

ANY: TypeAdapter[Any] = TypeAdapter(Distribution)

SHAPES = [
    {"kind": "deterministic", "value_s": 4.0},
    {"kind": "uniform", "low_s": 1.0, "high_s": 5.0},
    {"kind": "triangular", "low_s": 1.0, "mode_s": 2.0, "high_s": 6.0},
    {"kind": "exponential", "mean_s": 3.0},
    {"kind": "gamma", "shape": 4.0, "mean_s": 8.0},
    {"kind": "lognormal", "mean_s": 5.0, "cv": 0.5},
    {"kind": "weibull", "shape": 1.5, "scale_s": 10.0},
]


@pytest.mark.parametrize("data", SHAPES, ids=lambda data: data["kind"])
def test_draws_have_the_mean_and_variance_that_are_reported(data: dict[str, Any]) -> None:
    distribution = ANY.validate_python(data)
    draw = distribution.sampler(Streams(1).stream(data["kind"]))
    sample = np.array([draw() for _ in range(100_000)])
    spread = math.sqrt(distribution.variance_s2)
    assert (sample >= 0).all()
    assert sample.mean() == pytest.approx(distribution.mean_s, abs=5 * spread / math.sqrt(len(sample)) + 1e-12)
    assert sample.var() == pytest.approx(distribution.variance_s2, rel=0.05, abs=1e-12)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "uniform", "low_s": 2, "high_s": 1}, "high_s = 1.0 must be ≥ low_s = 2.0"),
        ({"kind": "triangular", "low_s": 1, "mode_s": 9, "high_s": 3}, "mode_s = 9.0"),
        ({"kind": "triangular", "low_s": 1, "mode_s": 1, "high_s": 1}, "low_s < high_s"),
        ({"kind": "exponential", "mean_s": 0}, "greater than 0"),
        ({"kind": "exponential", "mean_s": math.nan}, "finite"),
        ({"kind": "gamma", "shape": -1, "mean_s": 1}, "greater than 0"),
        ({"kind": "lognormal", "mean_s": 1, "cv": 0}, "greater than 0"),
        ({"kind": "weibull", "shape": 0.01, "scale_s": 1}, "0.1"),
        ({"kind": "deterministic", "value_s": -1}, "greater than or equal to 0"),
        ({"kind": "normal", "mean_s": 1}, "exponential"),
    ],
)
def test_impossible_parameters_are_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ANY.validate_python(data)
