"""The event loop of a compiled serial line, by the rules of :mod:`simulators.production_line.simpy_engine`."""

from __future__ import annotations

import numpy as np

from simulators.borrowing import borrowed
from simulators.draw_blocks import DrawBlocks, draw
from simulators.machine_code import compiled, inlined
from simulators.production_line.events import EXIT, FAIL, FINISH, LEAVE, QUEUE, RELEASE, REPAIR, START
from simulators.production_line.serial_engine.state import (
    EMPTY,
    FINISHED,
    NONE,
    UNLIMITED,
    WORKING,
    SerialLine,
    Station,
)
from simulators.row_buffer import RowBuffer, write
from simulators.winner_tree import Leaf, WinnerTree, first, replay

__all__ = ["DONE", "PAUSED", "begin", "run_on"]

PAUSED, DONE = range(2)
NOBODY = -1


@compiled
def begin(line: SerialLine, blocks: DrawBlocks) -> None:
    """Schedule the first arrival and the first failures."""
    world = line.world[0]
    if world.interval != NONE:
        _schedule(line, line.works, np.uint32(len(line.stations)), draw(blocks, world.interval))
    for position in range(len(line.stations)):
        number = np.uint32(position)
        if line.stations[number].up_time != NONE:
            _age_anew(line, blocks, number)


@compiled
def run_on(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks, horizon_s: float, margin: int) -> int:
    """Run on to the horizon, or until Python must make room for ``margin`` rows, or draw."""
    line, rows, blocks = borrowed(line), borrowed(rows), borrowed(blocks)
    world, stations, works, fails = line.world[0], line.stations, line.works, line.fails
    last: Leaf = np.uint32(len(stations) - 1)
    while True:
        if blocks.used_up[0] != 0 or rows.size[0] + margin > len(rows.time_s):
            return PAUSED
        if world.opening:
            world.opening = _let_in(line, rows, blocks)
            continue
        number, failing = first(works), first(fails)
        now_s, fails_s = float(works.time_s[number]), float(fails.time_s[failing])
        fails_first = (fails_s < now_s) | ((fails_s == now_s) & (fails.number[failing] < works.number[number]))
        if fails_first:
            if fails_s >= horizon_s:
                return DONE
            world.now_s = fails_s
            if not stations[failing].down:
                _break_down(line, rows, blocks, failing)
                continue
            _repaired(line, rows, blocks, failing)
            if stations[failing].holds == EMPTY:
                _settle(line, rows, blocks, failing)
            continue
        if now_s >= horizon_s:
            return DONE
        world.now_s = now_s
        if number > last:
            _schedule(line, works, number, now_s + draw(blocks, world.interval))
            world.outside += 1
            _let_in(line, rows, blocks)
            continue
        station = stations[number]
        if station.life_s < station.left_s:
            _break_down(line, rows, blocks, number)
            continue
        works.time_s[number] = np.inf
        if station.wears:
            _wear(station, now_s)
        write(rows, now_s, FINISH, station.part, last + 1 + number)
        if number == last:
            _unload(line, rows, number)
            write(rows, now_s, EXIT, station.part, 2 * (last + 1))
            world.left += 1
        elif _has_room(stations[np.uint32(number + 1)]):
            _unload(line, rows, number)
            _enter(line, rows, blocks, np.uint32(number + 1), station.part)
        else:
            station.holds = FINISHED
            replay(works, number)
            continue
        _settle(line, rows, blocks, number)
        if station.holds != WORKING:  # else it has been scheduled anew
            replay(works, number)


# ---- parts


@inlined
def _is_ready(station: Station) -> bool:
    return bool((station.holds == EMPTY) & (not station.down))


@inlined
def _has_room(station: Station) -> bool:
    return bool(station.queued < station.places or (station.queued == 0 and _is_ready(station)))


@inlined
def _enter(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks, number: Leaf, part: int) -> None:
    """Take a part in, onto the machine or into the buffer."""
    station = line.stations[number]
    if station.queued == 0 and _is_ready(station):
        _load(line, rows, blocks, number)
        return
    write(rows, line.world[0].now_s, QUEUE, part, number)
    station.queued += 1


@inlined
def _load(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks, number: Leaf) -> None:
    """Start the service of the next part."""
    station = line.stations[number]
    station.part += 1
    station.holds = WORKING
    station.left_s = draw(blocks, station.service)
    write(rows, line.world[0].now_s, START, station.part, len(line.stations) + number)
    _go_on(line, number)


@inlined
def _unload(line: SerialLine, rows: RowBuffer, number: Leaf) -> None:
    station = line.stations[number]
    station.holds = EMPTY
    write(rows, line.world[0].now_s, LEAVE, station.part, len(line.stations) + number)


@inlined
def _settle(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks, number: Leaf) -> None:
    """Have a station take what it can, and then the one before it, until nothing can move."""
    stations = line.stations
    last = number == len(stations) - 1
    while True:
        station = stations[number]
        if station.queued > 0 and _is_ready(station):
            station.queued -= 1
            _load(line, rows, blocks, number)
        if number == 0:
            _let_in(line, rows, blocks)
            return
        before = np.uint32(number - 1)
        moved = stations[before].holds == FINISHED and _has_room(station)
        if moved:
            _unload(line, rows, before)
            _enter(line, rows, blocks, number, stations[before].part)
        if last and line.world[0].most != UNLIMITED and not (moved and before == 0):
            _let_in(line, rows, blocks)  # a part that has left lets another one in
        last = False
        if not moved:
            return
        number = before


@inlined
def _let_in(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks) -> bool:
    """Let a part into the line if there is one and it may enter; return whether one has."""
    world = line.world[0]
    if world.interval != NONE:
        if world.outside == 0:
            return False
    elif world.released - world.left >= world.most:
        return False
    if not _has_room(line.stations[0]):
        return False
    if world.interval != NONE:
        world.outside -= 1
    part = world.released
    world.released = part + 1
    write(rows, world.now_s, RELEASE, part, 2 * len(line.stations))
    _enter(line, rows, blocks, np.uint32(0), part)
    return True


# ---- machines


@inlined
def _schedule(line: SerialLine, tree: WinnerTree, leaf: Leaf, time_s: float) -> None:
    world = line.world[0]
    tree.time_s[leaf] = time_s
    tree.number[leaf] = world.scheduled
    world.scheduled += 1
    replay(tree, leaf)


@inlined
def _go_on(line: SerialLine, number: Leaf) -> None:
    """Begin, or go on with, a service."""
    station, now_s = line.stations[number], line.world[0].now_s
    span_s = station.left_s
    if station.wears:
        station.began_s = now_s
        span_s = min(station.life_s, span_s)
    station.ends_s = now_s + station.left_s
    _schedule(line, line.works, number, now_s + span_s)


@inlined
def _wear(station: Station, now_s: float) -> None:
    """Take what has been worked from the time until a failure."""
    station.life_s = max(0.0, station.life_s - (now_s - station.began_s))


@compiled
def _age_anew(line: SerialLine, blocks: DrawBlocks, number: Leaf) -> None:
    """Draw the next failure."""
    station = line.stations[number]
    span_s = draw(blocks, station.up_time)
    if station.wears:
        station.life_s = span_s
        line.fails.time_s[number] = np.inf
        replay(line.fails, number)
    else:
        _schedule(line, line.fails, number, line.world[0].now_s + span_s)


@compiled
def _break_down(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks, number: Leaf) -> None:
    """Let a machine fail, stop what it does, and begin its repair."""
    station, now_s = line.stations[number], line.world[0].now_s
    station.down = True
    write(rows, now_s, FAIL, NOBODY, len(line.stations) + number)
    if station.holds == WORKING:
        station.left_s = station.ends_s - now_s
        line.works.time_s[number] = np.inf
        replay(line.works, number)
        if station.wears:
            _wear(station, now_s)
    _schedule(line, line.fails, number, now_s + draw(blocks, station.repair_time))


@compiled
def _repaired(line: SerialLine, rows: RowBuffer, blocks: DrawBlocks, number: Leaf) -> None:
    """Let a machine work again, and go on with what was stopped."""
    station = line.stations[number]
    station.down = False
    write(rows, line.world[0].now_s, REPAIR, NOBODY, len(line.stations) + number)
    _age_anew(line, blocks, number)
    if station.holds == WORKING:
        _go_on(line, number)
