"""The states of a machine over time, derived from the journal."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from simulators.production_line.events import Event

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal

__all__ = ["STATES", "State", "state_intervals"]


class State(IntEnum):
    """What a machine does at a moment."""

    STARVED = 0
    WORKING = 1
    BLOCKED = 2
    DOWN = 3


STATES = tuple(State)

_HOLDING = {
    Event.START: int(State.WORKING),
    Event.FINISH: int(State.BLOCKED),
    Event.LEAVE: int(State.STARVED),
}


def state_intervals(journal: Journal, place: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Follow one machine.

    Parameters
    ----------
    journal
        What happened in the line.
    place
        The machine.

    Returns
    -------
    ``start_s`` ``(M,)``, when each interval begins (the first at 0, each ends where the next begins, intervals of no
    length may occur), and ``state`` ``(M,)``, the :class:`State` in it.
    """
    mine = journal.place == place
    event = journal.event[mine]
    known = np.isin(event, [*_HOLDING, Event.FAIL, Event.REPAIR])
    event = event[known]
    start_s = np.concatenate(([0.0], journal.time_s[mine][known]))
    holding = _carry(event, {int(code): state for code, state in _HOLDING.items()}, int(State.STARVED))
    down = _carry(event, {int(Event.FAIL): 1, int(Event.REPAIR): 0}, 0)
    return start_s, np.where(down == 1, int(State.DOWN), holding)


def _carry(event: NDArray[np.int16], value_after: dict[int, int], at_first: int) -> NDArray[np.int64]:
    """Return the value before the first event and after each, carried over events that do not change it."""
    lookup = np.full(max(Event) + 1, -1, np.int64)
    for code, value in value_after.items():
        lookup[code] = value
    change = np.concatenate(([at_first], lookup[event]))
    last = np.maximum.accumulate(np.where(change >= 0, np.arange(len(change)), 0))
    return change[last]
