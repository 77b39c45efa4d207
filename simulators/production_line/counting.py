"""Counts what happens in a line, event by event.

Sums are carried from one piece of the journal to the next, so they do not depend on how it is cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from simulators.borrowing import borrowed
from simulators.machine_code import compiled, inlined
from simulators.production_line.columns import (
    AREA,
    DEFECTIVE,
    DETOUR,
    DOWN_S,
    FAILED_S,
    FAILURES,
    HELD,
    KIND,
    LEVEL,
    LEVEL_SINCE_S,
    MENDED_S,
    MENDING_S,
    NOW,
    OVER,
    OVER_DOWN,
    OVER_MAINTENANCE,
    OVER_OFF,
    PRODUCED,
    REPAIR_S,
    REPAIRS,
    SINCE_S,
    SPOILT,
    SPOILT_SEEN,
    WHERE,
)
from simulators.production_line.events import (
    ASSEMBLE,
    AWAIT,
    CONVEY,
    DEFECT,
    EXIT,
    FAIL,
    FINISH,
    LEAVE,
    MAINTAIN,
    MAINTAINED,
    MEND,
    OFF,
    ON,
    QUEUE,
    REJECT,
    RELEASE,
    REPAIR,
    SCRAP,
    SETUP,
    START,
    STORE,
)
from simulators.production_line.journeys import count_end, count_order, planned_s, reject, step_on
from simulators.production_line.live_parts import Slot, add, find, full, grown, remove
from simulators.production_line.states import NOBODY, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal
    from simulators.production_line.measured_line import MeasuredLine
    from simulators.production_line.tally import Tally

__all__ = ["count"]

Index: TypeAlias = Any
"""A ``numpy.uint32``: Numba need not look whether it is negative."""

STARVED, WORKING, BLOCKED, DOWN, IN_SETUP, AWAITING, MAINTENANCE, IS_OFF = (int(state) for state in State)


def count(line: MeasuredLine, tally: Tally, piece: Journal) -> Tally:
    """Count the next events of a journal in place; return the tally, with a larger table if it had to grow."""
    row = 0
    while True:
        row = _count(line, tally, piece.time_s, piece.event, piece.entity, piece.place, row)
        if row == len(piece):
            return tally
        tally = tally._replace(live=grown(tally.live))


@compiled
def _count(
    line: MeasuredLine,
    tally: Tally,
    time_s: NDArray[np.float64],
    event: NDArray[np.int16],
    entity: NDArray[np.int64],
    place: NDArray[np.int32],
    first: int,
) -> int:
    """Count from row ``first`` on; return the row that has not been counted, which needs a larger table."""
    line, tally = borrowed(line), borrowed(tally)
    live = tally.live
    stations, whole = len(line.station_mean_s), np.uint32(len(tally.level) - 1)
    for position in range(first, len(event)):
        row = np.uint64(position)
        kind, part, here, time = int(event[row]), entity[row], np.uint32(place[row]), time_s[row]
        now_s = max(time, line.begin_s)
        counts = time >= line.begin_s
        machine = np.uint32(here - stations)
        if kind in (START, SETUP, AWAIT):
            _leave_place(tally, find(live, part), now_s)
            _hold(tally, machine, WORKING if kind == START else IN_SETUP if kind == SETUP else AWAITING, now_s)
        elif kind == FINISH:
            _hold(tally, machine, BLOCKED, now_s)
            tally.machine[machine, SPOILT_SEEN] = 0
            if counts:
                tally.machine_count[machine, PRODUCED] += 1
                tally.planned_s[line.station_of[machine]] += planned_s(line, live, part, line.station_of[machine])
        elif kind == LEAVE:
            _hold(tally, machine, STARVED, now_s)
            if line.follows_steps:
                step_on(live, find(live, part))
        elif kind in (QUEUE, CONVEY, STORE):
            slot = find(live, part)
            _leave_place(tally, slot, now_s)
            live.facts[slot, WHERE] = here + 1
            _change(tally, here, 1.0, now_s)
        elif kind == RELEASE:
            if full(live):
                return position
            slot = add(live, part, time)
            live.facts[slot, KIND] = here - line.first_type
            live.facts[slot, DETOUR] = NOBODY
            _change(tally, whole, 1.0, now_s)
        elif kind in (EXIT, SCRAP, ASSEMBLE):
            slot = find(live, part)
            _leave_place(tally, slot, now_s)
            _change(tally, whole, -1.0, now_s)
            if counts:
                count_end(tally, slot, kind)
                if kind == EXIT:
                    tally.made[here - line.first_type] += 1
                    tally.lead_s[here - line.first_type] += time - live.since_s[slot]
            count_order(line, tally, part, time)
            remove(live, slot)
        elif kind in (DEFECT, REJECT):
            slot = find(live, part)
            if counts and tally.machine[machine, SPOILT_SEEN] == 0:
                tally.machine_count[machine, SPOILT] += 1
            tally.machine[machine, SPOILT_SEEN] = 1
            if kind == DEFECT:
                live.facts[slot, DEFECTIVE] = 1
            else:
                reject(line, live, slot, line.station_of[machine])
        elif kind == FAIL:
            _overlay(tally, machine, OVER_DOWN, True, now_s)
            tally.machine_s[machine, FAILED_S] = time
            tally.machine_count[machine, FAILURES] += counts
        elif kind == MEND:
            tally.machine_s[machine, MENDED_S] = time
        elif kind == REPAIR:
            _overlay(tally, machine, OVER_DOWN, False, now_s)
            _count_repair(line, tally, machine, time)
        elif kind in (MAINTAIN, MAINTAINED):
            _overlay(tally, machine, OVER_MAINTENANCE, kind == MAINTAIN, now_s)
        elif kind in (OFF, ON):
            _overlay(tally, machine, OVER_OFF, kind == OFF, now_s)
    return len(event)


@inlined
def _change(tally: Tally, place: Index, by: float, now_s: float) -> None:
    """Change how many parts are at a place."""
    level = tally.level
    level[place, AREA] += level[place, LEVEL] * (now_s - level[place, LEVEL_SINCE_S])
    level[place, LEVEL_SINCE_S] = now_s
    level[place, LEVEL] += by


@inlined
def _leave_place(tally: Tally, slot: Slot, now_s: float) -> None:
    """Take a part from the buffer, conveyor or store that it is in, if it is in one."""
    facts = tally.live.facts
    if facts[slot, WHERE]:
        _change(tally, np.uint32(facts[slot, WHERE] - 1), -1.0, now_s)
        facts[slot, WHERE] = 0


@inlined
def _enter_state(tally: Tally, machine: Index, state: int, now_s: float) -> None:
    tally.state_s[machine, np.uint32(tally.machine[machine, NOW])] += now_s - tally.machine_s[machine, SINCE_S]
    tally.machine_s[machine, SINCE_S] = now_s
    tally.machine[machine, NOW] = state


@inlined
def _hold(tally: Tally, machine: Index, held: int, now_s: float) -> None:
    tally.machine[machine, HELD] = held
    if tally.machine[machine, OVER] == 0:
        _enter_state(tally, machine, held, now_s)


@compiled
def _overlay(tally: Tally, machine: Index, bit: int, begins: bool, now_s: float) -> None:
    over = (tally.machine[machine, OVER] & ~bit) | (bit if begins else 0)
    tally.machine[machine, OVER] = over
    state = tally.machine[machine, HELD]
    if over & OVER_OFF:
        state = IS_OFF
    elif over & OVER_DOWN:
        state = DOWN
    elif over & OVER_MAINTENANCE:
        state = MAINTENANCE
    _enter_state(tally, machine, state, now_s)


@compiled
def _count_repair(line: MeasuredLine, tally: Tally, machine: Index, time: float) -> None:
    times = tally.machine_s[machine]
    now_s = max(time, line.begin_s)
    times[DOWN_S] += now_s - max(times[FAILED_S], line.begin_s)
    if times[MENDED_S] >= 0:
        times[MENDING_S] += now_s - max(times[MENDED_S], line.begin_s)
        times[MENDED_S] = -1.0
    if time >= line.begin_s:
        times[REPAIR_S] += time - times[FAILED_S]
        tally.machine_count[machine, REPAIRS] += 1
