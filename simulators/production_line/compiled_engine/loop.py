"""The event loop of a compiled line.

What the SimPy engine does by methods that call one another is done here step by step: a step leaves in ``world`` what
is to follow at this instant, so that every rule stands in the machine code once and the loop can stop between any two
steps. First comes what lies innermost in the calls: a machine goes on, a part enters, a crew is assigned, what waited
for that, a shift switches its next machine, a station settles; then the next event.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.borrowing import borrowed
from simulators.draw_blocks import DrawBlocks, draw
from simulators.event_heap import EventHeap, close, push, take
from simulators.machine_code import compiled, inlined
from simulators.production_line.compiled_engine.deadlock import deadlocked
from simulators.production_line.compiled_engine.flow import (
    draw_kind,
    enter,
    finish,
    mark_entrances,
    settle_once,
    wait_outside,
)
from simulators.production_line.compiled_engine.parts import mark, new_part, next_marked
from simulators.production_line.compiled_engine.people import (
    ACTIVITY,
    MAINTENANCE,
    REPAIR,
    dismiss,
    next_call,
    withdraw,
)
from simulators.production_line.compiled_engine.tables import NO_EVENT, NOBODY, NONE, TASKS, Line, Number
from simulators.production_line.compiled_engine.work import (
    ARRIVAL,
    CALENDAR,
    CONVEYED,
    DUE,
    END,
    EVENTS,
    FAILURE,
    MAINTENANCE_END,
    ORDER_RELEASE,
    REPAIRED,
    SERVICE,
    SETTING_UP,
    TOGGLE,
    WEAR_OUT,
    age_anew,
    break_down,
    call_repair,
    count_work,
    go_on,
    interrupt,
    maintain,
    mend,
    note,
    ready,
    rest,
    resume,
    service_stream,
)
from simulators.production_line.events import DEFECT, FINISH, MAINTAINED, OFF, ON
from simulators.production_line.events import REPAIR as REPAIR_EVENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.row_buffer import RowBuffer

__all__ = ["DEADLOCKED", "DONE", "PAUSED", "begin", "run_on"]

PAUSED, DONE, DEADLOCKED = range(3)
NOTHING, GO_ON, RESUME, CALL_REPAIR = range(4)  # what may follow once a crew is assigned


@compiled
def begin(
    line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, order_release_s: NDArray[np.float64]
) -> None:
    """Schedule what is known at time 0, and have every station looked at."""
    order = 0
    for number in range(len(line.sources)):
        source = line.sources[number]
        if source.interval != NONE:
            push(heap, draw(blocks, source.interval), ARRIVAL + EVENTS * number)
        while order < len(line.orders) and line.orders[order].source == number:
            push(heap, order_release_s[order], ORDER_RELEASE + EVENTS * order)
            order += 1
    for number in range(len(line.shifts)):
        _schedule_toggle(line, heap, np.uint32(number))
    for number in range(len(line.machines)):
        subject = np.uint32(number)
        machine = line.machines[subject]
        station = line.stations[machine.station]
        if machine.off:
            note(line, rows, OFF, NOBODY, subject)
        age_anew(line, blocks, heap, subject)
        if station.maintenance_clock == CALENDAR:
            push(heap, station.every_s, DUE + EVENTS * number)
    for number in range(len(line.stations)):
        mark(line, np.uint32(number))


@compiled
def run_on(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, horizon_s: float, margin: int) -> int:
    """Run on to the horizon, or until Python must make room, or draw, or parts wait for one another in a ring."""
    line, rows, blocks, heap = borrowed(line), borrowed(rows), borrowed(blocks), borrowed(heap)
    world = line.world[0]
    while True:
        if world.entering != NONE:
            enter(line, rows, blocks, heap)
        if world.going != NONE:
            machine = world.going
            world.going = NONE
            go_on(line, rows, heap, machine)
        if world.freeing != NONE:
            line.crews[world.freeing].busy -= 1
            world.assigning = world.freeing
            world.freeing = NONE
        if world.assigning != NONE:
            _assign(line, rows, blocks, heap)
            continue
        if world.then != NOTHING:
            _follow(line, rows, blocks, heap)
            continue
        if (
            blocks.used_up[0] != 0
            or rows.size[0] + margin > len(rows.time_s)
            or heap.size[0] + 4 > len(heap.time_s)
            or world.free_count < 2
        ):
            return PAUSED
        if world.toggling != NONE:
            _switch_next(line, rows, blocks, heap)
            continue
        if world.settling != NONE:
            if settle_once(line, rows, blocks, heap, world.settling):
                continue
            world.settling = NONE
        if world.mark_count > 0:
            world.settling = next_marked(line)
            continue
        if world.blocked_anew:
            world.blocked_anew = False
            if world.may_deadlock and deadlocked(line):
                return DEADLOCKED
        close(heap)
        if heap.size[0] == 0 or heap.time_s[0] >= horizon_s:
            return DONE
        code = heap.code[0]
        kind, subject = code & (EVENTS - 1), np.uint32(code >> 4)
        if kind == ORDER_RELEASE and world.free_count < line.orders[subject].quantity + 2:
            world.slots_wanted = line.orders[subject].quantity + 2
            return PAUSED
        world.now_s = heap.time_s[0]
        number = heap.number[0]
        take(heap)
        if kind == END:
            if line.machines[subject].timer == number:  # else an interruption has put this end off
                _end(line, rows, blocks, heap, subject)
        else:
            _happen(line, rows, blocks, heap, kind, subject, number)


@inlined
def _happen(
    line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, kind: Number, subject: Number, number: Number
) -> None:
    if kind in (FAILURE, WEAR_OUT):
        machine = line.machines[subject]
        # Else a maintenance has renewed the machine, or an interruption has come before.
        if number == (machine.next_failure if kind == FAILURE else machine.timer):
            break_down(line, rows, subject)
            _then(line, CALL_REPAIR, subject)
    elif kind == REPAIRED:
        line.machines[subject].down = False
        note(line, rows, REPAIR_EVENT, NOBODY, subject)
        age_anew(line, blocks, heap, subject)
        dismiss(line, subject * TASKS + REPAIR)
        _then(line, RESUME, subject)
    elif kind == ARRIVAL:
        source = line.sources[subject]
        part = line.world[0].next_number
        line.world[0].next_number += 1
        wait_outside(line, subject, new_part(line, part, draw_kind(line, blocks, subject), subject, np.inf))
        push(heap, line.world[0].now_s + draw(blocks, source.interval), ARRIVAL + EVENTS * subject)
        mark_entrances(line, subject)
    elif kind == CONVEYED:
        line.stations[subject].arrived += 1
        line.world[0].blocked_anew = True  # it may fill the last place
        mark(line, subject)
    elif kind == DUE:
        line.machines[subject].due = True
        if ready(line, subject):
            rest(line, rows, blocks, heap, subject)
    elif kind == MAINTENANCE_END:
        _maintained(line, rows, blocks, heap, subject)
    elif kind == ORDER_RELEASE:
        order = line.orders[subject]
        for part in range(order.first_number, order.first_number + order.quantity):
            wait_outside(line, order.source, new_part(line, part, order.kind, order.source, order.due_s))
        mark_entrances(line, order.source)
    else:
        shift, world = line.shifts[subject], line.world[0]
        shift.on = not shift.on
        shift.toggles += 1
        _schedule_toggle(line, heap, subject)
        world.toggling, world.toggle_crew, world.toggle_machine = subject, 0, 0


@inlined
def _then(line: Line, what: Number, machine: Number) -> None:
    world = line.world[0]
    world.then, world.then_machine = what, machine


@compiled
def _follow(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap) -> None:
    world = line.world[0]
    what, machine = world.then, world.then_machine
    world.then = NOTHING
    if what == GO_ON:
        world.going = machine
    elif what == RESUME:
        resume(line, rows, blocks, heap, machine)
    else:
        call_repair(line, rows, blocks, heap, machine)


@inlined
def _end(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    machine = line.machines[number]
    station = line.stations[machine.station]
    task = number * TASKS + ACTIVITY
    machine.timer = NO_EVENT
    if machine.activity == SETTING_UP:
        machine.activity = SERVICE
        machine.shown = False
        machine.left_s = draw(blocks, service_stream(line, number, machine.part))
        if station.service_skill != station.setup_skill:
            dismiss(line, task)
        _then(line, GO_ON, number)
        return
    count_work(line, number)
    machine.finished = True
    slot = machine.part
    note(line, rows, FINISH, line.parts[slot].number, number)
    if station.defect_probability > 0 and draw(blocks, machine.defect) < station.defect_probability:
        line.parts[slot].defective = True
        note(line, rows, DEFECT, line.parts[slot].number, number)
    if station.service_skill == NONE:
        finish(line, rows, blocks, heap, number)
        return
    line.world[0].freeing = line.calls[task].attendant  # once the part has gone on, but no longer at this machine
    line.calls[task].attendant = NONE
    finish(line, rows, blocks, heap, number)


@inlined
def _maintained(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap, number: Number) -> None:
    machine = line.machines[number]
    station = line.stations[machine.station]
    machine.in_maintenance = False
    note(line, rows, MAINTAINED, NOBODY, number)
    machine.due = False
    machine.worked_s = 0.0
    if station.renews:
        age_anew(line, blocks, heap, number)
    if station.maintenance_clock == CALENDAR:
        push(heap, line.world[0].now_s + station.every_s, DUE + EVENTS * number)
    dismiss(line, number * TASKS + MAINTENANCE)
    _then(line, RESUME, number)


@compiled
def _assign(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap) -> None:
    """Let a crew take one call; it stays to be assigned until there is none that it can take."""
    world = line.world[0]
    crew = world.assigning
    call = next_call(line, crew)
    if call == NONE:
        world.assigning = NONE
        return
    withdraw(line, call)
    line.crews[crew].busy += 1
    line.calls[call].attendant = crew
    machine, task = np.uint32(call // TASKS), call % TASKS
    if task == ACTIVITY:
        world.going = machine
    elif task == REPAIR:
        mend(line, rows, blocks, heap, machine)
    else:
        maintain(line, blocks, heap, machine)


# ---- shifts


@inlined
def _schedule_toggle(line: Line, heap: EventHeap, number: Number) -> None:
    shift = line.shifts[number]
    toggles = np.int64(shift.end_toggle) - shift.first_toggle
    if toggles == 0:
        return
    cycle, position = shift.toggles // toggles, shift.toggles % toggles
    time_s = cycle * shift.cycle_s + line.toggles_s[shift.first_toggle + position]
    now_s = line.world[0].now_s
    push(heap, now_s + max(0.0, time_s - now_s), TOGGLE + EVENTS * number)


@compiled
def _switch_next(line: Line, rows: RowBuffer, blocks: DrawBlocks, heap: EventHeap) -> None:
    """Switch the next crew, or then the next machine, of the shift that begins or ends."""
    world = line.world[0]
    number = world.toggling
    on = line.shifts[number].on
    while world.toggle_crew < len(line.crews):
        crew = world.toggle_crew
        world.toggle_crew += 1
        if line.crews[crew].shift == number:
            line.crews[crew].on_duty = on
            if on:
                world.assigning = crew
                return
    while world.toggle_machine < len(line.machines):
        subject = world.toggle_machine
        world.toggle_machine += 1
        machine = line.machines[subject]
        if line.stations[machine.station].shift == number:
            machine.off = not on
            note(line, rows, ON if on else OFF, NOBODY, subject)
            if on:
                resume(line, rows, blocks, heap, subject)
            else:
                interrupt(line, subject)
            return
    world.toggling = NONE
