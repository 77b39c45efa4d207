"""Where every part of a production line is, and what every machine does, in a window of time; from the journal."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from simulators.production_line import Event, Places, state_intervals
from simulators.production_line.places import NOWHERE
from simulators.production_line.states import LOAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line import ProductionLine

Number = TypeVar("Number", np.int64, np.float64)

__all__ = ["OUT", "SCRAPPED", "SHOWN_SLOTS", "Spells", "Stays", "spells", "stays"]

OUT, SCRAPPED = -1, -2
"""The places of parts that have left the line, finished or as scrap."""

SHOWN_SLOTS = 20
"""Slots of a buffer that are told apart; parts further back stand in the last of them."""

OUT_FOR_S = 8.0
ENDS = {Event.EXIT: OUT, Event.SCRAP: SCRAPPED}
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class Stays:
    """Who stood where from when to when: ``N`` rows, ordered by part and time, none of no length.

    Parameters
    ----------
    part
        ``(N,)`` number of the part.
    place
        ``(N,)`` index into the journal's places, ``OUT`` or ``SCRAPPED``.
    slot
        ``(N,)`` position in the buffer or store, or behind the end of the conveyor, 0 is the one that came first; 0
        elsewhere.
    start_s, end_s
        ``(N,)`` simulated time; the end of a stay that the run cut off is infinite.
    settled_s
        ``(N,)`` the part's next event, by which it must have arrived.
    travels
        ``(N,)`` whether it travels on a conveyor until then.
    """

    part: NDArray[np.int64]
    place: NDArray[np.int64]
    slot: NDArray[np.int64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]
    settled_s: NDArray[np.float64]
    travels: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of stays."""
        return len(self.part)

    def chosen(self, rows: NDArray[np.int64]) -> Stays:
        """Return some of the stays."""
        return Stays(*(getattr(self, field.name)[rows] for field in fields(self)))


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
        The window, simulated seconds; stays that touch it are kept, those in machines whole.

    Returns
    -------
    The stays.
    """
    places = Places(scenario)
    found, came, went = _whole_stays(journal)
    seen = (found.start_s < found.end_s) & (found.end_s > start_s) & (found.start_s < end_s)
    conveyors = {
        place: station.conveyor.transport_time_s
        for place, station in zip(places.conveyors, scenario.stations, strict=True)
        if station.conveyor is not None
    }
    components = [place for kit in places.components for place in kit.values()]
    queues = [*range(len(scenario.stations)), *(place for place in places.stores if place != NOWHERE), *components]
    pieces = [found.chosen(np.flatnonzero(seen & ~np.isin(found.place, [*queues, *conveyors])))]
    for place in queues:
        mine = np.flatnonzero(seen & (found.place == place))
        pieces.append(_in_slots(found.chosen(mine), came[mine], went[mine]))
    for place, time_s in conveyors.items():
        mine = np.flatnonzero(seen & (found.place == place))
        pieces.append(_on_conveyor(found.chosen(mine[np.argsort(came[mine])]), time_s))
    together = _together(pieces)
    keep = np.flatnonzero((together.start_s < together.end_s) & (together.end_s > start_s) & (together.start_s < end_s))
    return together.chosen(keep[np.lexsort((together.start_s[keep], together.part[keep]))])


def _whole_stays(journal: Journal) -> tuple[Stays, NDArray[np.int64], NDArray[np.int64]]:
    """Return where every part was, its queues and conveyors in one, and the rows in which it came and went."""
    moves = [*LOAD, Event.QUEUE, Event.CONVEY, Event.STORE, *ENDS, Event.ASSEMBLE]
    row = np.flatnonzero(np.isin(journal.event, [*moves, Event.FINISH]))
    row = row[np.argsort(journal.entity[row], kind="stable")]
    part, event = journal.entity[row], journal.event[row]
    loads = np.isin(event, LOAD)
    # Set-up, waiting for an operator and service are one stay.
    again = _follows(part)
    again[1:] &= loads[1:] & loads[:-1]
    row, part, event = row[~again], part[~again], event[~again]
    time_s = journal.time_s[row]
    settled_s = _next(part, time_s, np.inf)
    moving = np.flatnonzero(np.isin(event, moves))
    went = _next(part[moving], row[moving], NEVER)
    end_s = _next(part[moving], time_s[moving], np.inf)
    row, part, event = row[moving], part[moving], event[moving]
    time_s, settled_s = time_s[moving], settled_s[moving]
    place = journal.place[row].astype(np.int64)
    for kind, where in ENDS.items():
        place[event == kind] = where
        end_s[event == kind] = settled_s[event == kind] = time_s[event == kind] + OUT_FOR_S
    there = np.flatnonzero(event != Event.ASSEMBLE)
    nought = np.zeros(len(row), np.int64)
    found = Stays(part, place, nought, time_s, end_s, settled_s, nought > 0)
    return found.chosen(there), row[there], went[there]


def _follows(part: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which rows are of the same part as the one before."""
    follows = np.zeros(len(part), np.bool_)
    follows[1:] = part[1:] == part[:-1]
    return follows


def _next(part: NDArray[np.int64], column: NDArray[Number], at_last: float) -> NDArray[Number]:
    """Return for every row what the part's next row holds."""
    following = np.full(len(part), at_last, column.dtype)
    same = np.flatnonzero(_follows(part))
    following[same - 1] = column[same]
    return following


def _in_slots(queue: Stays, came: NDArray[np.int64], went: NDArray[np.int64]) -> Stays:
    """Divide stays in a queue: when one leaves, those behind it move up a slot.

    ``came`` and ``went`` tell in which order that happens.
    """
    owner, slot, start_s, end_s = [], [], [], []
    since_s = queue.start_s.tolist()
    leave_s = queue.end_s.tolist()
    waiting: list[int] = []
    last = SHOWN_SLOTS - 1
    count = len(queue)
    for happens in np.argsort(np.concatenate([came, went]), kind="stable").tolist():
        if happens < count:
            waiting.append(happens)
            continue
        gone = happens - count
        now_s, position = leave_s[gone], waiting.index(gone)
        for behind in range(position, min(len(waiting), last + 1)):
            who = waiting[behind]
            owner.append(who)
            slot.append(behind)
            start_s.append(since_s[who])
            end_s.append(now_s)
            since_s[who] = now_s
        if position > last:
            owner.append(gone)
            slot.append(last)
            start_s.append(since_s[gone])
            end_s.append(now_s)
        del waiting[position]
    part, place = queue.part[owner], queue.place[owner]
    until_s = np.array(end_s, float)
    return Stays(
        part, place, np.array(slot, int), np.array(start_s, float), until_s, until_s, np.zeros(len(part), bool)
    )


def _on_conveyor(belt: Stays, transport_time_s: float) -> Stays:
    """Divide stays on a conveyor, in order: a part travels to behind those that wait at its end, then moves up."""
    arrive_s = belt.start_s + transport_time_s
    ahead = np.arange(len(belt)) - np.searchsorted(belt.end_s, arrive_s, side="right")
    stop_s = np.minimum(arrive_s, belt.end_s)
    travelling = replace(
        belt, slot=ahead.clip(0, SHOWN_SLOTS - 1), end_s=stop_s, settled_s=stop_s, travels=np.ones(len(belt), np.bool_)
    )
    stops = np.flatnonzero(arrive_s < belt.end_s)
    waiting = replace(belt.chosen(stops), start_s=arrive_s[stops])
    rank = np.empty(2 * len(stops), np.int64)  # of all arrivals and departures; at one instant departures come first
    rank[np.lexsort((np.repeat([1, 0], len(stops)), np.concatenate([waiting.start_s, waiting.end_s])))] = np.arange(
        2 * len(stops)
    )
    waiting = _in_slots(waiting, rank[: len(stops)], rank[len(stops) :])
    return _together([travelling, waiting])


def _together(pieces: Sequence[Stays]) -> Stays:
    return Stays(*(np.concatenate([getattr(piece, field.name) for piece in pieces]) for field in fields(Stays)))


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
