"""The production line compiled: the rules of :mod:`simulators.production_line.simpy_engine`, event by event, in Numba.

Both engines meet the same streams and schedule their events in the same order, so their journals are equal bit for
bit. Here the state lies in flat arrays. The compiled loop stops whenever an array is nearly full or a block of random
numbers is used up; Python then makes room or draws the next block from NumPy's generator, and the loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from simulators.borrowing import borrowed
from simulators.event_heap import EventHeap, grown, new_heap, pop, push
from simulators.journal import Journal
from simulators.production_line.events import (
    EXIT,
    FAIL,
    FINISH,
    LEAVE,
    QUEUE,
    RELEASE,
    REPAIR,
    START,
    Places,
)

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

    from simulators.distributions import Distribution
    from simulators.production_line.scenario import ProductionLine
    from simulators.streams import Streams

__all__ = ["run"]

SMALLEST_BLOCK, LARGEST_BLOCK = 64, 4096  # random numbers drawn at a time from each stream
MOST_ROWS_AT_FIRST = 1 << 23
NOBODY = -1

# What a code in the event list means: kind + KINDS * machine.
END, BREAKDOWN, RESTART, ARRIVAL = 0, 1, 2, 3
KINDS = 4

SATURATED, INTERVAL, CONSTANT_WIP = 0, 1, 2

# Rows of the array of counters.
RELEASED, ARRIVED, WIP, ROWS, USED_UP, FREE_NODES, FREE_NODE = range(7)
COUNTERS = 7


class _Rows(NamedTuple):
    """The journal under way: columns with more room than rows."""

    time_s: NDArray[np.float64]
    event: NDArray[np.int16]
    entity: NDArray[np.int64]
    place: NDArray[np.int32]


class _Nodes(NamedTuple):
    """Parts that wait in buffers: linked lists, one a station, in one pool; ``next`` also strings the free nodes."""

    part: NDArray[np.int64]
    next: NDArray[np.int64]


class _Line(NamedTuple):
    """Everything else that the loop needs; ``S`` stations, ``M`` machines, ``Q`` streams."""

    counters: NDArray[np.int64]  # (COUNTERS,)
    now_s: NDArray[np.float64]  # (1,)
    release: NDArray[np.int64]  # (2,) kind of release, most parts of constant WIP
    first_machine: NDArray[np.int64]  # (S + 1,)
    buffer_places: NDArray[np.int64]  # (S,) NOBODY for no limit
    queued: NDArray[np.int64]  # (S,)
    head: NDArray[np.int64]  # (S,) first node of the buffer
    tail: NDArray[np.int64]  # (S,)
    blocked_head: NDArray[np.int64]  # (S,) first machine that waits for room in this station
    blocked_tail: NDArray[np.int64]  # (S,)
    blocked_next: NDArray[np.int64]  # (M,)
    station: NDArray[np.int64]  # (M,)
    part: NDArray[np.int64]  # (M,) NOBODY where the machine is empty
    finished: NDArray[np.bool_]  # (M,)
    down: NDArray[np.bool_]  # (M,)
    timer: NDArray[np.int64]  # (M,) number of the event that ends the service under way
    ends_s: NDArray[np.float64]  # (M,)
    left_s: NDArray[np.float64]  # (M,)
    streams: NDArray[np.int64]  # (M, 3) service, up time, repair time; NOBODY where it never fails
    block: NDArray[np.float64]  # (Q, block)
    used: NDArray[np.int64]  # (Q,)


def run(scenario: ProductionLine, streams: Streams) -> Journal:
    """Run the line from empty to its horizon.

    Parameters
    ----------
    scenario
        The line.
    streams
        Where its random numbers come from.

    Returns
    -------
    The journal of the run, the same as that of the SimPy engine.
    """
    places = Places(scenario)
    draws = _draws(scenario, streams)
    parts = _expected_parts(scenario)
    line = _line(scenario, places, draws, int(min(max(parts, SMALLEST_BLOCK), LARGEST_BLOCK)))
    stations, machines = len(scenario.stations), len(line.part)
    # One event moves at most one part into each station.
    margin = 4 * (stations + 2)
    at_first = _parts_at_first(scenario) + machines
    nodes = _new_nodes(line, max(1024, at_first + margin))
    rows = _new_rows(int(min(parts * 4 * (stations + 1), MOST_ROWS_AT_FIRST)) + 4 * at_first + margin)
    heap = new_heap(max(1024, 4 * (machines + 1) + margin))
    _begin(line, rows, nodes, heap)
    while not _go_on(line, rows, nodes, heap, scenario.horizon_s, margin):
        if line.counters[USED_UP]:
            for stream in np.flatnonzero(line.used == line.block.shape[1]):
                _refill(line, int(stream), draws[stream])
            line.counters[USED_UP] = 0
        if line.counters[ROWS] + margin > len(rows.time_s):
            rows = _grown_rows(rows)
        if heap.size[0] + margin > len(heap.time_s):
            heap = grown(heap)
        if line.counters[FREE_NODES] < margin:
            nodes = _grown_nodes(line, nodes)
    end = int(line.counters[ROWS])
    return Journal(rows.time_s[:end], rows.event[:end], rows.entity[:end], rows.place[:end], places.names)


def _draws(scenario: ProductionLine, streams: Streams) -> list[tuple[Distribution, Generator]]:
    """Return the distribution and generator of every stream, machine by machine, the release's at the end."""
    found: list[tuple[Distribution, Generator]] = []
    for station in scenario.stations:
        for number in range(station.machines):
            name = f"station.{station.name}.{number + 1}"
            found.append((station.service, streams.stream(f"{name}.service")))
            if station.failures is not None:
                found.append((station.failures.up_time, streams.stream(f"{name}.up_time")))
                found.append((station.failures.repair_time, streams.stream(f"{name}.repair_time")))
    if scenario.release.kind == "interval":
        found.append((scenario.release.interval, streams.stream("release.interval")))
    return found


def _expected_parts(scenario: ProductionLine) -> float:
    """Return about how many parts pass, to make room for at first; more may come."""
    rates = [station.machines / station.service.mean_s for station in scenario.stations if station.service.mean_s > 0]
    if scenario.release.kind == "interval":
        rates.append(1 / scenario.release.interval.mean_s)
    return min(rates) * scenario.horizon_s + 1


def _line(scenario: ProductionLine, places: Places, draws: list[tuple[Distribution, Generator]], block: int) -> _Line:
    stations = len(scenario.stations)
    machines = sum(station.machines for station in scenario.stations)
    own = np.full((machines, 3), NOBODY)
    station_of = np.empty(machines, np.int64)
    machine = stream = 0
    for position, station in enumerate(scenario.stations):
        for _ in range(station.machines):
            station_of[machine] = position
            kinds = 1 if station.failures is None else 3
            own[machine, :kinds] = range(stream, stream + kinds)
            stream += kinds
            machine += 1
    release = scenario.release
    kind = {"saturated": SATURATED, "interval": INTERVAL, "constant_wip": CONSTANT_WIP}[release.kind]
    most = release.parts if release.kind == "constant_wip" else 0
    line = _Line(
        counters=np.zeros(COUNTERS, np.int64),
        now_s=np.zeros(1),
        release=np.array([kind, most]),
        first_machine=np.array([group[0] - stations for group in places.machines] + [machines]),
        buffer_places=np.array([NOBODY if s.buffer_places is None else s.buffer_places for s in scenario.stations]),
        queued=np.zeros(stations, np.int64),
        head=np.full(stations, NOBODY),
        tail=np.full(stations, NOBODY),
        blocked_head=np.full(stations, NOBODY),
        blocked_tail=np.full(stations, NOBODY),
        blocked_next=np.full(machines, NOBODY),
        station=station_of,
        part=np.full(machines, NOBODY),
        finished=np.zeros(machines, np.bool_),
        down=np.zeros(machines, np.bool_),
        timer=np.full(machines, NOBODY),
        ends_s=np.zeros(machines),
        left_s=np.zeros(machines),
        streams=own,
        block=np.empty((len(draws), block)),
        used=np.zeros(len(draws), np.int64),
    )
    for number, draw in enumerate(draws):
        _refill(line, number, draw)
    return line


def _refill(line: _Line, stream: int, draw: tuple[Distribution, Generator]) -> None:
    distribution, generator = draw
    line.block[stream] = distribution.draw(generator, line.block.shape[1])
    line.used[stream] = 0


def _parts_at_first(scenario: ProductionLine) -> int:
    """Return a bound of the parts that enter at time 0."""
    if scenario.release.kind == "constant_wip":
        return scenario.release.parts
    return sum(station.buffer_places or 0 for station in scenario.stations[:1])


def _new_rows(room: int) -> _Rows:
    return _Rows(np.empty(room), np.empty(room, np.int16), np.empty(room, np.int64), np.empty(room, np.int32))


def _grown_rows(rows: _Rows) -> _Rows:
    more = _new_rows(len(rows.time_s))
    return _Rows(
        np.concatenate((rows.time_s, more.time_s)),
        np.concatenate((rows.event, more.event)),
        np.concatenate((rows.entity, more.entity)),
        np.concatenate((rows.place, more.place)),
    )


def _new_nodes(line: _Line, room: int) -> _Nodes:
    line.counters[FREE_NODES], line.counters[FREE_NODE] = room, 0
    return _Nodes(np.empty(room, np.int64), np.arange(1, room + 1))


def _grown_nodes(line: _Line, nodes: _Nodes) -> _Nodes:
    room = len(nodes.part)
    fresh = np.arange(room + 1, 2 * room + 1)
    fresh[-1] = line.counters[FREE_NODE]  # behind the new nodes stand those that were still free
    line.counters[FREE_NODE] = room
    line.counters[FREE_NODES] += room
    return _Nodes(np.concatenate((nodes.part, np.empty(room, np.int64))), np.concatenate((nodes.next, fresh)))


# ---- compiled from here on: one function for each method of the SimPy engine, with the same name


@njit(cache=True, forceinline=True)
def _record(line: _Line, rows: _Rows, event: int, entity: int, place: int) -> None:
    row = line.counters[ROWS]
    line.counters[ROWS] = row + 1
    rows.time_s[row] = line.now_s[0]
    rows.event[row] = event
    rows.entity[row] = entity
    rows.place[row] = place


@njit(cache=True, forceinline=True)
def _draw(line: _Line, stream: int) -> float:
    position = line.used[stream]
    line.used[stream] = position + 1
    if position + 1 == line.block.shape[1]:
        line.counters[USED_UP] = 1
    return float(line.block[stream, position])


@njit(cache=True, forceinline=True)
def _place(line: _Line, machine: int) -> int:
    return len(line.head) + machine


@njit(cache=True, forceinline=True)
def _ready(line: _Line, position: int) -> int:
    for machine in range(line.first_machine[position], line.first_machine[position + 1]):
        if line.part[machine] == NOBODY and not line.down[machine]:
            return int(machine)
    return NOBODY


@njit(cache=True, forceinline=True)
def _work(line: _Line, heap: EventHeap, machine: int, duration_s: float) -> None:
    line.ends_s[machine] = line.now_s[0] + duration_s
    line.timer[machine] = push(heap, line.now_s[0] + duration_s, END + KINDS * machine)


@njit(cache=True, forceinline=True)
def _load(line: _Line, rows: _Rows, heap: EventHeap, machine: int, part: int) -> None:
    line.part[machine] = part
    line.finished[machine] = False
    _record(line, rows, START, part, _place(line, machine))
    _work(line, heap, machine, _draw(line, line.streams[machine, 0]))


@njit(cache=True, forceinline=True)
def _unload(line: _Line, rows: _Rows, machine: int) -> int:
    part = line.part[machine]
    line.part[machine] = NOBODY
    _record(line, rows, LEAVE, part, _place(line, machine))
    return int(part)


@njit(cache=True, forceinline=True)
def _has_room(line: _Line, position: int) -> bool:
    places = line.buffer_places[position]
    if places == NOBODY or line.queued[position] < places:
        return True
    return line.queued[position] == 0 and _ready(line, position) != NOBODY


@njit(cache=True, forceinline=True)
def _enter(line: _Line, rows: _Rows, nodes: _Nodes, heap: EventHeap, position: int, part: int) -> None:
    if line.queued[position] == 0:
        machine = _ready(line, position)
        if machine != NOBODY:
            _load(line, rows, heap, machine, part)
            return
    _record(line, rows, QUEUE, part, position)
    node = line.counters[FREE_NODE]
    line.counters[FREE_NODE] = nodes.next[node]
    line.counters[FREE_NODES] -= 1
    nodes.part[node] = part
    nodes.next[node] = NOBODY
    if line.queued[position] == 0:
        line.head[position] = node
    else:
        nodes.next[line.tail[position]] = node
    line.tail[position] = node
    line.queued[position] += 1


@njit(cache=True, forceinline=True)
def _from_buffer(line: _Line, nodes: _Nodes, position: int) -> int:
    node = line.head[position]
    line.head[position] = nodes.next[node]
    line.queued[position] -= 1
    nodes.next[node] = line.counters[FREE_NODE]
    line.counters[FREE_NODE] = node
    line.counters[FREE_NODES] += 1
    return int(nodes.part[node])


@njit(cache=True, forceinline=True)
def _next_part(line: _Line, rows: _Rows) -> int:
    kind = line.release[0]
    part = line.counters[RELEASED]
    if kind == INTERVAL and part == line.counters[ARRIVED]:
        return NOBODY
    if kind == CONSTANT_WIP and line.counters[WIP] >= line.release[1]:
        return NOBODY
    line.counters[RELEASED] = part + 1
    line.counters[WIP] += 1
    _record(line, rows, RELEASE, part, NOBODY)
    return int(part)


@njit(cache=True, forceinline=True)
def _fill(line: _Line, rows: _Rows, nodes: _Nodes, heap: EventHeap, position: int) -> bool:
    freed = False
    while True:
        if line.queued[position] > 0:
            machine = _ready(line, position)
            if machine != NOBODY:
                _load(line, rows, heap, machine, _from_buffer(line, nodes, position))
                continue
        if not _has_room(line, position):
            return freed
        if position == 0:
            part = _next_part(line, rows)
            if part == NOBODY:
                return freed
        else:
            machine = line.blocked_head[position]
            if machine == NOBODY:
                return freed
            line.blocked_head[position] = line.blocked_next[machine]
            part = _unload(line, rows, machine)
            freed = True
        _enter(line, rows, nodes, heap, position, part)


@njit(cache=True, forceinline=True)
def _flow(line: _Line, rows: _Rows, nodes: _Nodes, heap: EventHeap, position: int) -> None:
    while position >= 0 and _fill(line, rows, nodes, heap, position):
        position -= 1
    if position > 0 and line.release[0] == CONSTANT_WIP:
        _fill(line, rows, nodes, heap, 0)


@njit(cache=True, forceinline=True)
def _finish(line: _Line, rows: _Rows, nodes: _Nodes, heap: EventHeap, machine: int) -> int:
    """Return the station that parts can flow into now, or NOBODY."""
    line.timer[machine] = NOBODY
    line.finished[machine] = True
    position = line.station[machine]
    following = position + 1
    _record(line, rows, FINISH, line.part[machine], _place(line, machine))
    if following == len(line.head):
        part = _unload(line, rows, machine)
        line.counters[WIP] -= 1
        _record(line, rows, EXIT, part, NOBODY)
    elif _has_room(line, following):
        _enter(line, rows, nodes, heap, following, _unload(line, rows, machine))
    else:
        line.blocked_next[machine] = NOBODY
        if line.blocked_head[following] == NOBODY:
            line.blocked_head[following] = machine
        else:
            line.blocked_next[line.blocked_tail[following]] = machine
        line.blocked_tail[following] = machine
        return NOBODY
    return int(position)


@njit(cache=True, forceinline=True)
def _fail(line: _Line, rows: _Rows, heap: EventHeap, machine: int) -> None:
    line.down[machine] = True
    _record(line, rows, FAIL, NOBODY, _place(line, machine))
    if line.timer[machine] != NOBODY:
        line.left_s[machine] = line.ends_s[machine] - line.now_s[0]
        line.timer[machine] = NOBODY
    push(heap, line.now_s[0] + _draw(line, line.streams[machine, 2]), RESTART + KINDS * machine)


@njit(cache=True, forceinline=True)
def _repair(line: _Line, rows: _Rows, heap: EventHeap, machine: int) -> None:
    line.down[machine] = False
    _record(line, rows, REPAIR, NOBODY, _place(line, machine))
    if line.part[machine] != NOBODY and not line.finished[machine]:
        _work(line, heap, machine, line.left_s[machine])
    push(heap, line.now_s[0] + _draw(line, line.streams[machine, 1]), BREAKDOWN + KINDS * machine)


@njit(cache=True)
def _begin(line: _Line, rows: _Rows, nodes: _Nodes, heap: EventHeap) -> None:
    if line.release[0] == INTERVAL:
        push(heap, _draw(line, len(line.used) - 1), ARRIVAL)
    for machine in range(len(line.part)):
        if line.streams[machine, 1] != NOBODY:
            push(heap, _draw(line, line.streams[machine, 1]), BREAKDOWN + KINDS * machine)
    _flow(line, rows, nodes, heap, 0)


@njit(cache=True)
def _go_on(line: _Line, rows: _Rows, nodes: _Nodes, heap: EventHeap, horizon_s: float, margin: int) -> bool:
    """Run on; return whether the horizon is reached (False: an array is nearly full, or a block used up)."""
    line, rows, nodes, heap = borrowed(line), borrowed(rows), borrowed(nodes), borrowed(heap)
    while line.counters[USED_UP] == 0:
        if heap.size[0] == 0 or heap.time_s[0] >= horizon_s:
            return True
        if (
            line.counters[ROWS] + margin > len(rows.time_s)
            or heap.size[0] + margin > len(heap.time_s)
            or line.counters[FREE_NODES] < margin
        ):
            return False
        line.now_s[0] = heap.time_s[0]
        number, code = heap.number[0], heap.code[0]
        pop(heap)
        machine = code // KINDS
        kind = code % KINDS
        position = NOBODY
        if kind == END:
            if number == line.timer[machine]:  # else a failure has put this end off
                position = _finish(line, rows, nodes, heap, machine)
        elif kind == BREAKDOWN:
            _fail(line, rows, heap, machine)
        elif kind == RESTART:
            _repair(line, rows, heap, machine)
            position = line.station[machine]
        else:
            line.counters[ARRIVED] += 1
            position = 0
        if position != NOBODY:
            _flow(line, rows, nodes, heap, position)
        if kind == ARRIVAL:
            push(heap, line.now_s[0] + _draw(line, len(line.used) - 1), ARRIVAL)
    return False
