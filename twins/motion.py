"""Where every part of a production line is, and what every machine does, in a window of time; from the journal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulators.production_line import Event, Places, state_intervals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line import ProductionLine

__all__ = ["OUT", "SHOWN_SLOTS", "Spells", "Stays", "spells", "stays"]

OUT = -1
"""The place of a part that has left the line."""

SHOWN_SLOTS = 20
"""Slots of a buffer that are told apart; parts further back stand in the last of them."""

OUT_FOR_S = 8.0


@dataclass(frozen=True, eq=False)
class Stays:
    """Who stood where from when to when: ``N`` rows, ordered by part and time, none of no length.

    Parameters
    ----------
    part
        ``(N,)`` number of the part.
    place
        ``(N,)`` index into the journal's places, or ``OUT``.
    slot
        ``(N,)`` position in the buffer, 0 is next to be served; 0 elsewhere.
    start_s, end_s
        ``(N,)`` simulated time; the end of a stay that the run cut off is infinite.
    settled_s
        ``(N,)`` the part's next event, by which it must have arrived.
    """

    part: NDArray[np.int64]
    place: NDArray[np.int64]
    slot: NDArray[np.int64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    settled_s: NDArray[np.float64]

    def __len__(self) -> int:
        """Return the number of stays."""
        return len(self.part)


@dataclass(frozen=True, eq=False)
class Spells:
    """What one machine did: ``M`` intervals of positive length, neighbours differ.

    Parameters
    ----------
    state
        ``(M,)`` a :class:`~simulators.production_line.State`.
    start_s, end_s
        ``(M,)`` simulated time; the last end is infinite.
    """

    state: NDArray[np.int64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]


def stays(scenario: ProductionLine, journal: Journal, start_s: float, end_s: float) -> Stays:
    """Follow all parts.

    Parameters
    ----------
    scenario
        The line that ran.
    journal
        What happened in it.
    start_s, end_s
        The window, simulated seconds; stays that touch it are kept whole.

    Returns
    -------
    The stays.
    """
    places = Places(scenario)
    row = np.arange(len(journal))
    started, left = journal.event == Event.START, journal.event == Event.LEAVE
    columns: list[tuple[NDArray[np.generic], ...]] = []
    for position, machines in enumerate(places.machines):
        queued = row[(journal.event == Event.QUEUE) & (journal.place == position)]
        served = row[started & np.isin(journal.place, machines)]
        columns.append(_in_buffer(journal, position, queued, served))
        columns += [_on_machine(journal, place, started, left) for place in machines]
    out = journal.event == Event.EXIT
    when = journal.time_s[out]
    nought = np.zeros(len(when), np.int64)
    columns.append((journal.entity[out], nought + OUT, nought, when, when + OUT_FOR_S, when + OUT_FOR_S))
    part, place, slot, begin, end, settled = (np.concatenate(column) for column in zip(*columns, strict=True))
    keep = np.flatnonzero((begin < end) & (end > start_s) & (begin < end_s))
    keep = keep[np.lexsort((begin[keep], part[keep]))]
    return Stays(part[keep], place[keep], slot[keep], begin[keep], end[keep], settled[keep])


def _on_machine(
    journal: Journal, place: int, started: NDArray[np.bool_], left: NDArray[np.bool_]
) -> tuple[NDArray[np.generic], ...]:
    """One part after the other: the k-th start ends with the k-th leave."""
    here = journal.place == place
    begin = journal.time_s[here & started]
    end = _padded(journal.time_s[here & left], len(begin))
    finish = _padded(journal.time_s[here & (journal.event == Event.FINISH)], len(begin))
    nought = np.zeros(len(begin), np.int64)
    return journal.entity[here & started], nought + place, nought, begin, end, finish


def _in_buffer(
    journal: Journal, position: int, queued: NDArray[np.int64], served: NDArray[np.int64]
) -> tuple[NDArray[np.generic], ...]:
    """First in, first out: part k moves up one slot whenever one before it leaves."""
    part = journal.entity[queued]
    served = served[np.isin(journal.entity[served], part)]  # the k-th of them is the k-th that queued
    leaves_s = _padded(journal.time_s[served], len(queued))
    number = np.arange(len(queued))
    gone = np.searchsorted(served, queued)  # how many had left before k came, by order in the journal
    gone = np.maximum(gone, number - SHOWN_SLOTS + 1)
    steps = number - gone + 1
    owner = np.repeat(number, steps)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(steps) - steps, steps)
    leaver = gone[owner] + step
    begin = np.where(step == 0, journal.time_s[queued][owner], leaves_s[np.maximum(leaver - 1, 0)])
    end = leaves_s[leaver]
    return part[owner], np.full(len(owner), position), owner - leaver, begin, end, end


def _padded(time_s: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Append infinity for what the run did not live to see."""
    return np.concatenate([time_s, np.full(length - len(time_s), np.inf)])


def spells(journal: Journal, place: int, start_s: float, end_s: float) -> Spells:
    """Follow the state of one machine.

    Parameters
    ----------
    journal
        What happened.
    place
        The machine.
    start_s, end_s
        The window, simulated seconds; intervals that touch it are kept whole.

    Returns
    -------
    Its intervals, with those of no length left out and equal neighbours joined.
    """
    begin, state = state_intervals(journal, place)
    lasting = np.append(begin[1:] > begin[:-1], True)
    begin, state = begin[lasting], state[lasting]
    changed = np.append(True, state[1:] != state[:-1])
    begin, state = begin[changed], state[changed]
    end = np.append(begin[1:], np.inf)
    keep = (end > start_s) & (begin < end_s)
    return Spells(state[keep], begin[keep], end[keep])
