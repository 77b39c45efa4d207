"""Replicate a scenario until its means are precise enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from simulators.executors import as_executor
from simulators.replication import replicate
from simulators.simulation import AUTO
from simulators.statistics import sample_until
from simulators.statistics.checks import require

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from concurrent.futures import Executor as PlainExecutor
    from pathlib import Path

    from numpy.typing import NDArray

    from simulators.executors import Executor
    from simulators.scenario import Scenario
    from simulators.study import Study

__all__ = ["SequentialStudy", "replicate_until"]


@dataclass(frozen=True, eq=False)
class SequentialStudy:
    """A study of as many replications as the precision asked for.

    Parameters
    ----------
    study
        The replications, from number 0 on.
    reached
        Whether every chosen KPI is precise enough; otherwise the cap came first.
    """

    study: Study
    reached: bool


def replicate_until(
    scenario: Scenario,
    kpis: str | Sequence[str],
    *,
    seed: int,
    relative: float | None = None,
    absolute: float | None = None,
    confidence: float = 0.95,
    minimum: int = 10,
    growth: float = 1.25,
    cap: int = 10_000,
    engine: str = AUTO,
    policies: Mapping[str, Callable[..., object]] | None = None,
    antithetic: bool = False,
    executor: Executor | PlainExecutor | None = None,
    checkpoint: Path | str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> SequentialStudy:
    """Replicate until the half-width of every chosen KPI is small enough.

    The number of replications does not depend on who runs them: the rule is looked at after every single one from the
    minimum on, and those that had been run ahead of need are dropped. See `simulators.statistics.sample_until`.

    Parameters
    ----------
    scenario
        Of any kind.
    kpis
        Name of the KPI that must be precise, or several names.
    seed
        From 0.
    relative
        Largest relative error γ of a mean, such as 0.05: the half-width is at most γ / (1 + γ) of the mean. Give this
        or ``absolute``.
    absolute
        Largest half-width, in the KPI's unit.
    confidence
        Of each KPI by itself.
    minimum, cap
        Observations before the precision is first looked at, and at most: replications, or pairs if ``antithetic``.
    growth
        So many times as many observations are run before the precision is looked at again; it never changes the study.
    engine, policies, antithetic, executor, checkpoint
        See `replicate`.
    progress
        Called with (done, planned); how many are planned grows as long as the precision is not reached.

    Raises
    ------
    simulators.statistics.SettingError
        A setting is out of bounds, or not exactly one of ``relative`` and ``absolute`` is given.
    simulators.statistics.SampleError
        A chosen KPI has no value in some replication.
    UnknownKpiError
        There is no such KPI.
    SimulatorError
        As `replicate`.

    Examples
    --------
    >>> from simulators.production_line import ProductionLine
    >>> line = ProductionLine.model_validate({
    ...     "kind": "production_line",
    ...     "horizon_s": 3600,
    ...     "release": {"kind": "saturated"},
    ...     "stations": [{"name": "press", "service": {"kind": "exponential", "mean_s": 36}}],
    ... })
    >>> found = replicate_until(line, "parts_made", seed=1, relative=0.05)
    >>> found.reached, found.study.estimate("parts_made").half_width_95 < 0.05 * 100
    (True, True)
    """
    names = [kpis] if isinstance(kpis, str) else list(kpis)
    require("kpis", kpis, bool(names), "at least one name")
    size = 2 if antithetic else 1
    studies: list[Study] = []
    with as_executor(executor) as workers:

        def sample(first: int, count: int) -> NDArray[np.float64]:
            study = replicate(
                scenario,
                replications=size * count,
                seed=seed,
                first=size * first,
                engine=engine,
                policies=policies,
                antithetic=antithetic,
                executor=workers,
                checkpoint=checkpoint,
                progress=progress and _further(progress, size * first),
            )
            studies.append(study)
            return np.column_stack([study.observations(name) for name in names])

        found = sample_until(
            sample,
            relative=relative,
            absolute=absolute,
            confidence=confidence,
            minimum=minimum,
            growth=growth,
            cap=cap,
        )
    values = np.concatenate([study.values for study in studies])[: size * found.replications]
    return SequentialStudy(replace(studies[0], values=values), found.reached)


def _further(progress: Callable[[int, int], None], before: int) -> Callable[[int, int], None]:
    return lambda done, total: progress(before + done, before + total)
