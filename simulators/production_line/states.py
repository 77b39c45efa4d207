"""The states of a machine over time, derived from the journal.

What a machine holds decides (nothing: starved; a part in work, in set-up, waiting for an operator, or finished and
blocked), unless the machine is off its shift, else down, else in maintenance.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.production_line.events import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line.station import Station

__all__ = ["LOAD", "NOBODY", "STATES", "Spans", "State", "spans", "state_intervals", "states_of"]


NOBODY = -1


class State(IntEnum):
    """What a machine does at a moment."""

    STARVED = 0
    """It is empty."""
    WORKING = 1
    """It works on a part."""
    BLOCKED = 2
    """It holds a finished part, for which there is no room."""
    DOWN = 3
    """It has failed."""
    SETUP = 4
    """It is set up for the part that it holds."""
    AWAITING = 5
    """The part on it waits for an operator."""
    MAINTENANCE = 6
    """It is maintained."""
    OFF = 7
    """Its shift is over."""


STATES = tuple(State)

LOAD = (Event.START, Event.SETUP, Event.AWAIT)
"""Any of these may be the first event of a part on a machine."""

HELD_AFTER: Mapping[Event, State] = {
    Event.START: State.WORKING,
    Event.SETUP: State.SETUP,
    Event.AWAIT: State.AWAITING,
    Event.FINISH: State.BLOCKED,
    Event.LEAVE: State.STARVED,
}
"""What a machine does after an event, as far as what it holds decides."""

OVERLAYS: Mapping[State, tuple[Event, Event]] = {
    State.MAINTENANCE: (Event.MAINTAIN, Event.MAINTAINED),
    State.DOWN: (Event.FAIL, Event.REPAIR),
    State.OFF: (Event.OFF, Event.ON),
}
"""Beginning and end of what comes before all that; the last one comes first."""


def states_of(station: Station) -> tuple[State, ...]:
    """Return the states that a station's machines can be in; the four of every machine first."""
    skilled = station.service_skill is not None or (station.setup is not None and station.setup.skill is not None)
    more = {
        State.SETUP: station.setup is not None,
        State.AWAITING: skilled,
        State.MAINTENANCE: station.maintenance is not None,
        State.OFF: station.shift is not None,
    }
    return (*STATES[: State.SETUP], *(state for state, possible in more.items() if possible))


class Spans(NamedTuple):
    """What one machine did: ``N`` intervals, each of which ends where the next begins; some may have no length.

    Parameters
    ----------
    start_s
        ``(N,)`` when each begins; the first at 0.
    state
        ``(N,)`` a :class:`State`.
    part
        ``(N,)`` the part on the machine, -1 for none.
    """

    start_s: NDArray[np.float64]
    state: NDArray[np.int64]
    part: NDArray[np.int64]


def spans(journal: Journal, place: int) -> Spans:
    """Follow one machine and what it holds.

    Parameters
    ----------
    journal
        What happened in the line.
    place
        The machine.
    """
    mine = np.flatnonzero(journal.place == place)
    mine = mine[np.isin(journal.event[mine], [*HELD_AFTER, *(end for ends in OVERLAYS.values() for end in ends)])]
    event = journal.event[mine]
    state = _carry(event, HELD_AFTER, int(State.STARVED))
    for overlay, (begin, end) in OVERLAYS.items():
        state = np.where(_carry(event, {begin: 1, end: 0}, 0) == 1, int(overlay), state)
    holds = _last(np.isin(event, [*LOAD, Event.LEAVE]))
    part = np.where(event == Event.LEAVE, NOBODY, journal.entity[mine])
    start_s = np.concatenate(([0.0], journal.time_s[mine]))
    return Spans(start_s, state, np.concatenate(([NOBODY], part))[holds])


def state_intervals(journal: Journal, place: int) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Follow the state of one machine.

    Parameters
    ----------
    journal
        What happened in the line.
    place
        The machine.

    Returns
    -------
    ``start_s`` ``(N,)``, when each interval begins (the first at 0, each ends where the next begins, intervals of no
    length may occur), and ``state`` ``(N,)``, the :class:`State` in it.
    """
    found = spans(journal, place)
    return found.start_s, found.state


def _carry(event: NDArray[np.int16], value_after: Mapping[Event, int], at_first: int) -> NDArray[np.int64]:
    """Return the value before the first event and after each, carried over events that do not change it."""
    lookup = np.zeros(max(Event) + 1, np.int64)
    for code, value in value_after.items():
        lookup[code] = value
    return np.concatenate(([at_first], lookup[event]))[_last(np.isin(event, list(value_after)))]


def _last(changes: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return, before the first event and after each, the position of the last change, 0 before any."""
    return np.maximum.accumulate(np.concatenate(([0], np.where(changes, np.arange(1, len(changes) + 1), 0))))
