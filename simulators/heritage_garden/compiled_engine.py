"""A garden's day compiled: the rules of :mod:`simulators.heritage_garden.simpy_engine`, event by event, in Numba.

Both engines meet the same streams and schedule their events in the same order, so their journals are equal bit for
bit. Here the state lies in flat arrays. The compiled loop stops whenever an array is nearly full or a block of random
numbers is used up; Python then makes room or draws the next block from NumPy's generator, and the loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.borrowing import borrowed
from simulators.distributions import UNIT
from simulators.draw_blocks import DrawBlocks, draw, new_blocks, refill
from simulators.event_heap import EventHeap, grown, new_heap, pop, push
from simulators.heritage_garden.compiled_paths import arrive_by_path, enter_path, mouth_opens
from simulators.heritage_garden.compiled_state import NOBODY, Grounds, grounds_of
from simulators.heritage_garden.events import (
    ALARM,
    ARRIVE,
    CHECK,
    CLOSE,
    DRY,
    ENTER,
    EXIT,
    FULL,
    GIVE_UP,
    JOIN,
    MEET,
    OPEN,
    QUEUE,
    RAIN,
    REFUSE,
    VISIT,
)
from simulators.heritage_garden.party import CHECKING, DWELLING, GONE, MEETING, QUEUED, UNDER_WAY
from simulators.heritage_garden.ranks import insert, remove_first
from simulators.heritage_garden.timetable import Timetable, new_timetable, put_back, take_out
from simulators.machine_code import compiled, inlined
from simulators.recorder import PIECE_ROWS
from simulators.row_buffer import RowBuffer, hand_on, new_buffer, write

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.policy import Policy
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["run"]

SMALLEST_BLOCK = 2048  # random numbers drawn at a time from each stream

# What a code in the event list means: kind + KINDS * number. Paths and scenes have a timetable of their own.
ARRIVAL, CHECKED, PATIENCE_ENDS, CHANGE, LAST_ENTRY, RAISE_ALARM = range(6)
KINDS = 6


def run(scenario: HeritageGarden, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    """Run a day from midnight to its horizon; the events are the same as those of the SimPy engine.

    Parameters
    ----------
    scenario
        The garden and its visitors.
    streams
        Where random numbers come from.
    recorder
        Takes the events.
    policies
        None: this engine asks none.
    """
    del policies
    garden = scenario.garden
    grounds = grounds_of(scenario, streams)
    draws = [
        *(streams.draws(f"gate.{gate.name}.check", gate.check) for gate in garden.gates),
        *(streams.draws(f"scene.{scene.name}.dwell", scene.dwell) for scene in garden.scenes),
        streams.draws("visitors.choice", UNIT),
    ]
    # One event starts at most one check a counter, and lets at most everybody go home.
    most_checks = max(gate.counters for gate in garden.gates) * max(s.largest_party for s in scenario.visitors)
    margin = 3 * len(grounds.party) + int(grounds.day["first_segment"][0]) + 256
    blocks = new_blocks(draws, max(SMALLEST_BLOCK, most_checks + 64))
    rows = new_buffer(PIECE_ROWS + margin)
    heap = new_heap(2 * margin + len(grounds.change))
    table = new_timetable(2 * len(grounds.path) + len(grounds.scene))
    _begin(grounds, heap, scenario.last_entry_s, scenario.alarm_s or 0.0)
    done = False
    while not done:
        done = _go_on(grounds, rows, heap, table, blocks, scenario.horizon_s, margin)
        refill(blocks, draws)
        if done or rows.size[0] + margin > len(rows.time_s):
            hand_on(rows, recorder)
        if heap.size[0] + margin > len(heap.time_s):
            heap = grown(heap)


# ---- compiled from here on: one function for each method of the SimPy engine, with the same name


@compiled
def _await_next(g: Grounds, heap: EventHeap) -> None:
    day = g.day[0]
    if day.arrived < len(g.party):
        delay_s = max(0.0, g.party[day.arrived].arrive_s - day.now_s)
        push(heap, day.now_s + delay_s, ARRIVAL)


@compiled
def _serve(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks, number: int) -> None:
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
def _serve_all(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks) -> None:
    for number in range(len(g.gate)):
        if g.gate[number].head != NOBODY:
            _serve(g, rows, heap, blocks, number)


@inlined
def _give_up(g: Grounds, rows: RowBuffer, who: int) -> None:
    g.party[who].phase = GONE
    write(rows, g.day[0].now_s, GIVE_UP, g.party[who].leader, g.party[who].gate)


@compiled
def _send_home(g: Grounds, rows: RowBuffer) -> None:
    for number in range(len(g.gate)):
        who = g.gate[number].head
        while who != NOBODY:
            if g.party[who].phase == QUEUED:
                _give_up(g, rows, who)
            who = g.party[who].next
        g.gate[number].head = NOBODY


@compiled
def _arrive(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks) -> None:
    day = g.day[0]
    who = day.arrived
    day.arrived += 1
    party = g.party[who]
    place = day.first_segment + party.segment
    write(rows, day.now_s, ARRIVE, party.leader, place)
    for companion in range(party.leader + 1, party.leader + party.size):
        write(rows, day.now_s, JOIN, companion, place)
    if party.refused:
        party.phase = GONE
        write(rows, day.now_s, REFUSE, party.leader, place)
    elif not day.admitting:
        _give_up(g, rows, who)
    else:
        gate = g.gate[party.gate]
        party.phase = QUEUED
        write(rows, day.now_s, QUEUE, party.leader, party.gate)
        if gate.head == NOBODY:
            gate.head = who
        else:
            g.party[gate.tail].next = who
        gate.tail = who
        if party.patience_s < np.inf:
            push(heap, day.now_s + party.patience_s, PATIENCE_ENDS + KINDS * who)
        _serve(g, rows, heap, blocks, party.gate)
    _await_next(g, heap)


@compiled
def _next_of_tour(g: Grounds, who: int) -> int:
    party, regime = g.party[who], g.day[0].regime
    for scene in g.tour[party.segment]:
        if scene == NOBODY:
            break
        place = len(g.gate) + scene
        reachable = g.open[regime, place] and g.onward[regime, party.wheels, party.node, place] >= 0
        present = g.scene[scene].visitors
        room = present == 0 or present + party.size <= g.scene[scene].room
        if not party.seen >> scene & 1 and reachable and room:
            return int(scene)
    return NOBODY


@inlined
def _crowd(g: Grounds, number: int, visitors: int) -> None:
    """Change the visitors in a scene."""
    scene = g.scene[number]
    scene.visitors += visitors
    g.crowding[number] = g.odds[scene.odds_from + min(scene.visitors, scene.room)]


@inlined
def _choose(g: Grounds, blocks: DrawBlocks, who: int, used: float) -> int:
    day, party = g.day[0], g.party[who]
    attraction = g.attraction[day.regime, party.wheels, party.node]
    seen, novelty, total = party.seen, day.novelty, 0.0
    for number in range(len(g.scene)):
        # A factor of 1 instead of a branch, which the processor could not foresee.
        odds = attraction[number] * g.crowding[number] * (novelty if seen >> number & 1 else 1.0)
        if party.advised and g.scene[number].visitors > g.scene[number].carrying:
            odds *= day.advice_factor
        total += odds
        g.upper[number] = total
    point = draw(blocks, len(g.gate) + len(g.scene)) * (total + day.leaving * used)
    for number in range(len(g.scene)):
        if point < g.upper[number]:
            return number
    return NOBODY


@inlined
def _decide(g: Grounds, blocks: DrawBlocks, who: int) -> None:
    day, party = g.day[0], g.party[who]
    stayed_s = day.now_s - party.entered_s
    chosen = NOBODY
    if not (day.alarmed or stayed_s >= party.stay_s or day.now_s >= day.closes_s):
        if g.segment[party.segment].guided:
            chosen = _next_of_tour(g, who)
        else:
            chosen = _choose(g, blocks, who, stayed_s / party.stay_s)
    if chosen == NOBODY:
        party.leaving = True
    else:
        party.destination = len(g.gate) + chosen


@inlined
def _next_to_leave(g: Grounds, table: Timetable, number: int) -> None:
    """Let the timetable tell who of a scene's visitors has seen enough next."""
    scene, row = g.scene[number], 2 * len(g.path) + number
    if scene.parties == 0:
        take_out(table, row)
    else:
        first = g.guest[scene.odds_from]
        put_back(table, row, first.key_s, first.order)


@inlined
def _visit_ends(g: Grounds, table: Timetable, number: int) -> int:
    """Take the first visitor out of a scene; return the party."""
    scene = g.scene[number]
    who = g.guest[scene.odds_from].party
    remove_first(g.guest, scene.odds_from, scene.parties)
    scene.parties -= 1
    _next_to_leave(g, table, number)
    _crowd(g, number, -g.party[who].size)
    return int(who)


@inlined
def _move(
    g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, blocks: DrawBlocks, who: int, decides: bool
) -> bool:
    """Decide, if asked to, and go on; return whether the party goes out here."""
    day, party = g.day[0], g.party[who]
    node, path = party.node, NOBODY
    while path == NOBODY:
        if decides:
            _decide(g, blocks, who)
        decides = True
        if party.leaving:
            if g.is_exit[node]:
                return True
            path = g.escape[party.wheels, node] if day.alarmed else g.out[day.regime, party.wheels, node]
            continue
        destination = party.destination
        if not g.open[day.regime, destination]:
            continue
        if node != destination:
            path = g.onward[day.regime, party.wheels, node, destination]
            continue
        number = destination - len(g.gate)
        scene = g.scene[number]
        if scene.visitors > 0 and scene.visitors + party.size > scene.room:
            party.phase = UNDER_WAY
            write(rows, day.now_s, FULL, party.leader, destination)
            continue
        _crowd(g, number, party.size)
        party.seen |= 1 << number
        party.phase = DWELLING
        write(rows, day.now_s, VISIT, party.leader, destination)
        due_s = day.now_s + draw(blocks, destination)
        insert(g.guest, scene.odds_from, scene.parties, due_s, heap.size[1], who)
        heap.size[1] += 1
        scene.parties += 1
        _next_to_leave(g, table, number)
        return False
    enter_path(g, rows, heap, table, path, who)
    return False


@inlined
def _go_out(g: Grounds, rows: RowBuffer, who: int) -> None:
    day, party = g.day[0], g.party[who]
    write(rows, day.now_s, EXIT, party.leader, party.node)
    party.phase = GONE
    day.inside -= party.size
    if day.guides_limited and g.segment[party.segment].guided:
        day.guides += 1


@compiled
def _dispatch(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, blocks: DrawBlocks) -> None:
    day = g.day[0]
    while day.meeting_head != NOBODY and day.guides > 0:
        day.guides -= 1
        who = day.meeting_head
        day.meeting_head = g.party[who].next
        if _move(g, rows, heap, table, blocks, who, True):
            _go_out(g, rows, who)
            _serve_all(g, rows, heap, blocks)


@inlined
def _go(
    g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, blocks: DrawBlocks, who: int, decides: bool
) -> None:
    """Let a party go on, and out where it leaves."""
    if _move(g, rows, heap, table, blocks, who, decides):
        _go_out(g, rows, who)
        if g.day[0].meeting_head != NOBODY:
            _dispatch(g, rows, heap, table, blocks)
        _serve_all(g, rows, heap, blocks)


@compiled
def _pass(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, blocks: DrawBlocks, who: int) -> bool:
    """Let a party in; return whether it now decides where to go."""
    day, party = g.day[0], g.party[who]
    g.gate[party.gate].busy -= 1
    if day.alarmed:
        day.inside -= party.size
        _give_up(g, rows, who)
        return False
    write(rows, day.now_s, ENTER, party.leader, party.gate)
    party.entered_s = day.now_s
    party.node = party.gate
    if not (day.guides_limited and g.segment[party.segment].guided):
        return True
    party.phase = MEETING
    party.next = NOBODY
    if day.meeting_head == NOBODY:
        day.meeting_head = who
    else:
        g.party[day.meeting_tail].next = who
    day.meeting_tail = who
    _dispatch(g, rows, heap, table, blocks)
    if party.phase == MEETING:
        write(rows, day.now_s, MEET, party.leader, party.gate)
    return False


@compiled
def _change(g: Grounds, rows: RowBuffer, heap: EventHeap, blocks: DrawBlocks, number: int) -> None:
    day = g.day[0]
    before, now = day.regime, g.change[number].regime
    day.regime = now
    if g.raining[now] != g.raining[before]:
        write(rows, day.now_s, RAIN if g.raining[now] else DRY, NOBODY, NOBODY)
    for place in range(g.open.shape[1]):
        if g.open[now, place] != g.open[before, place]:
            write(rows, day.now_s, OPEN if g.open[now, place] else CLOSE, NOBODY, place)
    _serve_all(g, rows, heap, blocks)


@compiled
def _alarm(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, blocks: DrawBlocks) -> None:
    day = g.day[0]
    day.alarmed, day.admitting = True, False
    write(rows, day.now_s, ALARM, NOBODY, NOBODY)
    _send_home(g, rows)
    day.meeting_head = NOBODY
    for number in range(len(g.scene)):
        g.scene[number].parties = 0
        _next_to_leave(g, table, number)
    for who in range(day.arrived):
        party = g.party[who]
        if party.phase == DWELLING:
            _crowd(g, party.node - len(g.gate), -party.size)
        elif party.phase != MEETING:
            party.leaving = True
            continue
        _go(g, rows, heap, table, blocks, who, True)


@compiled
def _begin(g: Grounds, heap: EventHeap, last_entry_s: float, alarm_s: float) -> None:
    for number in range(len(g.change)):
        push(heap, g.change[number].time_s, CHANGE + KINDS * number)
    push(heap, last_entry_s, LAST_ENTRY)
    if alarm_s > 0:
        push(heap, alarm_s, RAISE_ALARM)
    _await_next(g, heap)


@compiled
def _happen(
    g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, blocks: DrawBlocks, kind: int, number: int
) -> bool:
    """Let one of the rarer events happen; return whether party ``number`` now decides where to go."""
    if kind == ARRIVAL:
        _arrive(g, rows, heap, blocks)
    elif kind == CHECKED:
        return _pass(g, rows, heap, table, blocks, number)
    elif kind == PATIENCE_ENDS:
        if g.party[number].phase == QUEUED:
            _give_up(g, rows, number)
            _serve(g, rows, heap, blocks, g.party[number].gate)
    elif kind == CHANGE:
        _change(g, rows, heap, blocks, number)
    elif kind == LAST_ENTRY:
        g.day[0].admitting = False
        _send_home(g, rows)
    else:
        _alarm(g, rows, heap, table, blocks)
    return False


@compiled
def _go_on(
    g: Grounds,
    rows: RowBuffer,
    heap: EventHeap,
    table: Timetable,
    blocks: DrawBlocks,
    horizon_s: float,
    margin: int,
) -> bool:
    """Run on; return whether the horizon is reached (False: an array is nearly full, or a block used up)."""
    g, rows, heap, table, blocks = borrowed(g), borrowed(rows), borrowed(heap), borrowed(table), borrowed(blocks)
    while blocks.used_up[0] == 0:
        # The next event is the first of the event list or of the timetable.
        row = table.winner[1]
        in_table = heap.size[0] == 0 or (
            table.due_s[row] < heap.time_s[0]
            or (table.due_s[row] == heap.time_s[0] and table.number[row] < heap.number[0])
        )
        now_s = table.due_s[row] if in_table else heap.time_s[0]
        if now_s >= horizon_s:
            return True
        if rows.size[0] + margin > len(rows.time_s) or heap.size[0] + margin > len(heap.time_s):
            return False
        g.day[0].now_s = now_s
        who, decides, gate = NOBODY, True, NOBODY
        if in_table:
            if row < len(g.path):
                who, decides = arrive_by_path(g, rows, heap, table, row), False
            elif row >= 2 * len(g.path):
                who = _visit_ends(g, table, row - 2 * len(g.path))
            else:
                mouth_opens(g, rows, heap, table, row - len(g.path))
        else:
            code = heap.code[0]
            pop(heap)
            number, kind = code // KINDS, code % KINDS
            if _happen(g, rows, heap, table, blocks, kind, number):
                who = number
            if kind == CHECKED:
                gate = g.party[number].gate
        if who != NOBODY:
            _go(g, rows, heap, table, blocks, who, decides)
        if gate != NOBODY:
            _serve(g, rows, heap, blocks, gate)
    return False
