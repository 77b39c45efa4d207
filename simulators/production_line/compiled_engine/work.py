"""Machines of a compiled line: set-up, service, failures, maintenance."""

from __future__ import annotations

import numpy as np

from simulators.draw_blocks import DrawBlocks, draw
from simulators.event_heap import EventHeap, push
from simulators.machine_code import inlined
from simulators.production_line.compiled_engine.parts import mark
from simulators.production_line.compiled_engine.people import ACTIVITY, MAINTENANCE, REPAIR, called, dismiss
from simulators.production_line.compiled_engine.tables import NO_EVENT, NOBODY, NONE, TASKS, Line, Number
from simulators.production_line.events import (
    AWAIT,
    FAIL,
    LEAVE,
    MAINTAIN,
    MEND,
    SETUP,
    START,
)
from simulators.row_buffer import RowBuffer, write

__all__ = [
    "ARRIVAL", "CALENDAR", "CONVEYED", "DUE", "END", "EVENTS", "FAILURE", "MAINTENANCE_END", "OPERATION",
    "ORDER_RELEASE", "REPAIRED", "SERVICE", "SETTING_UP", "TOGGLE", "WEAR_OUT", "age_anew", "break_down",
    "call_repair", "count_work", "go_on", "interrupt", "load", "maintain", "mend", "note", "ready", "rest", "resume",
    "service_stream", "unload",
]  # fmt: skip

# What a code in the event list means: kind + EVENTS * number of the machine, station, source, order or shift.
END, WEAR_OUT, FAILURE, REPAIRED, DUE, MAINTENANCE_END, CONVEYED, ARRIVAL, ORDER_RELEASE, TOGGLE = range(10)
EVENTS = 16

SETTING_UP, SERVICE = 0, 1
CALENDAR, OPERATION = 0, 1


@inlined
def note(line: Line, rows: RowBuffer, event: int, entity: int, machine: Number) -> None:
    """Record an event at a machine."""
    write(rows, line.world[0].now_s, event, entity, len(line.stations) + machine)


@inlined
def _stopped(line: Line, number: Number) -> bool:
    machine = line.machines[number]
    return bool(machine.down or machine.off or machine.in_maintenance)


@inlined
def ready(line: Line, number: Number) -> bool:
    """Return whether a machine can take a part."""
    machine = line.machines[number]
    return machine.part == NONE and not (machine.down or machine.off or machine.in_maintenance)


@inlined
def service_stream(line: Line, number: Number, slot: Number) -> Number:
    """Return the stream of a part's service time on a machine."""
    part, machine = line.parts[slot], line.machines[number]
    if part.detour == NONE:
        stream = line.steps[part.step].service
        if stream != NONE:
            return np.uint32(stream + machine.local)
    return np.uint32(machine.service)


@inlined
def load(line: Line, blocks: DrawBlocks, number: Number, slot: Number) -> None:
    """Put a part on a machine, which is to go on with it."""
    machine = line.machines[number]
    station = line.stations[machine.station]
    kind = line.parts[slot].kind
    before = machine.set_up_for
    machine.part = slot
    machine.finished = False
    machine.shown = False
    machine.set_up_for = kind
    if station.setups != NONE and before != NONE and before != kind:
        machine.activity = SETTING_UP
        stream = line.setup_stream[station.setups + before * len(line.kinds) + kind]
        machine.left_s = draw(blocks, stream + machine.local)
    else:
        machine.activity = SERVICE
        machine.left_s = draw(blocks, service_stream(line, number, slot))
    line.world[0].going = number


@inlined
def go_on(line: Line, rows: RowBuffer, heap: EventHeap, number: Number) -> None:
    """Begin, or go on with, what is to be done with the part, unless it is stopped or somebody is missing."""
    machine = line.machines[number]
    if machine.down or machine.off or machine.in_maintenance:
        return
    station = line.stations[machine.station]
    part = line.parts[machine.part].number
    skill = station.setup_skill if machine.activity == SETTING_UP else station.service_skill
    if skill != NONE:
        task = number * TASKS + ACTIVITY
        if line.calls[task].attendant == NONE and not called(line, task, skill):
            note(line, rows, AWAIT, part, number)
            machine.shown = False
            return
    if not machine.shown:
        note(line, rows, SETUP if machine.activity == SETTING_UP else START, part, number)
        machine.shown = True
    now_s = line.world[0].now_s
    machine.began_s = now_s
    machine.ends_s = now_s + machine.left_s
    if machine.activity == SERVICE and machine.life_s < machine.left_s:
        machine.timer = push(heap, now_s + machine.life_s, WEAR_OUT + EVENTS * number)
    else:
        machine.timer = push(heap, now_s + machine.left_s, END + EVENTS * number)


@inlined
def count_work(line: Line, number: Number) -> None:
    """Add what has been worked since the service began or went on."""
    machine = line.machines[number]
    worked_s = line.world[0].now_s - machine.began_s
    machine.worked_s += worked_s
    machine.life_s = max(0.0, machine.life_s - worked_s)


@inlined
def interrupt(line: Line, number: Number) -> None:
    """Stop what is done with the part; it is to go on later, from here."""
    machine = line.machines[number]
    if machine.timer != NO_EVENT:
        machine.timer = NO_EVENT
        machine.left_s = machine.ends_s - line.world[0].now_s
        if machine.activity == SERVICE:
            count_work(line, number)
    dismiss(line, number * TASKS + ACTIVITY)


@inlined
def resume(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Go on after a stop, unless there is another reason to stop."""
    machine = line.machines[number]
    if machine.down or machine.off or machine.in_maintenance:
        return
    if machine.part == NONE:
        mark(line, machine.station)
        rest(line, rows, blocks, heap, number)
    elif not machine.finished:
        line.world[0].going = number


@inlined
def unload(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Take the finished part from a machine."""
    machine = line.machines[number]
    note(line, rows, LEAVE, line.parts[machine.part].number, number)
    machine.part = NONE
    mark(line, machine.station)
    if line.world[0].starving:
        line.world[0].blocked_anew = True
    rest(line, rows, blocks, heap, number)


@inlined
def age_anew(line: Line, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Draw the next failure."""
    machine = line.machines[number]
    clock = line.stations[machine.station].failure_clock
    if clock == OPERATION:
        machine.life_s = draw(blocks, machine.up_time)
    elif clock == CALENDAR:
        machine.next_failure = push(
            heap, line.world[0].now_s + draw(blocks, machine.up_time), FAILURE + EVENTS * number
        )


@inlined
def break_down(line: Line, rows: RowBuffer, number: Number) -> None:
    """Let a machine fail; its repair is to be called for."""
    line.machines[number].down = True
    note(line, rows, FAIL, NOBODY, number)
    interrupt(line, number)


@inlined
def call_repair(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Begin a repair, or let it wait for somebody."""
    skill = line.stations[line.machines[number].station].repair_skill
    if skill == NONE or called(line, number * TASKS + REPAIR, skill):
        mend(line, rows, blocks, heap, number)


@inlined
def mend(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Repair a machine, whoever is needed being there."""
    machine = line.machines[number]
    if line.stations[machine.station].repair_skill != NONE:
        note(line, rows, MEND, NOBODY, number)
    push(heap, line.world[0].now_s + draw(blocks, machine.repair_time), REPAIRED + EVENTS * number)


@inlined
def rest(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Begin a maintenance if it is time for one, the machine being empty."""
    machine = line.machines[number]
    station = line.stations[machine.station]
    if station.maintenance_clock == NONE or _stopped(line, number):
        return
    due = machine.due
    if station.maintenance_clock == OPERATION:
        due = machine.worked_s >= station.every_s
    if not due:
        return
    machine.in_maintenance = True
    note(line, rows, MAINTAIN, NOBODY, number)
    if station.renews:
        machine.next_failure = NO_EVENT
    if station.maintenance_skill == NONE or called(line, number * TASKS + MAINTENANCE, station.maintenance_skill):
        maintain(line, blocks, heap, number)


@inlined
def maintain(line: Line, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    """Maintain a machine, whoever is needed being there."""
    machine = line.machines[number]
    push(heap, line.world[0].now_s + draw(blocks, machine.maintenance), MAINTENANCE_END + EVENTS * number)
