"""Choosing the best of several scenarios by the procedures of the statistics."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from simulators import KpiSampler, UnknownKpiError, replicate
from simulators.statistics import kim_nelson, ocba

if TYPE_CHECKING:
    from collections.abc import Callable


def plans(queue: Callable[..., Any]) -> dict[str, Any]:
    return {name: queue(service_s=service_s) for name, service_s in (("slow", 1.4), ("fast", 0.8), ("now", 1.1))}


def test_replications_are_those_of_a_study(queue: Callable[..., Any]) -> None:
    sampler = KpiSampler(plans(queue), "wait_mean_s", seed=3)
    study = replicate(queue(service_s=0.8), replications=6, seed=3)
    assert sampler.names == ("slow", "fast", "now")
    assert sampler(1, 2, 4).tolist() == study.observations("wait_mean_s")[2:].tolist()


def test_scenarios_meet_the_same_luck_or_their_own(queue: Callable[..., Any]) -> None:
    same = KpiSampler([queue(), queue()], "wait_mean_s", seed=3)
    assert same.names == ("0", "1")
    assert same(0, 0, 5).tolist() == same(1, 0, 5).tolist()
    own = KpiSampler([queue(), queue()], "wait_mean_s", seed=3, independent=True)
    first, second = own(0, 0, 40), own(1, 0, 40)
    assert not set(first.tolist()) & set(second.tolist())
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.5
    assert own(1, 10, 5).tolist() == second[10:15].tolist()


def test_the_best_is_chosen_with_a_guarantee(queue: Callable[..., Any]) -> None:
    with ThreadPoolExecutor(2) as executor:
        sampler = KpiSampler(plans(queue), "wait_mean_s", seed=3, executor=executor)
        chosen = kim_nelson(sampler, 3, delta=0.2, block=5, maximise=False)
    assert sampler.names[chosen.best] == "fast"
    assert chosen.replications.min() >= 10


def test_a_budget_goes_to_the_scenarios_that_are_hard_to_tell_apart(queue: Callable[..., Any]) -> None:
    sampler = KpiSampler(plans(queue), "wait_mean_s", seed=3, independent=True)
    chosen = ocba(sampler, 3, budget=90, maximise=False)
    assert sampler.names[chosen.best] == "fast"
    assert chosen.replications.sum() == 90
    assert chosen.correct > 0.9


def test_an_unknown_kpi_is_named(queue: Callable[..., Any]) -> None:
    with pytest.raises(UnknownKpiError, match="'happiness'"):
        KpiSampler([queue()], "happiness", seed=3)(0, 0, 1)
