"""Deadlocks of a compiled line: whether there is one, by the rules of :mod:`simulators.production_line.standstill`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.errors import DeadlockError
from simulators.machine_code import compiled, inlined
from simulators.production_line.compiled_engine.flow import CONSTANT_WIP, accepts
from simulators.production_line.compiled_engine.tables import NONE, Line, Number
from simulators.production_line.standstill import ADVICE, StationWaits, find_ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine

__all__ = ["deadlock_of", "deadlocked"]


@compiled
def deadlocked(line: Line) -> bool:
    """Return whether stations and releases wait for one another, none of which can go on."""
    stations, sources = len(line.stations), len(line.sources)
    stuck = np.zeros(stations + sources, np.bool_)
    left = 0
    for position in range(stations):
        stuck[position] = _idle(line, position)
        left += stuck[position]
    if left == 0:
        return False
    for number in range(sources):
        stuck[stations + number] = _full(line, number) or _wanted(line, number) != NONE
    changed = True
    while changed:
        changed = False
        for number in range(len(line.ports)):
            port = line.ports[number]
            if stuck[port.station] and not _drains(line, number):
                continue
            slot = port.waiting_head
            while slot != NONE:
                if stuck[line.parts[slot].home]:
                    stuck[line.parts[slot].home] = False
                    changed = True
                slot = line.parts[slot].next
        for position in range(stations):
            if stuck[position] and _empty(line, position) > 0 and _will_come(line, position, stuck):
                stuck[position] = False
                changed = True
        for number in range(sources):
            if stuck[stations + number] and _lets_in(line, number, stuck):
                stuck[stations + number] = False
                changed = True
    for position in range(stations):  # noqa: SIM110 - Numba has no generators inside any()
        if stuck[position] and _holds(line, position):
            return True
    return False


@compiled
def _empty(line: Line, position: Number) -> int:
    """Return how many machines have no part, 0 where cards say how many parts a station may hold."""
    station = line.stations[position]
    if station.cards != NONE:
        return 0
    empty = 0
    for machine in range(station.first_machine, station.end_machine):
        empty += line.machines[machine].part == NONE
    return empty


@compiled
def _lacks(line: Line, number: int) -> bool:
    """Return whether something must come to a port before a machine can be loaded."""
    port = line.ports[number]
    if port.waiting_head != NONE:
        return False
    if number >= len(line.stations):
        return bool(port.queued < port.count)
    station = line.stations[number]
    if port.queued != 0 or station.on_way != 0:
        return False
    for place in range(station.first_entrance, station.end_entrance):
        if _wanted(line, line.entrances[place]) == number:
            return False
    return True


@compiled
def _idle(line: Line, position: Number) -> bool:
    station = line.stations[position]
    if station.cards != NONE:
        return bool(station.waiting_here >= station.cards)
    lacking = _lacks(line, position)
    for kit in range(station.first_kit, station.end_kit):
        lacking = lacking or _lacks(line, kit)
    waiting = np.int64(station.waiting_here) + (_empty(line, position) if lacking else 0)
    return bool(waiting >= np.int64(station.end_machine) - station.first_machine)


@compiled
def _will_come(line: Line, position: Number, stuck: NDArray[np.bool_]) -> bool:
    """Return whether all that a station lacks may come from somewhere that is not stuck."""
    station = line.stations[position]
    if _lacks(line, position) and not _may_come(line, position, stuck):
        return False
    for kit in range(station.first_kit, station.end_kit):
        if _lacks(line, kit) and not _may_come(line, kit, stuck):
            return False
    return True


@inlined
def _may_come(line: Line, number: Number, stuck: NDArray[np.bool_]) -> bool:
    port = line.ports[number]
    for place in range(port.first_feeder, port.end_feeder):  # noqa: SIM110 - Numba has no generators inside any()
        if not stuck[line.feeders[place]]:
            return True
    return False


@compiled
def _holds(line: Line, position: Number) -> bool:
    """Return whether any part is in a station."""
    station = line.stations[position]
    held = line.ports[position].queued + station.on_way + station.waiting_here
    for kit in range(station.first_kit, station.end_kit):
        held += line.ports[kit].queued
    for machine in range(station.first_machine, station.end_machine):
        held += line.machines[machine].part != NONE
    return bool(held > 0)


@inlined
def _full(line: Line, number: Number) -> bool:
    source = line.sources[number]
    return bool(source.release == CONSTANT_WIP and source.wip >= source.limit)


@inlined
def _wanted(line: Line, number: Number) -> Number:
    """Return the station where a source's next part waits for room."""
    source = line.sources[number]
    if _full(line, number):
        return NONE
    kind = source.next_kind if source.head == NONE else line.parts[source.head].kind
    if kind == NONE:
        return NONE
    position = line.steps[line.kinds[kind].first_step].station
    return NONE if accepts(line, position) or _drains(line, position) else position


@compiled
def _lets_in(line: Line, number: Number, stuck: NDArray[np.bool_]) -> bool:
    if not _full(line, number):
        return not stuck[_wanted(line, number)]
    for position in range(len(line.stations)):  # noqa: SIM110 - Numba has no generators inside any()
        if not stuck[position] and _holds(line, position):
            return True
    return False


@compiled
def _drains(line: Line, number: int) -> bool:
    """Return whether a port that is full becomes free without a machine: a conveyor that leads into room."""
    if number >= len(line.stations) or line.stations[number].conveyor_place == NONE:
        return False
    places = line.stations[number].buffer_places
    return bool(places == NONE or line.ports[number].queued < places)


# ---- in Python, once there is one


def deadlock_of(scenario: ProductionLine, places: Places, line: Line) -> DeadlockError:
    """Return the deadlock of a line in which there is one."""
    waits = [_waits(line, position) for position in range(len(line.stations))]
    for number, port in enumerate(line.ports):
        slot = port["waiting_head"]
        target = None if slot != NONE and _drains(line, number) else int(port["station"])
        while slot != NONE:
            waits[int(line.parts[slot]["home"])].targets.append(target)
            slot = line.parts[slot]["next"]
    full = [_is_full(line, number) for number in range(len(line.sources))]
    wanted = [None if (station := _entrance(line, number)) == NONE else station for number in range(len(full))]
    names = [*(station.name for station in scenario.stations), *(source.name for source in places.sources)]
    ring = [names[node] for node in find_ring(waits, full, wanted)]
    return DeadlockError(float(line.world[0]["now_s"]), ring, ADVICE)


def _waits(line: Line, position: int) -> StationWaits:
    station = line.stations[position]
    holds = bool(_holds(line, position))
    if station["cards"] != NONE:
        return StationWaits(int(station["cards"]), holds=holds)
    lacking = [
        tuple(line.feeders[line.ports[port]["first_feeder"] : line.ports[port]["end_feeder"]].tolist())
        for port in (position, *range(station["first_kit"], station["end_kit"]))
        if _lacks(line, port)
    ]
    units = int(station["end_machine"]) - int(station["first_machine"])
    return StationWaits(units, empty=int(_empty(line, position)), lacking=lacking, holds=holds)


# What is inlined cannot be called from Python.


@compiled
def _is_full(line: Line, number: int) -> bool:
    return _full(line, number)


@compiled
def _entrance(line: Line, number: int) -> Number:
    return _wanted(line, number)
