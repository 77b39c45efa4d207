"""Many independent runs of a scenario, and what they say together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from simulators.errors import UnknownKpiError
from simulators.simulation import simulate

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from numpy.typing import NDArray

    from simulators.kpi import Kpi
    from simulators.scenario import Scenario

__all__ = ["Estimate", "Study", "replicate"]


@dataclass(frozen=True)
class Estimate:
    """A mean over replications and how sure we are of it.

    Parameters
    ----------
    mean
        Mean of the replications.
    half_width_95
        Half the width of the 95 % confidence interval by Student's t; infinite with a single replication.
    unit
        Unit of both.
    """

    mean: float
    half_width_95: float
    unit: str


@dataclass(frozen=True, eq=False)
class Study:
    """The KPIs of ``R`` replications.

    Parameters
    ----------
    seed
        The seed they share.
    engine
        The engine that ran them.
    names, units
        Names and units of the ``K`` KPIs.
    values
        ``(R, K)`` float64, one row a replication, in their order.
    """

    seed: int
    engine: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    values: NDArray[np.float64]

    @property
    def replications(self) -> int:
        """Number of replications."""
        return len(self.values)

    def estimate(self, name: str) -> Estimate:
        """Return mean and interval of one KPI.

        Replications that give no value (NaN) make the estimate NaN: they are not silently left out.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        """
        try:
            column = self.names.index(name)
        except ValueError:
            raise UnknownKpiError(name, self.names) from None
        values = self.values[:, column]
        count = len(values)
        mean = float(values.mean())
        if count == 1:
            return Estimate(mean, math.inf, self.units[column])
        quantile = float(stdtrit(count - 1, 0.975))
        half_width = quantile * float(values.std(ddof=1)) / math.sqrt(count)
        return Estimate(mean, half_width, self.units[column])

    def estimates(self) -> dict[str, Estimate]:
        """Return every KPI's estimate by name."""
        return {name: self.estimate(name) for name in self.names}


def replicate(
    scenario: Scenario,
    *,
    replications: int,
    seed: int,
    engine: str = "simpy",
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Run a scenario ``R`` times with independent random numbers.

    Parameters
    ----------
    scenario
        Of any kind.
    replications
        How often, from 1.
    seed
        From 0; replication ``r`` always meets the same numbers, whoever runs it and when.
    engine
        Name of the engine.
    executor
        Runs the replications side by side; without it they run here, one by one. The study is the same.
    progress
        Called with (done, all) after each replication.

    Raises
    ------
    ValueError
        ``replications`` is below 1.
    """
    if replications < 1:
        message = f"replications = {replications} must be ≥ 1"
        raise ValueError(message)
    run = partial(_figures, scenario, seed, engine)
    numbers = range(replications)
    rows: list[dict[str, Kpi]] = []
    for kpis in (executor.map if executor else map)(run, numbers):
        rows.append(kpis)
        if progress:
            progress(len(rows), replications)
    units = tuple(kpi.unit for kpi in rows[0].values())
    values = np.array([[kpi.value for kpi in kpis.values()] for kpis in rows], np.float64)
    return Study(seed, engine, tuple(rows[0]), units, values)


def _figures(scenario: Scenario, seed: int, engine: str, replication: int) -> dict[str, Kpi]:
    return dict(simulate(scenario, seed=seed, replication=replication, engine=engine).kpis)
