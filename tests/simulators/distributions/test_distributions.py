"""Every distribution against its closed form, large samples and SciPy's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import stats

from simulators import Streams
from simulators.distributions import Distribution, Empirical, TruncatedNormal

ANY: TypeAdapter[Any] = TypeAdapter(Distribution)
SIGMA = math.sqrt(math.log(1.25))

# Each with what SciPy calls it; None where SciPy has none.
KINDS: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "deterministic", "value_s": 4.0}, None),
    ({"kind": "uniform", "low_s": 1.0, "high_s": 5.0}, stats.uniform(1, 4)),
    ({"kind": "triangular", "low_s": 1.0, "mode_s": 2.0, "high_s": 6.0}, stats.triang(0.2, 1, 5)),
    ({"kind": "triangular", "low_s": 0.0, "mode_s": 0.0, "high_s": 6.0}, stats.triang(0, 0, 6)),
    ({"kind": "triangular", "low_s": 1.0, "mode_s": 6.0, "high_s": 6.0}, stats.triang(1, 1, 5)),
    ({"kind": "exponential", "mean_s": 3.0}, stats.expon(scale=3)),
    ({"kind": "gamma", "shape": 4.0, "mean_s": 8.0}, stats.gamma(4, scale=2)),
    ({"kind": "gamma", "shape": 0.5, "mean_s": 8.0}, stats.gamma(0.5, scale=16)),
    ({"kind": "lognormal", "mean_s": 5.0, "cv": 0.5}, stats.lognorm(SIGMA, scale=5 / math.sqrt(1.25))),
    ({"kind": "weibull", "shape": 1.5, "scale_s": 10.0}, stats.weibull_min(1.5, scale=10)),
    ({"kind": "truncated_normal", "parent_mean_s": 10.0, "parent_sd_s": 2.0}, stats.truncnorm(-5, np.inf, 10, 2)),
    ({"kind": "truncated_normal", "parent_mean_s": 1.0, "parent_sd_s": 2.0}, stats.truncnorm(-0.5, np.inf, 1, 2)),
    ({"kind": "truncated_normal", "parent_mean_s": -6.0, "parent_sd_s": 2.0}, stats.truncnorm(3, np.inf, -6, 2)),
    ({"kind": "empirical", "values_s": [7.0, 4.0, 4.0, 9.0]}, None),
    ({"kind": "empirical", "values_s": [7.0, 4.0, 4.0, 9.0], "interpolate": True}, None),
    ({"kind": "empirical", "values_s": [5.0], "interpolate": True}, None),
]
every = pytest.mark.parametrize("data", [data for data, _ in KINDS], ids=lambda data: data["kind"])


def made(data: dict[str, Any]) -> Any:
    return ANY.validate_python(data)


def sample(data: dict[str, Any], count: int = 100_000, **streams: Any) -> np.ndarray:
    return Streams(1, **streams).draws(data["kind"], made(data))(count)


def check_moments(values: np.ndarray, distribution: Any) -> None:
    """Mean within five standard errors; variance within five of its own, from the sample's fourth moment."""
    spread = math.sqrt(distribution.variance_s2)
    assert values.mean() == pytest.approx(distribution.mean_s, abs=5 * spread / math.sqrt(len(values)) + 1e-12)
    fourth = float(np.mean((values - values.mean()) ** 4))
    error = math.sqrt(max(fourth - distribution.variance_s2**2, 0) / len(values))
    assert values.var() == pytest.approx(distribution.variance_s2, abs=5 * error + 1e-12)


@every
def test_draws_have_the_mean_and_variance_that_are_reported(data: dict[str, Any]) -> None:
    values = sample(data)
    assert (values >= 0).all()
    check_moments(values, made(data))


@every
def test_antithetic_draws_have_the_same_mean_and_variance(data: dict[str, Any]) -> None:
    for replication in (0, 1):
        check_moments(sample(data, antithetic=True, replication=replication), made(data))


@every
def test_antithetic_draws_are_opposite(data: dict[str, Any]) -> None:
    one, other = (sample(data, 20_000, antithetic=True, replication=replication) for replication in (6, 7))
    order = np.argsort(one, kind="stable")
    assert (np.diff(other[order]) <= 0).all() or data["kind"] == "empirical"  # of equal values the order is not told
    if made(data).variance_s2:
        assert np.corrcoef(one, other)[0, 1] < -0.4


@every
def test_draws_follow_the_quantiles(data: dict[str, Any]) -> None:
    """The share of draws at or below the quantile of p is at least p, and below it at most p (binomial errors)."""
    values = sample(data)
    probability = np.array([0.001, 0.05, 0.3, 0.5, 0.8, 0.99])
    quantiles = made(data).quantile(probability)
    assert (np.diff(quantiles) >= 0).all()
    error = 5 * np.sqrt(probability * (1 - probability) / len(values))
    assert (np.array([(values <= quantile).mean() for quantile in quantiles]) >= probability - error).all()
    assert (np.array([(values < quantile).mean() for quantile in quantiles]) <= probability + error).all()


@pytest.mark.parametrize(("data", "scipys"), [case for case in KINDS if case[1]], ids=lambda case: str(case)[:40])
def test_mean_variance_and_quantiles_are_scipys(data: dict[str, Any], scipys: Any) -> None:
    distribution = made(data)
    assert distribution.mean_s == pytest.approx(scipys.mean(), rel=1e-9)
    assert distribution.variance_s2 == pytest.approx(scipys.var(), rel=1e-8)
    probability = np.array([1e-12, 1e-3, 0.25, 0.5, 0.75, 0.999, 1 - 1e-12])
    assert distribution.quantile(probability) == pytest.approx(scipys.ppf(probability), rel=1e-7, abs=1e-9)


@every
@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 40), max_size=8))
def test_the_cut_into_calls_changes_nothing(data: dict[str, Any], cuts: list[int]) -> None:
    for antithetic in (False, True):
        draw = Streams(2, antithetic=antithetic).draws("any", made(data))
        pieces = np.concatenate([np.empty(0), *(draw(count) for count in cuts)])
        assert pieces.tobytes() == Streams(2, antithetic=antithetic).draws("any", made(data))(sum(cuts)).tobytes()


@every
def test_one_at_a_time_gives_the_same_numbers(data: dict[str, Any]) -> None:
    sampler = Streams(3, 1).sampler("any", made(data))
    assert [sampler() for _ in range(600)] == Streams(3, 1).draws("any", made(data))(600).tolist()


@every
def test_it_survives_a_round_trip(data: dict[str, Any]) -> None:
    distribution = made(data)
    assert ANY.validate_json(distribution.model_dump_json()) == distribution


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "uniform", "low_s": 2, "high_s": 1}, "high_s = 1.0 must be ≥ low_s = 2.0"),
        ({"kind": "triangular", "low_s": 1, "mode_s": 9, "high_s": 3}, "mode_s = 9.0"),
        ({"kind": "triangular", "low_s": 1, "mode_s": 1, "high_s": 1}, "low_s < high_s"),
        ({"kind": "exponential", "mean_s": 0}, r"mean_s\n.*greater than 0"),
        ({"kind": "exponential", "mean_s": math.nan}, "finite"),
        ({"kind": "exponential", "mean_s": math.inf}, "finite"),
        ({"kind": "gamma", "shape": -1, "mean_s": 1}, r"shape\n.*greater than or equal to 0.001"),
        ({"kind": "gamma", "shape": 1e-9, "mean_s": 1}, r"shape\n.*0.001"),
        ({"kind": "lognormal", "mean_s": 1, "cv": 0}, r"cv\n.*greater than 0"),
        ({"kind": "lognormal", "mean_s": 1, "cv": 1e200}, r"cv\n.*1000"),
        ({"kind": "weibull", "shape": 0.01, "scale_s": 1}, r"shape\n.*0.1"),
        ({"kind": "deterministic", "value_s": -1}, "greater than or equal to 0"),
        ({"kind": "truncated_normal", "parent_mean_s": 1, "parent_sd_s": 0}, r"parent_sd_s\n.*greater than 0"),
        ({"kind": "truncated_normal", "parent_mean_s": -21, "parent_sd_s": 2}, r"= -21.0 must be ≥ .* = -20,"),
        ({"kind": "empirical", "values_s": []}, r"values_s\n.*at least 1"),
        ({"kind": "empirical", "values_s": [1, -2]}, r"values_s.1\n.*greater than or equal to 0"),
        ({"kind": "empirical", "values_s": [1], "file": "a.csv", "column": "b"}, "both given"),
        ({"kind": "empirical", "file": "a.csv", "column": "b"}, "needs a scenario file that it lies beside"),
        ({"kind": "empirical", "file": "a.csv"}, "column = None must be a text"),
        ({"kind": "empirical", "column": "b"}, "file = None must be a text"),
        ({"kind": "normal", "mean_s": 1}, "exponential"),
    ],
)
def test_impossible_parameters_are_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        made(data)


def test_a_normal_truncated_at_its_mean_is_half_normal() -> None:
    found = TruncatedNormal(kind="truncated_normal", parent_mean_s=0, parent_sd_s=3)
    assert found.mean_s == pytest.approx(3 * math.sqrt(2 / math.pi))
    assert found.variance_s2 == pytest.approx(9 * (1 - 2 / math.pi))


@settings(deadline=None)
@given(mean=st.floats(-10, 1e6), sd=st.floats(1e-3, 1e3))
def test_a_truncated_normal_keeps_within_its_limits(mean: float, sd: float) -> None:
    """It is never below its parent's mean; its standard deviation is at most the parent's and, above 0, its mean."""
    parent = max(mean, -10 * sd)
    found = TruncatedNormal(kind="truncated_normal", parent_mean_s=parent, parent_sd_s=sd)
    assert found.mean_s >= max(parent, 0)
    assert 0 < found.variance_s2 <= sd**2 * (1 + 1e-12)
    assert math.sqrt(found.variance_s2) <= found.mean_s
    assert (found.quantile(np.array([0.0, 1e-300, 0.5])) >= 0).all()


def test_an_empirical_draws_what_was_measured_and_nothing_else() -> None:
    values = sample({"kind": "empirical", "values_s": [7.0, 4.0, 4.0, 9.0]})
    found, counts = np.unique(values, return_counts=True)
    assert found.tolist() == [4.0, 7.0, 9.0]
    assert counts / len(values) == pytest.approx([0.5, 0.25, 0.25], abs=0.01)


def test_moments_of_an_empirical_by_hand() -> None:
    values = (2.0, 3.0, 7.0)
    plain = Empirical(kind="empirical", values_s=values)
    assert (plain.mean_s, plain.variance_s2) == pytest.approx((4.0, (4 + 1 + 9) / 3))
    lines = Empirical(kind="empirical", values_s=values, interpolate=True)
    mean = (2.5 + 5) / 2
    second = ((4 + 6 + 9) / 3 + (9 + 21 + 49) / 3) / 2
    assert (lines.mean_s, lines.variance_s2) == pytest.approx((mean, second - mean**2))
    assert lines.quantile(np.array([0.0, 0.25, 0.5, 0.75, 1.0])).tolist() == [2.0, 2.5, 3.0, 5.0, 7.0]
    assert plain.quantile(np.array([0.0, 0.3, 1 / 3, 0.34, 0.67, 1.0])).tolist() == [2.0, 2.0, 2.0, 3.0, 7.0, 7.0]


def test_the_schema_offers_the_file() -> None:
    schema = Empirical.model_json_schema()
    assert schema["oneOf"] == [{"required": ["values_s"]}, {"required": ["file", "column"]}]
    assert {"file", "column", "values_s"} <= schema["properties"].keys()
