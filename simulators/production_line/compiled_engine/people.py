"""Crews of a compiled line, and the calls for them: lists by skill, in order of calling."""

from __future__ import annotations

import numpy as np

from simulators.machine_code import inlined
from simulators.production_line.compiled_engine.tables import NONE, Line, Number

__all__ = ["ACTIVITY", "MAINTENANCE", "REPAIR", "called", "dismiss", "next_call", "withdraw"]

ACTIVITY, REPAIR, MAINTENANCE = range(3)


@inlined
def called(line: Line, number: int, skill: Number) -> bool:
    """Return whether somebody comes to a task at once; else its call waits."""
    call = line.calls[number]
    for position in range(len(line.crews)):
        crew = line.crews[position]
        if crew.on_duty and crew.busy < crew.members:
            for place in range(crew.first_skill, crew.end_skill):
                if line.crew_skills[place] == skill:
                    crew.busy += 1
                    call.attendant = position
                    return True
    world = line.world[0]
    world.calls += 1
    call.number = world.calls
    call.skill = skill
    call.waits = True
    call.next = NONE
    call.previous = line.skills[skill].tail
    if call.previous == NONE:
        line.skills[skill].head = number
    else:
        line.calls[call.previous].next = number
    line.skills[skill].tail = number
    return False


@inlined
def withdraw(line: Line, number: int) -> None:
    """Let a call wait no longer."""
    call = line.calls[number]
    skill = line.skills[call.skill]
    call.waits = False
    if call.previous == NONE:
        skill.head = call.next
    else:
        line.calls[call.previous].next = call.next
    if call.next == NONE:
        skill.tail = call.previous
    else:
        line.calls[call.next].previous = call.previous


@inlined
def dismiss(line: Line, number: int) -> None:
    """Need nobody for a task any more; a crew that becomes free is to be assigned."""
    call = line.calls[number]
    if call.waits:
        withdraw(line, number)
    elif call.attendant != NONE:
        line.crews[call.attendant].busy -= 1
        line.world[0].assigning = call.attendant
        call.attendant = NONE


@inlined
def next_call(line: Line, position: Number) -> Number:
    """Return the oldest call that a crew can take, or `NONE`."""
    crew = line.crews[position]
    if not crew.on_duty or crew.busy >= crew.members:
        return NONE
    oldest = NONE
    for place in range(crew.first_skill, crew.end_skill):
        head = line.skills[line.crew_skills[place]].head
        if head != NONE and (oldest == NONE or line.calls[head].number < line.calls[oldest].number):
            oldest = head
    return np.uint32(oldest)
