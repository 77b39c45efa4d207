"""Replicating until a mean is precise: the same study whoever runs it, on the shipped lab too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from simulators import UnknownKpiError, replicate, replicate_until
from simulators.statistics import SampleError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_it_stops_at_the_first_replication_that_is_precise_enough(queue: Callable[..., Any]) -> None:
    found = replicate_until(queue(), "wait_mean_s", seed=4, relative=0.2)
    count = found.study.replications
    assert found.reached
    assert count > 10

    def precise(replications: int) -> bool:
        estimate = replicate(queue(), replications=replications, seed=4).estimate("wait_mean_s")
        return estimate.half_width_95 <= 0.2 / 1.2 * estimate.mean

    assert precise(count)
    assert not any(precise(fewer) for fewer in range(10, count))
    assert found.study.values.tobytes() == replicate(queue(), replications=count, seed=4).values.tobytes()


def test_neither_growth_nor_executor_changes_it(queue: Callable[..., Any]) -> None:
    wanted = replicate_until(queue(), "wait_mean_s", seed=4, absolute=0.2)
    for growth in (1.0, 3.0):
        with ThreadPoolExecutor(2) as executor:
            found = replicate_until(queue(), "wait_mean_s", seed=4, absolute=0.2, growth=growth, executor=executor)
        assert found.study.values.tobytes() == wanted.study.values.tobytes()


def test_every_chosen_kpi_must_be_precise(queue: Callable[..., Any]) -> None:
    one, other, both = (
        replicate_until(queue(), kpis, seed=4, relative=0.05).study.replications
        for kpis in ("served", "service_mean_s", ["served", "service_mean_s"])
    )
    assert both == max(one, other)


def test_a_cap_that_comes_first_is_told(queue: Callable[..., Any]) -> None:
    found = replicate_until(queue(), "wait_mean_s", seed=4, relative=0.001, cap=15)
    assert (found.reached, found.study.replications) == (False, 15)


def test_antithetic_pairs_count_as_one(queue: Callable[..., Any]) -> None:
    found = replicate_until(queue(), "wait_mean_s", seed=4, relative=0.001, minimum=3, cap=6, antithetic=True)
    assert found.study.antithetic
    assert (found.study.replications, len(found.study.independent)) == (12, 6)
    alone = replicate(queue(), replications=12, seed=4, antithetic=True)
    assert found.study.values.tobytes() == alone.values.tobytes()


def test_progress_grows_and_a_checkpoint_saves_the_work(queue: Callable[..., Any], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []

    def study() -> bytes:
        told.clear()
        return replicate_until(
            queue(),
            "wait_mean_s",
            seed=4,
            relative=0.3,
            checkpoint=tmp_path / "kept",
            progress=lambda done, planned: told.append((done, planned)),
        ).study.values.tobytes()

    first = study()
    assert told == sorted(told)
    assert told[0] == (0, 10)
    assert told[-1][0] == told[-1][1] > 10
    content = (tmp_path / "kept").read_bytes()
    assert study() == first
    assert told[0] == (10, 10)
    assert (tmp_path / "kept").read_bytes() == content


def test_policies_are_asked(queue: Callable[..., Any]) -> None:
    found = replicate_until(
        queue(), "served", seed=4, relative=0.1, policies={"admit": lambda now_s, waiting: now_s < 50}
    )
    assert found.study.estimate("served").mean < 40


def test_bad_settings_are_refused(queue: Callable[..., Any]) -> None:
    with pytest.raises(UnknownKpiError, match="'happiness'"):
        replicate_until(queue(), "happiness", seed=1, relative=0.1)
    with pytest.raises(SettingError, match=r"kpis = .* must be at least one name"):
        replicate_until(queue(), [], seed=1, relative=0.1)
    with pytest.raises(SettingError, match="relative, absolute"):
        replicate_until(queue(), "served", seed=1)
    with pytest.raises(SampleError, match=r"sample\[0, 0\] = nan"):
        replicate_until(queue(interval_s=1e9), "wait_mean_s", seed=1, relative=0.1)
