"""Many independent runs of a scenario, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.errors import UnknownKpiError
from simulators.statistics import ControlledMean, control_variates, half_widths
from simulators.statistics.checks import require

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Estimate", "Rows", "Study", "Sweep"]


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
class Rows:
    """The figures of some replications, as they travel and are kept.

    Parameters
    ----------
    kpis
        Name and unit of each of the ``K`` KPIs.
    values
        ``(n, K)`` float64, one row a replication.
    """

    kpis: tuple[tuple[str, str], ...]
    values: NDArray[np.float64]


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
    first
        Number of the first replication.
    antithetic
        Whether they are pairs of opposite luck, which depend on each other: an even one and the next.
    """

    seed: int
    engine: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    values: NDArray[np.float64]
    first: int = 0
    antithetic: bool = False

    @property
    def replications(self) -> int:
        """Number of replications."""
        return len(self.values)

    @property
    def independent(self) -> NDArray[np.float64]:
        """Independent observations of every KPI: ``(R, K)`` replications, or ``(R / 2, K)`` means of antithetic pairs.

        Intervals and comparisons must be made from these.
        """
        if not self.antithetic:
            return self.values
        pairs: NDArray[np.float64] = self.values.reshape(-1, 2, len(self.names)).mean(axis=1)
        return pairs

    def observations(self, name: str) -> NDArray[np.float64]:
        """Return the independent observations of one KPI, ``(R,)`` or of antithetic pairs ``(R / 2,)``.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        """
        return self.independent[:, self._column(name)]

    def estimate(self, name: str) -> Estimate:
        """Return mean and interval of one KPI.

        Replications that give no value (NaN) make the estimate NaN: they are not silently left out.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        """
        column = self._column(name)
        half_width = half_widths(self.independent[:, [column]])[0]
        return Estimate(float(self.values[:, [column]].mean()), float(half_width), self.units[column])

    def estimates(self) -> dict[str, Estimate]:
        """Return every KPI's estimate by name."""
        return {name: self.estimate(name) for name in self.names}

    def controlled(self, name: str, known_means: Mapping[str, float], confidence: float = 0.95) -> ControlledMean:
        """Return a sharper mean of one KPI, adjusted by others whose true means are known (control variates).

        Parameters
        ----------
        name
            The KPI.
        known_means
            True mean of each control, another KPI, by its name: such as how long a machine that fails by the clock is
            down, or how many parts arrive.
        confidence
            Of the interval, between 0 and 1.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        simulators.statistics.StatisticsError
            There are too few replications, or the controls do not vary.
        """
        require("known_means", known_means, bool(known_means), "at least one KPI and its true mean")
        controls = np.column_stack([self.observations(control) for control in known_means])
        return control_variates(self.observations(name), controls, list(known_means.values()), confidence)

    def _column(self, name: str) -> int:
        try:
            return self.names.index(name)
        except ValueError:
            raise UnknownKpiError(name, self.names) from None


@dataclass(frozen=True, eq=False)
class Sweep:
    """Studies of several scenarios that met the same random numbers, so that they may be compared pair by pair.

    Parameters
    ----------
    seed
        The seed they share.
    studies
        A study by the name of its scenario, in the order in which they were given.
    """

    seed: int
    studies: Mapping[str, Study]

    def __getitem__(self, name: str) -> Study:
        """Return the study of one scenario."""
        return self.studies[name]

    def estimates(self, kpi: str) -> dict[str, Estimate]:
        """Return one KPI's estimate by scenario.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        """
        return {name: study.estimate(kpi) for name, study in self.studies.items()}

    def observations(self, kpi: str) -> NDArray[np.float64]:
        """Return the independent observations of one KPI, ``(R, S)``: a column a scenario, in their order.

        Those of a row met the same luck; `simulators.statistics.compare_all` takes them as they are.

        Raises
        ------
        UnknownKpiError
            There is no such KPI.
        """
        return np.column_stack([study.observations(kpi) for study in self.studies.values()])
