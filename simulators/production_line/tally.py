"""Everything counted of a line while it runs, in memory that does not grow with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.machine_code import compiled
from simulators.production_line.columns import (
    AREA,
    DOWN_S,
    FAILED_S,
    LEVEL,
    LEVEL_SINCE_S,
    MENDED_S,
    MENDING_S,
    NOW,
    OVER,
    OVER_DOWN,
    SINCE_S,
)
from simulators.production_line.live_parts import LiveParts, new_live_parts
from simulators.production_line.states import NOBODY, STATES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.production_line.measured_line import MeasuredLine

__all__ = ["Tally", "new_tally", "settle"]


class Tally(NamedTuple):
    """What has been counted, for ``M`` machines, ``P`` places, ``T`` part types, ``S`` stations, ``O`` orders.

    Its columns are those of :mod:`simulators.production_line.columns`.

    Parameters
    ----------
    live
        The parts in the line.
    machine
        ``(M, 4)`` what it is like: columns ``HELD`` and on.
    state_s
        ``(M, states)`` time in every state.
    machine_s
        ``(M, 6)`` times, columns ``DOWN_S`` and on.
    machine_count
        ``(M, 4)`` columns ``PRODUCED`` and on.
    level
        ``(P + 1, 3)`` columns ``LEVEL`` and on; the last row is the whole line.
    planned_s
        ``(S,)`` mean service times of what has been produced.
    made, lead_s
        ``(T,)`` parts that have left the line finished, and the sum of their times in it.
    parts
        ``(5,)`` from ``ENDED`` on.
    order_left, order_end_s
        ``(O,)`` parts of every order still to come to their end, and when the last one did.
    """

    live: LiveParts
    machine: NDArray[np.int64]
    state_s: NDArray[np.float64]
    machine_s: NDArray[np.float64]
    machine_count: NDArray[np.int64]
    level: NDArray[np.float64]
    planned_s: NDArray[np.float64]
    made: NDArray[np.int64]
    lead_s: NDArray[np.float64]
    parts: NDArray[np.int64]
    order_left: NDArray[np.int64]
    order_end_s: NDArray[np.float64]


def new_tally(line: MeasuredLine, places: int) -> Tally:
    """Return the tally of a line with so many places, in which nothing has happened."""
    machines, stations, types = len(line.station_of), len(line.station_mean_s), len(line.route_first)
    machine_s = np.zeros((machines, 6))
    machine_s[:, SINCE_S] = line.begin_s
    machine_s[:, MENDED_S] = NOBODY
    level = np.zeros((places + 1, 3))
    level[:, LEVEL_SINCE_S] = line.begin_s
    return Tally(
        new_live_parts(),
        np.zeros((machines, 4), np.int64),
        np.zeros((machines, len(STATES))),
        machine_s,
        np.zeros((machines, 4), np.int64),
        level,
        np.zeros(stations),
        np.zeros(types, np.int64),
        np.zeros(types),
        np.zeros(5, np.int64),
        np.diff(line.order_end, prepend=0),
        np.full(len(line.order_end), np.nan),
    )


def settle(line: MeasuredLine, tally: Tally, end_s: float) -> Tally:
    """Return a copy in which all that goes on is counted until the end."""
    settled = tally._replace(state_s=tally.state_s.copy(), machine_s=tally.machine_s.copy(), level=tally.level.copy())
    _settle(line.begin_s, settled.machine, settled.state_s, settled.machine_s, settled.level, end_s)
    return settled


@compiled
def _settle(
    begin_s: float,
    machine: NDArray[np.int64],
    state_s: NDArray[np.float64],
    machine_s: NDArray[np.float64],
    level: NDArray[np.float64],
    end_s: float,
) -> None:
    for row in range(len(machine)):
        state_s[row, machine[row, NOW]] += end_s - machine_s[row, SINCE_S]
        if machine[row, OVER] & OVER_DOWN:
            machine_s[row, DOWN_S] += end_s - max(machine_s[row, FAILED_S], begin_s)
        if machine_s[row, MENDED_S] >= 0:
            machine_s[row, MENDING_S] += end_s - max(machine_s[row, MENDED_S], begin_s)
    for place in range(len(level)):
        level[place, AREA] += level[place, LEVEL] * (end_s - level[place, LEVEL_SINCE_S])
