"""Many independent runs of a scenario, and what they say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulators.errors import UnknownKpiError
from simulators.statistics import half_widths

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
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
        values = self.values[:, [column]]
        return Estimate(float(values.mean()), float(half_widths(values)[0]), self.units[column])

    def estimates(self) -> dict[str, Estimate]:
        """Return every KPI's estimate by name."""
        return {name: self.estimate(name) for name in self.names}


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
