"""Paths compiled: the rules of :class:`simulators.heritage_garden.traffic.PathTraffic`, one function a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulators.heritage_garden.compiled_state import NOBODY, Grounds
from simulators.heritage_garden.events import WAIT, WALK, WALK_BACK
from simulators.heritage_garden.party import UNDER_WAY
from simulators.heritage_garden.ranks import insert, remove_first
from simulators.heritage_garden.timetable import Timetable, put, take_out
from simulators.heritage_garden.walking import counter_flow
from simulators.machine_code import inlined
from simulators.row_buffer import RowBuffer, write

if TYPE_CHECKING:
    from simulators.event_heap import EventHeap

__all__ = ["arrive_by_path", "enter_path", "mouth_opens"]

# Row of the timetable: that of the path for the next arrival, and as many rows further for the opening of its mouth.


@inlined
def _pace(g: Grounds, path: Any) -> float:  # noqa: ANN401 - a record
    present = min(path.forward + path.backward, path.room)
    return float(g.pace[path.pace_from + present] * counter_flow(path.forward, path.backward))


@inlined
def _has_room(path: Any, size: int) -> bool:  # noqa: ANN401 - a record
    present = path.forward + path.backward
    return bool(present == 0 or present + size <= path.room)


@inlined
def _schedule(g: Grounds, heap: EventHeap, table: Timetable, number: int) -> None:
    path = g.path[number]
    if path.walkers > 0:
        path.pace = _pace(g, path)
        left_s = max(0.0, g.walker[path.pace_from].key_s - path.done_s)
        put(table, heap, number, g.day[0].now_s + left_s / path.pace)
    else:
        take_out(table, number)


@inlined
def _step_on(g: Grounds, rows: RowBuffer, number: int, who: int) -> None:
    path, party, now_s = g.path[number], g.party[who], g.day[0].now_s
    if path.walkers > 0:
        path.done_s += (now_s - path.since_s) * path.pace
    else:
        path.done_s = 0.0
    path.since_s = now_s
    forward = party.node == path.start
    party.phase = UNDER_WAY
    if forward:
        path.forward += party.size
        factor = path.factor_forward
    else:
        path.backward += party.size
        factor = path.factor_backward
    key_s = path.done_s + path.length_m / (party.speed_m_s * factor)
    insert(g.walker, path.pace_from, path.walkers, key_s, path.stepped_on, who)
    path.walkers += 1
    path.stepped_on += 1
    path.mouth_free_s = now_s + party.size * path.headway_s
    write(rows, now_s, WALK if forward else WALK_BACK, party.leader, g.day[0].first_path + number)


@inlined
def _let_on(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, number: int) -> bool:
    path, now_s = g.path[number], g.day[0].now_s
    any_did = False
    while path.wait_head != NOBODY and _has_room(path, g.party[path.wait_head].size):
        if path.mouth_free_s > now_s:
            if not path.mouth_timed:
                path.mouth_timed = True
                put(table, heap, len(g.path) + number, now_s + (path.mouth_free_s - now_s))
            break
        who = path.wait_head
        path.wait_head = g.party[who].next
        _step_on(g, rows, number, who)
        any_did = True
    return any_did


@inlined
def enter_path(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, number: int, who: int) -> None:
    """Let a party that stands at one of the ends walk on, or wait."""
    path, party, now_s = g.path[number], g.party[who], g.day[0].now_s
    if path.wait_head == NOBODY and _has_room(path, party.size) and path.mouth_free_s <= now_s:
        _step_on(g, rows, number, who)
        _schedule(g, heap, table, number)
        return
    party.phase = UNDER_WAY
    write(rows, now_s, WAIT, party.leader, g.day[0].first_path + number)
    party.next = NOBODY
    if path.wait_head == NOBODY:
        path.wait_head = who
    else:
        g.party[path.wait_tail].next = who
    path.wait_tail = who
    _let_on(g, rows, heap, table, number)


@inlined
def mouth_opens(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, number: int) -> None:
    """Let those who wait walk on, as the mouth is free again."""
    take_out(table, len(g.path) + number)
    g.path[number].mouth_timed = False
    g.path[number].mouth_free_s = g.day[0].now_s
    if _let_on(g, rows, heap, table, number):
        _schedule(g, heap, table, number)


@inlined
def arrive_by_path(g: Grounds, rows: RowBuffer, heap: EventHeap, table: Timetable, number: int) -> int:
    """Take the first walker off a path; return the party, which now stands at the other end."""
    path = g.path[number]
    who = g.walker[path.pace_from].party
    party = g.party[who]
    path.done_s = g.walker[path.pace_from].key_s
    path.since_s = g.day[0].now_s
    remove_first(g.walker, path.pace_from, path.walkers)
    path.walkers -= 1
    forward = party.node == path.start
    if forward:
        path.forward -= party.size
    else:
        path.backward -= party.size
    _let_on(g, rows, heap, table, number)
    _schedule(g, heap, table, number)
    party.node = path.end if forward else path.start
    return int(who)
