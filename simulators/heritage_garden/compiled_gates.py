"""Gates compiled: who arrives, queues, has its tickets checked, or goes home.

One function for each method of :class:`simulators.heritage_garden.turnstile.Turnstile` and of the SimPy engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.draw_blocks import draw
from simulators.event_heap import push
from simulators.heritage_garden.compiled_codes import ARRIVAL, CHECKED, KINDS, PATIENCE_ENDS
from simulators.heritage_garden.compiled_state import NOBODY
from simulators.heritage_garden.events import ARRIVE, CHECK, GIVE_UP, JOIN, QUEUE, REFUSE
from simulators.heritage_garden.party import CHECKING, GONE, QUEUED
from simulators.machine_code import compiled, inlined
from simulators.row_buffer import write

if TYPE_CHECKING:
    from simulators.draw_blocks import DrawBlocks
    from simulators.event_heap import EventHeap
    from simulators.heritage_garden.compiled_state import Grounds
    from simulators.row_buffer import RowBuffer

__all__ = ["arrive", "await_next", "give_up", "send_home", "serve", "serve_all"]


@compiled
def await_next(g: Grounds, heap: EventHeap) -> None:
    """Schedule the next arrival."""
    day = g.day[0]
    if day.arrived < len(g.party):
        delay_s = max(0.0, g.ticket[day.arrived].arrive_s - day.now_s)
        push(heap, day.now_s + delay_s, ARRIVAL)


@compiled
def serve(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks, number: int) -> None:
    """Check the tickets of those at the head of a queue, as far as counters and the cap allow."""
    day, gate = g.day[0], g.gate[number]
    while gate.head != NOBODY:
        who = gate.head
        party = g.party[who]
        if party.phase != QUEUED:  # it has given up
            gate.head = party.next
            continue
        if not g.open[day.regime, number] or gate.busy == gate.counters or day.inside + party.size > day.cap:
            return
        gate.head = party.next
        gate.busy += 1
        party.phase = CHECKING
        write(rows, day.now_s, CHECK, party.leader, number)
        day.inside += party.size
        duration_s = 0.0
        for _ in range(1 if g.segment[party.segment].one_check else party.size):
            duration_s += draw(blocks, number)
        push(heap, day.now_s + duration_s, CHECKED + KINDS * who)


@inlined
def serve_all(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks) -> None:
    """Look at all gates again."""
    for number in range(len(g.gate)):
        if g.gate[number].head != NOBODY:
            serve(g, rows, heap, blocks, number)


@inlined
def give_up(g: Grounds, rows: RowBuffer, who: int) -> None:
    """Let a party go home from its queue."""
    g.party[who].phase = GONE
    write(rows, g.day[0].now_s, GIVE_UP, g.party[who].leader, g.ticket[who].gate)


@compiled
def send_home(g: Grounds, rows: RowBuffer) -> None:
    """Let everybody go home who queues."""
    for number in range(len(g.gate)):
        who = g.gate[number].head
        while who != NOBODY:
            if g.party[who].phase == QUEUED:
                give_up(g, rows, who)
            who = g.party[who].next
        g.gate[number].head = NOBODY


@compiled
def arrive(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks) -> None:
    """Let the next party arrive, and queue where it is let in."""
    day = g.day[0]
    who = day.arrived
    day.arrived += 1
    party, ticket = g.party[who], g.ticket[who]
    place = day.first_segment + party.segment
    write(rows, day.now_s, ARRIVE, party.leader, place)
    for companion in range(party.leader + 1, party.leader + party.size):
        write(rows, day.now_s, JOIN, companion, place)
    if ticket.refused:
        party.phase = GONE
        write(rows, day.now_s, REFUSE, party.leader, place)
    elif not day.admitting:
        give_up(g, rows, who)
    else:
        gate = g.gate[ticket.gate]
        party.phase = QUEUED
        write(rows, day.now_s, QUEUE, party.leader, ticket.gate)
        if gate.head == NOBODY:
            gate.head = who
        else:
            g.party[gate.tail].next = who
        gate.tail = who
        if ticket.patience_s < np.inf:
            push(heap, day.now_s + ticket.patience_s, PATIENCE_ENDS + KINDS * who)
        serve(g, rows, heap, blocks, ticket.gate)
    await_next(g, heap)
