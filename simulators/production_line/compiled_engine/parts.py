"""Parts of a compiled line: the pool they come from, and the buffers they wait in."""

from __future__ import annotations

import numpy as np

from simulators.machine_code import inlined
from simulators.production_line.compiled_engine.tables import NONE, Line, Number
from simulators.production_line.events import QUEUE
from simulators.row_buffer import RowBuffer, write

__all__ = ["free_part", "mark", "new_part", "next_marked", "queue", "unqueue"]


@inlined
def new_part(line: Line, number: int, kind: Number, source: Number, due_s: float) -> Number:
    """Take a part from the pool, in which there must be one."""
    world = line.world[0]
    slot = world.free
    part = line.parts[slot]
    world.free = part.next
    world.free_count -= 1
    part.number = number
    part.kind = kind
    part.source = source
    part.due_s = due_s
    part.step = line.kinds[kind].first_step
    part.detour = NONE
    part.reworks = 0
    part.defective = False
    return np.uint32(slot)


@inlined
def free_part(line: Line, slot: Number) -> None:
    """Give a part back to the pool."""
    world = line.world[0]
    line.parts[slot].next = world.free
    world.free = slot
    world.free_count += 1


@inlined
def mark(line: Line, position: Number) -> None:
    """Have a station looked at, after those that are marked already."""
    station = line.stations[position]
    if station.marked:
        return
    station.marked = True
    world = line.world[0]
    place = np.int64(world.mark_head) + world.mark_count
    if place >= len(line.marks):
        place -= len(line.marks)
    line.marks[place] = position
    world.mark_count += 1


@inlined
def next_marked(line: Line) -> Number:
    """Return the station that has been marked longest, which is so no more."""
    world = line.world[0]
    position = line.marks[world.mark_head]
    world.mark_head += 1
    if world.mark_head == len(line.marks):
        world.mark_head = 0
    world.mark_count -= 1
    line.stations[position].marked = False
    return np.uint32(position)


@inlined
def queue(line: Line, rows: RowBuffer, number: Number, slot: Number) -> None:
    """Put a part at the end of a port's buffer."""
    port = line.ports[number]
    write(rows, line.world[0].now_s, QUEUE, line.parts[slot].number, port.place)
    line.parts[slot].next = NONE
    if port.queued == 0:
        port.head = slot
    else:
        line.parts[port.tail].next = slot
    port.tail = slot
    port.queued += 1


@inlined
def unqueue(line: Line, number: Number, before: Number, slot: Number) -> None:
    """Take a part out of a port's buffer; ``before`` is the one in front of it, or `NONE`."""
    port = line.ports[number]
    after = line.parts[slot].next
    if before == NONE:
        port.head = after
    else:
        line.parts[before].next = after
    if port.tail == slot:
        port.tail = before
    port.queued -= 1
