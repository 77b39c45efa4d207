"""Stations and releases of a compiled line: how parts come in, move, and go out."""

from __future__ import annotations

import numpy as np

from simulators.draw_blocks import DrawBlocks, draw
from simulators.event_heap import EventHeap, push
from simulators.machine_code import inlined
from simulators.production_line.compiled_engine.parts import free_part, mark, new_part, queue, unqueue
from simulators.production_line.compiled_engine.tables import NONE, Line, Number
from simulators.production_line.compiled_engine.work import CONVEYED, EVENTS, load, note, ready, unload
from simulators.production_line.events import ASSEMBLE, CONVEY, EXIT, REJECT, RELEASE, SCRAP, STORE
from simulators.row_buffer import RowBuffer, write

__all__ = ["CONSTANT_WIP", "accepts", "draw_kind", "enter", "finish", "mark_entrances", "settle_once", "wait_outside"]

FIFO, SPT, EDD, SHORTEST_SETUP = range(4)
SATURATED, INTERVAL, CONSTANT_WIP, KANBAN, ORDERS = range(5)


# ---- room


@inlined
def _kit_complete(line: Line, position: Number) -> bool:
    station = line.stations[position]
    for port in range(station.first_kit, station.end_kit):  # noqa: SIM110 - Numba has no generators inside all()
        if line.ports[port].queued < line.ports[port].count:
            return False
    return True


@inlined
def _any_ready(line: Line, position: Number) -> Number:
    station = line.stations[position]
    for number in range(station.first_machine, station.end_machine):
        machine = np.uint32(number)
        if ready(line, machine):
            return machine
    return NONE


@inlined
def _has_room(line: Line, position: Number) -> bool:
    places = line.stations[position].buffer_places
    queued = line.ports[position].queued
    if places == NONE or queued < places:
        return True
    return queued == 0 and _kit_complete(line, position) and _any_ready(line, position) != NONE


@inlined
def accepts(line: Line, number: Number) -> bool:
    """Return whether a part could come in through a port now."""
    port = line.ports[number]
    if number >= len(line.stations):
        return bool(port.queued < port.places)
    station = line.stations[number]
    if station.cards != NONE:
        return bool(station.held < station.cards)
    if station.conveyor_place != NONE:
        return bool(station.on_way < station.capacity)
    return _has_room(line, number)


# ---- coming in


@inlined
def _machine_for(line: Line, position: Number, slot: Number) -> Number:
    station = line.stations[position]
    if station.setups == NONE:
        return _any_ready(line, position)
    kind = line.parts[slot].kind
    first = never_set_up = NONE
    for machine in range(station.first_machine, station.end_machine):
        number = np.uint32(machine)
        if ready(line, number):
            if line.machines[number].set_up_for == kind:
                return number
            if first == NONE:
                first = number
            if never_set_up == NONE and line.machines[number].set_up_for == NONE:
                never_set_up = number
    return never_set_up if never_set_up != NONE else first


@inlined
def _gone(line: Line, slot: Number) -> None:
    number = line.parts[slot].source
    source = line.sources[number]
    source.wip -= 1
    if source.release == CONSTANT_WIP:
        mark_entrances(line, number)
    free_part(line, slot)


@inlined
def _take_kit(line: Line, rows: RowBuffer, position: Number, machine: Number) -> None:
    station = line.stations[position]
    for kit in range(station.first_kit, station.end_kit):
        number = np.uint32(kit)
        port = line.ports[number]
        for _ in range(port.count):
            slot = port.head
            unqueue(line, number, NONE, slot)
            note(line, rows, ASSEMBLE, line.parts[slot].number, machine)
            _gone(line, slot)
        mark(line, position)


@inlined
def enter(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap) -> None:
    """Take in the part that is entering: through its port, or onto the machine that is being loaded."""
    world = line.world[0]
    slot, number, machine = world.entering, world.port, world.loading
    world.entering = world.loading = NONE
    if machine == NONE:
        if number >= len(line.stations):
            queue(line, rows, number, slot)
            mark(line, line.ports[number].station)
            return
        station = line.stations[number]
        if station.conveyor_place != NONE and not world.off_conveyor:
            _convey(line, rows, heap, number, slot)
            station.held += 1
            return
        if not world.off_conveyor:
            station.held += 1
        world.off_conveyor = False
        if line.ports[number].queued == 0 and _kit_complete(line, number):
            machine = _machine_for(line, number, slot)
        if machine == NONE:
            queue(line, rows, number, slot)
            return
    position = line.machines[machine].station
    if line.stations[position].first_kit != line.stations[position].end_kit:
        _take_kit(line, rows, position, machine)
    load(line, blocks, machine, slot)


@inlined
def _convey(line: Line, rows: RowBuffer, heap: EventHeap, position: Number, slot: Number) -> None:
    station = line.stations[position]
    now_s = line.world[0].now_s
    write(rows, now_s, CONVEY, line.parts[slot].number, station.conveyor_place)
    line.parts[slot].next = NONE
    if station.on_way == 0:
        station.way_head = slot
    else:
        line.parts[station.way_tail].next = slot
    station.way_tail = slot
    station.on_way += 1
    push(heap, now_s + station.transport_time_s, CONVEYED + EVENTS * position)


# ---- settling


@inlined
def settle_once(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, position: Number) -> bool:
    """Let one part move that can; return whether one could. It is entering then."""
    return (
        _from_buffer(line, position)
        or _from_conveyor(line, position)
        or _from_upstream(line, rows, blocks, heap, position)
        or _from_outside(line, rows, blocks, position)
    )


@inlined
def _from_buffer(line: Line, position: Number) -> bool:
    if line.ports[position].queued == 0 or not _kit_complete(line, position):
        return False
    machine = _any_ready(line, position)
    if machine == NONE:
        return False
    slot, before = _choose(line, position, machine)
    unqueue(line, position, before, slot)
    world = line.world[0]
    world.entering, world.loading = slot, machine
    return True


@inlined
def _choose(line: Line, position: Number, machine: Number) -> tuple[Number, Number]:
    """Return the part that is next, and the one in front of it in the buffer."""
    rule = line.stations[position].dispatching
    slot = line.ports[position].head
    if rule == FIFO:
        return slot, NONE
    best, best_before, least = slot, NONE, np.inf
    before = NONE
    while slot != NONE:
        key = _key(line, rule, position, machine, slot)
        if key < least:
            best, best_before, least = slot, before, key
        before, slot = slot, line.parts[slot].next
    return best, best_before


@inlined
def _key(line: Line, rule: Number, position: Number, machine: Number, slot: Number) -> float:
    part, station = line.parts[slot], line.stations[position]
    if rule == EDD:
        return float(part.due_s)
    if rule == SPT:
        return float(station.mean_service_s if part.detour != NONE else line.steps[part.step].mean_service_s)
    before = line.machines[machine].set_up_for
    if before == NONE:
        return 0.0
    return float(line.setup_mean_s[station.setups + before * len(line.kinds) + part.kind])


@inlined
def _from_conveyor(line: Line, position: Number) -> bool:
    station = line.stations[position]
    if station.conveyor_place == NONE or station.arrived == 0 or not _has_room(line, position):
        return False
    slot = station.way_head
    station.way_head = line.parts[slot].next
    station.on_way -= 1
    station.arrived -= 1
    world = line.world[0]
    world.entering, world.port, world.off_conveyor = slot, position, True
    return True


@inlined
def _from_upstream(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, position: Number) -> bool:
    number = position
    kit, end = line.stations[position].first_kit, line.stations[position].end_kit
    while line.ports[number].waiting_head == NONE or not accepts(line, number):
        if kit == end:
            return False
        number = kit
        kit = np.uint32(kit + 1)
    port = line.ports[number]
    slot = port.waiting_head
    part = line.parts[slot]
    port.waiting_head = part.next
    if part.holder != NONE:
        unload(line, rows, blocks, heap, part.holder)
    _lose(line, part.home)
    line.stations[part.home].waiting_here -= 1
    world = line.world[0]
    world.entering, world.port = slot, number
    return True


@inlined
def _lose(line: Line, position: Number) -> None:
    line.stations[position].held -= 1
    mark(line, position)


# ---- going on


@inlined
def finish(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Inspect the part of a machine whose service has ended, and send it on."""
    machine = line.machines[number]
    slot = machine.part
    part = line.parts[slot]
    station = line.stations[machine.station]
    leaving = NONE
    port = NONE
    rejected = False
    if station.inspects:
        luck = draw(blocks, machine.inspection)
        rejected = luck < (station.detection if part.defective else station.false_alarm)
    if rejected:
        note(line, rows, REJECT, part.number, number)
        if station.rework == NONE or part.reworks >= station.most_reworks:
            leaving = SCRAP
        else:
            port = _to_rework(line, slot, station.rework)
    else:
        if part.detour == NONE:
            part.step += 1
        part.detour = NONE
        kind = line.kinds[part.kind]
        if part.step < kind.end_step:
            port = line.steps[part.step].station
        elif kind.feed_port != NONE:
            port = kind.feed_port
        else:
            leaving = EXIT
    room = leaving == NONE and accepts(line, port)
    if leaving != NONE or room or station.cards != NONE:
        unload(line, rows, blocks, heap, number)
        if leaving != NONE:
            _lose(line, machine.station)
            write(rows, line.world[0].now_s, leaving, part.number, line.kinds[part.kind].place)
            _gone(line, slot)
            return
        if room:
            _lose(line, machine.station)
            world = line.world[0]
            world.entering, world.port = slot, port
            return
        write(rows, line.world[0].now_s, STORE, part.number, station.store_place)
        number = NONE
    _wait(line, port, slot, machine.station, number)


@inlined
def _to_rework(line: Line, slot: Number, rework: Number) -> Number:
    part = line.parts[slot]
    part.defective = False
    part.reworks += 1
    part.detour = rework
    for step in range(part.step, line.kinds[part.kind].first_step - 1, -1):
        if line.steps[step].station == rework:
            part.step = np.uint32(step)
            part.detour = NONE
            break
    return rework


@inlined
def _wait(line: Line, number: Number, slot: Number, home: Number, holder: Number) -> None:
    port, part = line.ports[number], line.parts[slot]
    part.next = NONE
    part.holder = holder
    part.home = home
    if port.waiting_head == NONE:
        port.waiting_head = slot
    else:
        line.parts[port.waiting_tail].next = slot
    port.waiting_tail = slot
    line.stations[home].waiting_here += 1
    line.world[0].blocked_anew = True


# ---- from outside


@inlined
def mark_entrances(line: Line, number: Number) -> None:
    """Have the stations looked at where a source's parts come in."""
    source = line.sources[number]
    for place in range(source.first_type, source.end_type):
        mark(line, line.steps[line.kinds[line.types[place]].first_step].station)


@inlined
def draw_kind(line: Line, blocks: DrawBlocks, number: Number) -> Number:
    """Return the type of a source's next part."""
    source = line.sources[number]
    if source.luck == NONE:
        return np.uint32(line.types[source.first_type])
    luck = draw(blocks, source.luck)
    for place in range(source.first_type, source.end_type):
        if luck < line.shares[place]:
            return np.uint32(line.types[place])
    return np.uint32(line.types[source.end_type - 1])


@inlined
def wait_outside(line: Line, number: Number, slot: Number) -> None:
    """Put a part behind those that wait to be let in."""
    source = line.sources[number]
    line.parts[slot].next = NONE
    if source.head == NONE:
        source.head = slot
    else:
        line.parts[source.tail].next = slot
    source.tail = slot


@inlined
def _from_outside(line: Line, rows: RowBuffer, blocks: DrawBlocks, position: Number) -> bool:
    station = line.stations[position]
    for place in range(station.first_entrance, station.end_entrance):
        if _release(line, rows, blocks, line.entrances[place]):
            return True
    return False


@inlined
def _release(line: Line, rows: RowBuffer, blocks: DrawBlocks, number: Number) -> bool:
    source, world = line.sources[number], line.world[0]
    if source.release in (INTERVAL, ORDERS):
        slot = source.head
        if slot == NONE:
            return False
        kind = line.parts[slot].kind
    else:
        if source.release == CONSTANT_WIP and source.wip >= source.limit:
            return False
        if source.next_kind == NONE:
            source.next_kind = draw_kind(line, blocks, number)
        kind = source.next_kind
        slot = NONE
    port = line.steps[line.kinds[kind].first_step].station
    if not accepts(line, port):
        return False
    if slot == NONE:
        source.next_kind = NONE
        slot = new_part(line, world.next_number, kind, number, np.inf)
        world.next_number += 1
    else:
        source.head = line.parts[slot].next
    source.wip += 1
    write(rows, world.now_s, RELEASE, line.parts[slot].number, line.kinds[kind].place)
    world.entering, world.port = slot, port
    return True
