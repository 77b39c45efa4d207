"""What was measured of each station: a tally summed over its machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.production_line.columns import DOWN_S, FAILURES, MENDING_S, PRODUCED, REPAIR_S, REPAIRS, SPOILT

if TYPE_CHECKING:
    from simulators.production_line.scenario import ProductionLine
    from simulators.production_line.tally import Tally

__all__ = ["Measured", "measured"]


@dataclass(frozen=True, slots=True)
class Measured:
    """One station's sums from the warm-up to the horizon, over its machines.

    Parameters
    ----------
    span_s
        Length of the measurement times machines.
    state_s
        Time by :class:`~simulators.production_line.State`.
    planned_s
        Mean service times of the parts that it produced.
    produced, spoilt
        Parts, and those of them that its service made defective or its inspection rejected.
    failures, repairs
        Failures, and repairs that were completed.
    down_s, repair_s, mending_s
        Time from failures to the ends of their repairs: all of it, that of completed repairs, and that in which
        somebody of a crew repaired.
    """

    span_s: float
    state_s: list[float]
    planned_s: float
    produced: int
    spoilt: int
    failures: int
    repairs: int
    down_s: float
    repair_s: float
    mending_s: float


def measured(scenario: ProductionLine, tally: Tally) -> list[Measured]:
    """Return what was measured of every station."""
    machines = [station.machines for station in scenario.stations]
    first = np.concatenate(([0], np.cumsum(machines)[:-1]))
    span_s = scenario.horizon_s - scenario.warm_up_s
    return [
        Measured(
            span_s * count,
            state_s,
            planned_s,
            counts[PRODUCED],
            counts[SPOILT],
            counts[FAILURES],
            counts[REPAIRS],
            times_s[DOWN_S],
            times_s[REPAIR_S],
            times_s[MENDING_S],
        )
        for count, state_s, planned_s, counts, times_s in zip(
            machines,
            np.add.reduceat(tally.state_s, first).tolist(),
            tally.planned_s.tolist(),
            np.add.reduceat(tally.machine_count, first).tolist(),
            np.add.reduceat(tally.machine_s, first).tolist(),
            strict=True,
        )
    ]
