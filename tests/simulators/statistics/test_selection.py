from __future__ import annotations

import math

import numpy as np
import pytest

from simulators.statistics import SampleError, SettingError, kim_nelson


def by_number(data: np.ndarray):  # noqa: ANN201 - a closure over (S, N) data
    return lambda system, first, count: data[system, first : first + count]


def correct_share(systems: int, *, shared: float, deviations: np.ndarray, runs: int, length: int, seed: int) -> float:
    """Share of correct choices in the slippage configuration: the best is exactly delta = 1 ahead of all others."""
    rng = np.random.default_rng(seed)
    hits = 0
    for run in range(runs):
        best = run % systems
        data = rng.normal(size=(systems, length)) * deviations[:, None] + shared * rng.normal(size=length)
        data[best] += 1
        hits += kim_nelson(by_number(data), systems, delta=1.0, confidence=0.9, block=20).best == best
    return hits / runs


@pytest.mark.parametrize(
    ("shared", "deviations"),
    [(0.0, np.full(5, 2.0)), (6.0, np.full(5, 2.0)), (0.0, np.linspace(1, 4, 5))],
    ids=["independent", "common random numbers", "unequal variances"],
)
def test_the_guarantee_holds_in_the_slippage_configuration(shared: float, deviations: np.ndarray) -> None:
    share = correct_share(5, shared=shared, deviations=deviations, runs=400, length=4000, seed=41)
    assert share >= 0.9 - 3 * math.sqrt(0.09 / 400)


def test_with_two_systems_the_guarantee_is_nearly_tight() -> None:
    """For two systems and steps small against delta the error is alpha itself; twice the evidence would be a waste.

    Steps that are not small overshoot the boundary, so errors stay a little below alpha = 0.1.
    """
    share = correct_share(2, shared=0.0, deviations=np.full(2, 3.0), runs=1500, length=1500, seed=42)
    error = 3 * math.sqrt(0.09 / 1500)
    assert 0.9 - error <= share <= 0.93 + error


def test_screening_by_the_papers_formulas() -> None:
    """Replay the procedure naively, one replication at a time, from the definitions of h², W(r) and N."""
    rng = np.random.default_rng(43)
    for _ in range(20):
        data = rng.normal(size=(4, 3000)) * 3 + np.array([[0.0], [0.5], [1.0], [1.5]])
        eta = 0.5 * ((2 * 0.05 / 3) ** (-2 / 11) - 1)
        h2 = 2 * eta * 11
        alive, seen = {0, 1, 2, 3}, dict.fromkeys(range(4), 12)
        s2 = {(i, j): float(np.var(data[i, :12] - data[j, :12], ddof=1)) for i in range(4) for j in range(4)}
        count = 12
        while True:
            means = {i: float(data[i, :count].mean()) for i in alive}

            def leads(i: int, j: int, means: dict[int, float] = means, count: int = count) -> bool:
                return means[j] - means[i] > max(0.0, 0.7 / (2 * count) * (h2 * s2[i, j] / 0.7**2 - count))  # noqa: B023

            alive = {i for i in alive if not any(leads(i, j) for j in alive if j != i)}
            if len(alive) == 1:
                break
            count += 1
            seen.update(dict.fromkeys(alive, count))
        found = kim_nelson(by_number(data), 4, delta=0.7, first_stage=12)
        assert {found.best} == alive
        assert found.replications.tolist() == [seen[i] for i in range(4)]
        assert found.means == pytest.approx([data[i, : seen[i]].mean() for i in range(4)])


@pytest.mark.parametrize("block", [7, 100])
def test_the_cut_into_calls_changes_nothing(block: int) -> None:
    data = np.random.default_rng(44).normal(size=(6, 2000)) * 2
    one, other = (kim_nelson(by_number(data), 6, delta=0.4, block=size) for size in (1, block))
    assert one.best == other.best
    assert one.replications.tolist() == other.replications.tolist()
    assert one.means.tobytes() == other.means.tobytes()


def test_common_random_numbers_are_cheaper() -> None:
    rng = np.random.default_rng(45)
    own = rng.normal(size=(5, 4000)) + np.arange(5.0)[:, None] / 2
    luck = rng.normal(size=4000) * 5
    cheap = kim_nelson(by_number(own + luck), 5, delta=0.5, block=50)
    dear = kim_nelson(by_number(own + rng.normal(size=(5, 4000)) * 5), 5, delta=0.5, block=50)
    assert cheap.best == 4
    assert cheap.replications.sum() < dear.replications.sum() / 5


def test_smallest_is_best_when_asked() -> None:
    data = np.random.default_rng(46).normal([[3.0], [1.0], [2.0]], 0.5, (3, 1000))
    found = kim_nelson(by_number(data), 3, delta=0.5, maximise=False)
    assert found.best == 1
    assert found.means[1] == pytest.approx(1, abs=0.5)


def test_systems_that_do_not_vary_are_told_apart_at_once() -> None:
    found = kim_nelson(lambda system, _, count: np.full(count, [1.0, 3.0, 3.0][system]), 3, delta=0.1)
    assert found.best == 1
    assert found.replications.tolist() == [10, 10, 10]


def test_what_it_may_cost_is_told_before_it_is_spent() -> None:
    data = np.random.default_rng(47).normal(size=(2, 100))
    with pytest.raises(
        SettingError, match=r"delta = 0.001 .* may need \d{6,} replications of a system, above cap = 50"
    ):
        kim_nelson(by_number(data), 2, delta=0.001, cap=50)


def test_a_missing_figure_is_refused_where_it_matters_and_only_there() -> None:
    data = np.random.default_rng(48).normal(size=(2, 2000)) * 2 + [[0.0], [0.2]]
    needed = int(kim_nelson(by_number(data), 2, delta=0.5).replications[0])
    data[0, needed] = math.nan
    assert kim_nelson(by_number(data), 2, delta=0.5, block=2000 - 10).replications[0] == needed
    data[0, needed - 1] = math.nan
    with pytest.raises(SampleError, match=rf"\[{needed - 1}\] = nan must be a finite number"):
        kim_nelson(by_number(data), 2, delta=0.5)


@pytest.mark.parametrize(
    ("systems", "settings", "message"),
    [
        (1, {"delta": 1.0}, "systems = 1 must be ≥ 2"),
        (3, {"delta": 0.0}, "delta = 0.0 must be > 0"),
        (3, {"delta": 1.0, "confidence": 0.3}, "confidence = 0.3 must be between 1 / systems = 0.333333 and 1"),
        (3, {"delta": 1.0, "first_stage": 1}, "first_stage = 1 must be ≥ 2"),
        (3, {"delta": 1.0, "block": 0}, "block = 0 must be ≥ 1"),
    ],
)
def test_bad_settings_are_refused(systems: int, settings: dict[str, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        kim_nelson(by_number(np.zeros((3, 100))), systems, **settings)  # type: ignore[arg-type]


def test_a_callable_that_gives_the_wrong_shape_is_refused() -> None:
    with pytest.raises(SampleError, match=r"sample\(0, 0, 10\) has shape \(3, 10\); it must be \(10,\)"):
        kim_nelson(lambda _system, _first, count: np.zeros((3, count)), 3, delta=1.0)
