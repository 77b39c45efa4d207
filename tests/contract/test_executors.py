"""What every executor keeps, whoever it is: a study is the same to the last bit, and nothing is left behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil
import pytest

from labs import Catalog
from simulators import (
    DaskExecutor,
    Executor,
    ProcessExecutor,
    SerialExecutor,
    load_scenario,
    replicate,
    sweep,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from simulators import Scenario

SEED = 8
REPLICATIONS = 21  # no multiple of any piece


class ShuffledExecutor(SerialExecutor):
    """Does the work in a random order, in pieces of four."""

    def run(self, work: Callable[[Any], Any], tasks: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        for number in np.random.default_rng(3).permutation(len(tasks)).tolist():
            yield number, work(tasks[number])

    def piece(self, count: int) -> int:
        del count
        return 4


EXECUTORS = {
    "serial": SerialExecutor,
    "out-of-order": ShuffledExecutor,
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessExecutor(2),
    "dask": lambda: DaskExecutor(workers=2),
}


def scenarios() -> dict[str, Scenario]:
    catalog = Catalog()
    return {slug: load_scenario(catalog.folder(slug) / "scenario.yaml") for slug in catalog}


@pytest.fixture(scope="module", params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    before = set(psutil.Process().children(recursive=True))
    with ExitStack() as stack:
        yield stack.enter_context(EXECUTORS[request.param]())
    _, left = psutil.wait_procs(
        [child for child in set(psutil.Process().children(recursive=True)) - before if not _tracks_resources(child)],
        timeout=30,
    )
    assert left == []


def _tracks_resources(process: psutil.Process) -> bool:
    try:
        return "resource_tracker" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


@pytest.fixture(scope="module")
def alone() -> dict[str, bytes]:
    return {
        slug: replicate(scenario, replications=REPLICATIONS, seed=SEED).values.tobytes()
        for slug, scenario in scenarios().items()
    }


@pytest.mark.slow
def test_study_is_the_same_whoever_runs_it(executor: Executor, alone: dict[str, bytes]) -> None:
    for slug, scenario in scenarios().items():
        study = replicate(scenario, replications=REPLICATIONS, seed=SEED, executor=executor)
        assert study.values.tobytes() == alone[slug]


@pytest.mark.slow
def test_sweep_is_the_studies_side_by_side(executor: Executor, alone: dict[str, bytes]) -> None:
    told: list[tuple[int, int]] = []
    plans = sweep(
        scenarios(),
        replications=REPLICATIONS,
        seed=SEED,
        executor=executor,
        progress=lambda done, total: told.append((done, total)),
    )
    assert {slug: study.values.tobytes() for slug, study in plans.studies.items()} == alone
    total = REPLICATIONS * len(alone)
    assert told[0] == (0, total)
    assert told[-1] == (total, total)
    assert told == sorted(told)


@pytest.mark.slow
def test_what_goes_wrong_there_is_told_here(executor: Executor) -> None:
    scenario = next(iter(scenarios().values()))
    with pytest.raises(ValueError, match="seed = -1 must be an integer ≥ 0"):
        replicate(scenario, replications=REPLICATIONS, seed=-1, executor=executor)
