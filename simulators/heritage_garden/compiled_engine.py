"""A garden's day compiled: the rules of :mod:`simulators.heritage_garden.simpy_engine`, event by event, in Numba.

Both engines meet the same streams and schedule their events in the same order, so their journals are equal bit for
bit. Here the state lies in flat arrays. The compiled loop stops whenever an array is nearly full or a block of random
numbers is used up; Python then makes room or draws the next block from NumPy's generator, and the loop goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.borrowing import borrowed
from simulators.distributions import UNIT
from simulators.draw_blocks import DrawBlocks, draw, new_blocks, refill
from simulators.event_heap import EventHeap, grown, new_heap, pop, push
from simulators.heritage_garden.compiled_choice import decide
from simulators.heritage_garden.compiled_codes import (
    ARRIVAL,
    CHANGE,
    CHECKED,
    KINDS,
    LAST_ENTRY,
    PATIENCE_ENDS,
    RAISE_ALARM,
)
from simulators.heritage_garden.compiled_gates import arrive, await_next, give_up, send_home, serve, serve_all
from simulators.heritage_garden.compiled_paths import enter_path, path_event
from simulators.heritage_garden.compiled_scenes import crowd, next_to_leave, visit_ends
from simulators.heritage_garden.compiled_state import NOBODY, Grounds, at, grounds_of
from simulators.heritage_garden.events import (
    ALARM,
    CLOSE,
    DRY,
    ENTER,
    EXIT,
    FULL,
    MEET,
    OPEN,
    RAIN,
    VISIT,
)
from simulators.heritage_garden.party import DWELLING, GONE, MEETING, QUEUED, UNDER_WAY
from simulators.heritage_garden.ranks import insert
from simulators.machine_code import compiled, inlined
from simulators.recorder import PIECE_ROWS
from simulators.row_buffer import RowBuffer, write
from simulators.winner_tree import WinnerTree, first, new_tree

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulators.heritage_garden.scenario import HeritageGarden
    from simulators.policy import Policy
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["run"]

SMALLEST_BLOCK = 2048  # random numbers drawn at a time from each stream


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
    rows = recorder.room(PIECE_ROWS + margin)
    heap = new_heap(2 * margin + len(grounds.change))
    tree = new_tree(len(grounds.path) + len(grounds.scene))
    _begin(grounds, heap, scenario.last_entry_s, scenario.alarm_s or 0.0)
    done = False
    while not done:
        done = _go_on(grounds, rows, heap, tree, blocks, scenario.horizon_s, margin)
        refill(blocks, draws)
        if done or rows.size[0] + margin > len(rows.time_s):
            recorder.written(int(rows.size[0]))
            rows = recorder.room(PIECE_ROWS + margin)
        if heap.size[0] + margin > len(heap.time_s):
            heap = grown(heap)


# ---- compiled from here on: one function for each method of the SimPy engine, with the same name


@inlined
def _move(
    g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, blocks: DrawBlocks, who: int, decides: bool
) -> bool:
    """Decide, if asked to, and go on; return whether the party goes out here."""
    day, party = g.day[0], g.party[at(who)]
    node, path = party.node, NOBODY
    while path == NOBODY:
        if decides:
            decide(g, blocks, who)
        decides = True
        if party.leaving:
            if g.is_exit[at(node)]:
                return True
            path = (
                g.escape[at(party.wheels), at(node)]
                if day.alarmed
                else g.out[at(day.regime), at(party.wheels), at(node)]
            )
            continue
        destination = party.destination
        if not g.open[at(day.regime), at(destination)]:
            continue
        if node != destination:
            path = g.onward[at(day.regime), at(party.wheels), at(node), at(destination)]
            continue
        number = destination - len(g.gate)
        scene = g.scene[at(number)]
        if scene.visitors > 0 and scene.visitors + party.size > scene.room:
            party.phase = UNDER_WAY
            write(rows, day.now_s, FULL, party.leader, destination)
            continue
        crowd(g, number, party.size)
        party.seen |= 1 << number
        party.phase = DWELLING
        write(rows, day.now_s, VISIT, party.leader, destination)
        due_s = day.now_s + draw(blocks, destination)
        order = heap.size[1]
        heap.size[1] = order + 1
        insert(g.guest, scene.odds_from, scene.parties, due_s, order, who, party.size)
        scene.parties += 1
        if g.guest[at(scene.odds_from)].order == order:
            next_to_leave(g, tree, number)
        return False
    enter_path(g, rows, heap, tree, path, who)
    return False


@inlined
def _go_out(g: Grounds, rows: RowBuffer, who: int) -> None:
    day, party = g.day[0], g.party[at(who)]
    write(rows, day.now_s, EXIT, party.leader, party.node)
    party.phase = GONE
    day.inside -= party.size
    if day.guides_limited and g.segment[at(party.segment)].guided:
        day.guides += 1


@compiled
def _dispatch(g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, blocks: DrawBlocks) -> None:
    day = g.day[0]
    while day.meeting_head != NOBODY and day.guides > 0:
        day.guides -= 1
        who = day.meeting_head
        day.meeting_head = g.party[who].next
        if _move(g, rows, heap, tree, blocks, who, True):
            _go_out(g, rows, who)
            serve_all(g, rows, heap, blocks)


@inlined
def _go(
    g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, blocks: DrawBlocks, who: int, decides: bool
) -> None:
    """Let a party go on, and out where it leaves."""
    if _move(g, rows, heap, tree, blocks, who, decides):
        _go_out(g, rows, who)
        if g.day[0].meeting_head != NOBODY:
            _dispatch(g, rows, heap, tree, blocks)
        serve_all(g, rows, heap, blocks)


@compiled
def _pass(g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, blocks: DrawBlocks, who: int) -> bool:
    """Let a party in; return whether it now decides where to go."""
    day, party, gate = g.day[0], g.party[who], g.ticket[who].gate
    g.gate[gate].busy -= 1
    if day.alarmed:
        day.inside -= party.size
        give_up(g, rows, who)
        return False
    write(rows, day.now_s, ENTER, party.leader, gate)
    party.entered_s = day.now_s
    party.node = gate
    if not (day.guides_limited and g.segment[party.segment].guided):
        return True
    party.phase = MEETING
    party.next = NOBODY
    if day.meeting_head == NOBODY:
        day.meeting_head = who
    else:
        g.party[day.meeting_tail].next = who
    day.meeting_tail = who
    _dispatch(g, rows, heap, tree, blocks)
    if party.phase == MEETING:
        write(rows, day.now_s, MEET, party.leader, gate)
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
    serve_all(g, rows, heap, blocks)


@compiled
def _alarm(g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, blocks: DrawBlocks) -> None:
    day = g.day[0]
    day.alarmed, day.admitting = True, False
    write(rows, day.now_s, ALARM, NOBODY, NOBODY)
    send_home(g, rows)
    day.meeting_head = NOBODY
    for number in range(len(g.scene)):
        g.scene[number].parties = 0
        next_to_leave(g, tree, number)
    for who in range(day.arrived):
        party = g.party[who]
        if party.phase == DWELLING:
            crowd(g, party.node - len(g.gate), -party.size)
        elif party.phase != MEETING:
            party.leaving = True
            continue
        _go(g, rows, heap, tree, blocks, who, True)


@compiled
def _begin(g: Grounds, heap: EventHeap, last_entry_s: float, alarm_s: float) -> None:
    for number in range(len(g.change)):
        push(heap, g.change[number].time_s, CHANGE + KINDS * number)
    push(heap, last_entry_s, LAST_ENTRY)
    if alarm_s > 0:
        push(heap, alarm_s, RAISE_ALARM)
    await_next(g, heap)


@compiled
def _happen(
    g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, blocks: DrawBlocks, kind: int, number: int
) -> bool:
    """Let one of the rarer events happen; return whether party ``number`` now decides where to go."""
    if kind == ARRIVAL:
        arrive(g, rows, heap, blocks)
    elif kind == CHECKED:
        return _pass(g, rows, heap, tree, blocks, number)
    elif kind == PATIENCE_ENDS:
        if g.party[number].phase == QUEUED:
            give_up(g, rows, number)
            serve(g, rows, heap, blocks, g.ticket[number].gate)
    elif kind == CHANGE:
        _change(g, rows, heap, blocks, number)
    elif kind == LAST_ENTRY:
        g.day[0].admitting = False
        send_home(g, rows)
    else:
        _alarm(g, rows, heap, tree, blocks)
    return False


@compiled
def _go_on(
    g: Grounds,
    rows: RowBuffer,
    heap: EventHeap,
    tree: WinnerTree,
    blocks: DrawBlocks,
    horizon_s: float,
    margin: int,
) -> bool:
    """Run on; return whether the horizon is reached (False: an array is nearly full, or a block used up)."""
    g, rows, heap, tree, blocks = borrowed(g), borrowed(rows), borrowed(heap), borrowed(tree), borrowed(blocks)
    while blocks.used_up[0] == 0:
        # The next event is the first of the event list or of the tree.
        leaf = first(tree)
        in_tree = heap.size[0] == 0 or (
            tree.time_s[leaf] < heap.time_s[0]
            or (tree.time_s[leaf] == heap.time_s[0] and tree.number[leaf] < heap.number[0])
        )
        now_s = tree.time_s[leaf] if in_tree else heap.time_s[0]
        if now_s >= horizon_s:
            return True
        if rows.size[0] + margin > len(rows.time_s) or heap.size[0] + margin > len(heap.time_s):
            return False
        g.day[0].now_s = now_s
        who, decides, gate = NOBODY, True, NOBODY
        if in_tree:
            row = int(leaf)
            if row < len(g.path):
                who, decides = path_event(g, rows, heap, tree, row), False
            else:
                who = visit_ends(g, tree, row - len(g.path))
        else:
            code = heap.code[0]
            pop(heap)
            number, kind = code // KINDS, code % KINDS
            if _happen(g, rows, heap, tree, blocks, kind, number):
                who = number
            if kind == CHECKED:
                gate = g.ticket[number].gate
        if who != NOBODY:
            _go(g, rows, heap, tree, blocks, who, decides)
        if gate != NOBODY:
            serve(g, rows, heap, blocks, gate)
    return False
