"""Run a scenario many times, or several scenarios many times each."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simulators.checkpoint import Checkpoint
from simulators.errors import CheckpointError
from simulators.executors import as_executor
from simulators.policy_parcel import packed, unpacked
from simulators.simulation import AUTO, engine_for, simulate
from simulators.statistics.checks import require
from simulators.study import Rows, Study, Sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Executor as PlainExecutor

    from numpy.typing import NDArray

    from simulators.executors import Executor
    from simulators.kpi import Kpi
    from simulators.scenario import Scenario

__all__ = ["replicate", "sweep"]


def replicate(
    scenario: Scenario,
    *,
    replications: int,
    seed: int,
    first: int = 0,
    engine: str = AUTO,
    policies: Mapping[str, Callable[..., object]] | None = None,
    antithetic: bool = False,
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
        How often, from 1; even if ``antithetic``.
    seed
        From 0; replication ``r`` always meets the same numbers, whoever runs it and when.
    first
        Number of the first replication, from 0; even if ``antithetic``.
    engine
        Name of the engine, or ``auto`` for the fastest that can run the scenario.
    policies
        Python functions by decision point, see `simulate`. Every replication gets copies of its own.
    antithetic
        Whether to run pairs of opposite luck: an odd replication meets the opposite of the even one before it. The
        mean of a pair varies less than that of two independent runs where KPIs follow luck in one direction.
    executor
        Runs the replications side by side; without it they run here, one by one.
    checkpoint
        File that keeps the finished replications. A later call for the same scenario, seed, engine and code takes them
        from there; ``replications`` may then be another number. The file stays when the study is done.
    progress
        Called with (done, all): at first, when what the checkpoint holds is done, and whenever more is.

    Raises
    ------
    simulators.statistics.SettingError
        ``replications`` or ``first`` is out of bounds.
    UnknownEngineError, UnknownPolicyError
        The simulator has no such engine or decision point.
    EngineLimitError
        The engine cannot run a feature of the scenario.
    PolicyError
        A policy failed, which names its own line, or cannot be copied.
    CheckpointError
        The checkpoint is another study's, damaged or in use, or there are policies, which it cannot tell apart.
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
        first=first,
        engine=engine,
        policies=policies,
        antithetic=antithetic,
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
    first: int = 0,
    engine: str = AUTO,
    policies: Mapping[str, Callable[..., object]] | None = None,
    antithetic: bool = False,
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
    seed, first, engine, policies, antithetic, executor, checkpoint
        See `replicate`; they hold for all scenarios.
    progress
        Called with (done, all) over all scenarios.

    Raises
    ------
    simulators.statistics.SettingError
        There is no scenario, or ``replications`` or ``first`` is out of bounds.
    SimulatorError
        As `replicate`.

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
    step, pairs = (2, " and even, for antithetic pairs") if antithetic else (1, "")
    require("replications", replications, replications >= step and replications % step == 0, f"≥ {step}{pairs}")
    require("first", first, first >= 0 and first % step == 0, f"≥ 0{pairs}")
    if not isinstance(scenarios, Mapping):
        scenarios = {str(number): scenario for number, scenario in enumerate(scenarios)}
    require("scenarios", scenarios, bool(scenarios), "at least one scenario")
    policies = policies or {}
    if policies and checkpoint:
        message = (
            f"checkpoint = {str(checkpoint)!r} cannot keep a study with policies for {', '.join(policies)}: whether a "
            "function is still the same cannot be told from a file; leave checkpoint out"
        )
        raise CheckpointError(message)
    engines = {name: engine_for(scenario, engine, policies) for name, scenario in scenarios.items()}
    plans = {
        name: _Plan(name, scenario, seed, engines[name], packed(policies), antithetic)
        for name, scenario in scenarios.items()
    }
    sheets = {name: _Sheet(first, replications) for name in scenarios}
    total = replications * len(sheets)
    with ExitStack() as stack:
        kept = checkpoint and stack.enter_context(
            Checkpoint(Path(checkpoint), scenarios, engines, seed, antithetic=antithetic)
        )
        if kept:
            for name, number, rows in kept.finished:
                sheets[name].put(number, rows)
        done = sum(sheet.done for sheet in sheets.values())
        if progress:
            progress(done, total)
        if done < total:
            opened = stack.enter_context(as_executor(executor))
            size = opened.piece(total - done)
            pieces = [
                _Piece(plan, number, min(size, stop - number))
                for name, plan in plans.items()
                for start, stop in sheets[name].gaps()
                for number in range(start, stop, size)
            ]
            for position, rows in opened.run(_run, pieces):
                piece = pieces[position]
                if kept:
                    kept.append(piece.plan.name, piece.first, rows)
                sheets[piece.plan.name].put(piece.first, rows)
                done += piece.count
                if progress:
                    progress(done, total)
    return Sweep(seed, {name: sheet.study(plans[name]) for name, sheet in sheets.items()})


@dataclass(frozen=True)
class _Plan:
    """How the replications of one scenario are run."""

    name: str
    scenario: Scenario
    seed: int
    engine: str
    policies: tuple[tuple[str, bytes], ...]
    antithetic: bool

    def kpis(self, replication: int) -> Mapping[str, Kpi]:
        """Run one of them."""
        run = simulate(
            self.scenario,
            seed=self.seed,
            replication=replication,
            engine=self.engine,
            policies=unpacked(self.policies),
            journal=False,
            antithetic=self.antithetic,
        )
        return run.kpis


@dataclass(frozen=True)
class _Piece:
    """Some consecutive replications of one scenario."""

    plan: _Plan
    first: int
    count: int

    def __str__(self) -> str:
        """Say which replications these are."""
        return f"replications {self.first} to {self.first + self.count - 1} of scenario {self.plan.name!r}"


def _run(piece: _Piece) -> Rows:
    runs = map(piece.plan.kpis, range(piece.first, piece.first + piece.count))
    first = next(runs)
    values = np.empty((piece.count, len(first)))
    values[0] = [kpi.value for kpi in first.values()]
    for row, kpis in enumerate(runs, 1):
        values[row] = [kpis[name].value for name in first]
    return Rows(tuple((name, kpi.unit) for name, kpi in first.items()), values)


class _Sheet:
    """The rows of one scenario's study, filled in any order."""

    def __init__(self, first: int, replications: int) -> None:
        self._first = first
        self._filled = np.zeros(replications, np.bool_)
        self._kpis: tuple[tuple[str, str], ...] = ()
        self._values: NDArray[np.float64] = np.empty((replications, 0))

    @property
    def done(self) -> int:
        """How many replications are there."""
        return int(self._filled.sum())

    def put(self, number: int, rows: Rows) -> None:
        """Fill in replications from ``number`` on; those that the study does not ask for are left out."""
        if not self._kpis:
            self._kpis = rows.kpis
            self._values = np.empty((len(self._filled), len(rows.kpis)))
        offset = number - self._first
        start, stop = max(offset, 0), min(offset + len(rows.values), len(self._filled))
        if start < stop:
            self._values[start:stop] = rows.values[start - offset : stop - offset]
            self._filled[start:stop] = True

    def gaps(self) -> Iterator[tuple[int, int]]:
        """Give [start, stop) of every run of replications that are not there, by their numbers."""
        edges = np.flatnonzero(np.diff(np.r_[True, self._filled, True].astype(np.int8)))
        for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            yield self._first + start, self._first + stop

    def study(self, plan: _Plan) -> Study:
        """Return the study, every replication being there."""
        names, units = zip(*self._kpis, strict=True)
        return Study(plan.seed, plan.engine, names, units, self._values, self._first, plan.antithetic)
