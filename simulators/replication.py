"""Run a scenario many times, or several scenarios many times each."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor as PlainExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulators.checkpoint import Checkpoint
from simulators.executors import Executor, FuturesExecutor, SerialExecutor
from simulators.simulation import AUTO, engine_for, simulate
from simulators.study import Rows, Study, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from simulators.scenario import Scenario

__all__ = ["replicate", "sweep"]


def replicate(
    scenario: Scenario,
    *,
    replications: int,
    seed: int,
    engine: str = AUTO,
    executor: Executor | PlainExecutor | None = None,
    checkpoint: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Run a scenario ``R`` times with independent random numbers.

    The study is the same to the last bit, whoever runs the replications and in whatever order they are done.

    Parameters
    ----------
    scenario
        Of any kind.
    replications
        How often, from 1.
    seed
        From 0; replication ``r`` always meets the same numbers, whoever runs it and when.
    engine
        Name of the engine, or ``auto`` for the fastest that can run the scenario.
    executor
        Runs the replications side by side; without it they run here, one by one.
    checkpoint
        File that keeps the finished replications. A later call for the same scenario, seed, engine and code takes them
        from there; ``replications`` may then be another number. The file stays when the study is done.
    progress
        Called with (done, all): at first, when what the checkpoint holds is done, and whenever more is.

    Raises
    ------
    ValueError
        ``replications`` is below 1.
    UnknownEngineError
        The simulator has no such engine.
    CheckpointError
        The checkpoint is another study's, damaged or in use.
    WorkerLostError, ClusterError
        The executor's workers die of the work, or cannot be had.

    Examples
    --------
    >>> from simulators.production_line import ProductionLine
    >>> line = ProductionLine.model_validate({
    ...     "kind": "production_line",
    ...     "horizon_s": 3600,
    ...     "release": {"kind": "saturated"},
    ...     "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": 36}}],
    ... })
    >>> replicate(line, replications=4, seed=1).estimate("parts_made")
    Estimate(mean=99.0, half_width_95=0.0, unit='parts')
    """
    studies = sweep(
        [scenario],
        replications=replications,
        seed=seed,
        engine=engine,
        executor=executor,
        checkpoint=checkpoint,
        progress=progress,
    ).studies
    (study,) = studies.values()
    return study


def sweep(
    scenarios: Mapping[str, Scenario] | Sequence[Scenario],
    *,
    replications: int,
    seed: int,
    engine: str = AUTO,
    executor: Executor | PlainExecutor | None = None,
    checkpoint: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Run several scenarios ``R`` times each, under common random numbers, by one executor.

    Parameters
    ----------
    scenarios
        Scenarios by name; those of a sequence are named ``"0"``, ``"1"``, …
    replications
        How often each, from 1; replication ``r`` of every scenario meets the same numbers.
    seed, engine, executor, checkpoint
        See `replicate`.
    progress
        Called with (done, all) over all scenarios.

    Raises
    ------
    ValueError
        ``replications`` is below 1, or there is no scenario.
    CheckpointError
        The checkpoint is another study's, damaged or in use.
    WorkerLostError, ClusterError
        The executor's workers die of the work, or cannot be had.

    Examples
    --------
    >>> from simulators.production_line import ProductionLine
    >>> def line(service_s):
    ...     return ProductionLine.model_validate({
    ...         "kind": "production_line",
    ...         "horizon_s": 3600,
    ...         "release": {"kind": "saturated"},
    ...         "stations": [{"name": "press", "service": {"kind": "deterministic", "value_s": service_s}}],
    ...     })
    >>> plans = sweep({"now": line(36), "faster": line(30)}, replications=2, seed=1)
    >>> {name: estimate.mean for name, estimate in plans.estimates("parts_made").items()}
    {'now': 99.0, 'faster': 119.0}
    """
    if replications < 1:
        message = f"replications = {replications} must be ≥ 1"
        raise ValueError(message)
    if not isinstance(scenarios, Mapping):
        scenarios = {str(number): scenario for number, scenario in enumerate(scenarios)}
    if not scenarios:
        message = "scenarios is empty; give at least one scenario"
        raise ValueError(message)
    engines = {name: engine_for(scenario, engine) for name, scenario in scenarios.items()}
    sheets = {name: _Sheet(replications) for name in scenarios}
    total = replications * len(sheets)
    with ExitStack() as stack:
        kept = checkpoint and stack.enter_context(Checkpoint(Path(checkpoint), scenarios, engines, seed))
        if kept:
            for name, first, rows in kept.finished:
                sheets[name].put(first, rows)
        done = sum(sheet.done for sheet in sheets.values())
        if progress:
            progress(done, total)
        if done < total:
            opened = stack.enter_context(_as_executor(executor))
            size = opened.piece(total - done)
            pieces = [
                _Piece(name, scenario, seed, engines[name], first, min(size, stop - first))
                for name, scenario in scenarios.items()
                for start, stop in sheets[name].gaps()
                for first in range(start, stop, size)
            ]
            for number, rows in opened.run(_run, pieces):
                piece = pieces[number]
                if kept:
                    kept.append(piece.name, piece.first, rows)
                sheets[piece.name].put(piece.first, rows)
                done += piece.count
                if progress:
                    progress(done, total)
    return Sweep(seed, {name: sheet.study(seed, engines[name]) for name, sheet in sheets.items()})


def _as_executor(executor: Executor | PlainExecutor | None) -> Executor:
    if executor is None:
        return SerialExecutor()
    return FuturesExecutor(executor) if isinstance(executor, PlainExecutor) else executor


@dataclass(frozen=True)
class _Piece:
    """Some consecutive replications of one scenario."""

    name: str
    scenario: Scenario
    seed: int
    engine: str
    first: int
    count: int

    def __str__(self) -> str:
        """Say which replications these are."""
        return f"replications {self.first} to {self.first + self.count - 1} of scenario {self.name!r}"


def _run(piece: _Piece) -> Rows:
    runs = (
        simulate(piece.scenario, seed=piece.seed, replication=replication, engine=piece.engine).kpis
        for replication in range(piece.first, piece.first + piece.count)
    )
    first = next(runs)
    values = np.empty((piece.count, len(first)))
    values[0] = [kpi.value for kpi in first.values()]
    for row, kpis in enumerate(runs, 1):
        values[row] = [kpis[name].value for name in first]
    return Rows(tuple((name, kpi.unit) for name, kpi in first.items()), values)


class _Sheet:
    """The rows of one scenario's study, filled in any order."""

    def __init__(self, replications: int) -> None:
        self._filled = np.zeros(replications, np.bool_)
        self._kpis: tuple[tuple[str, str], ...] = ()
        self._values: NDArray[np.float64] = np.empty((replications, 0))

    @property
    def done(self) -> int:
        """How many replications are there."""
        return int(self._filled.sum())

    def put(self, first: int, rows: Rows) -> None:
        """Fill in replications from number ``first`` on; those beyond the study's end are left out."""
        if not self._kpis:
            self._kpis = rows.kpis
            self._values = np.empty((len(self._filled), len(rows.kpis)))
        count = max(0, min(len(rows.values), len(self._filled) - first))
        self._values[first : first + count] = rows.values[:count]
        self._filled[first : first + count] = True

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Give [start, stop) of every run of replications that are not there."""
        edges = np.flatnonzero(np.diff(np.r_[True, self._filled, True].astype(np.int8)))
        yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)

    def study(self, seed: int, engine: str) -> Study:
        """Return the study, every replication being there."""
        names, units = zip(*self._kpis, strict=True)
        return Study(seed, engine, names, units, self._values)
