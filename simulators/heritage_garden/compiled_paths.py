"""Paths compiled: the rules of :class:`simulators.heritage_garden.traffic.PathTraffic`, one function a method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulators.heritage_garden.compiled_state import NOBODY, Grounds, at
from simulators.heritage_garden.events import WAIT, WALK, WALK_BACK
from simulators.heritage_garden.party import UNDER_WAY
from simulators.heritage_garden.walkers import join, leave
from simulators.heritage_garden.walking import counter_flow
from simulators.machine_code import inlined
from simulators.row_buffer import RowBuffer, write
from simulators.winner_tree import replay

if TYPE_CHECKING:
    from simulators.event_heap import EventHeap
    from simulators.winner_tree import WinnerTree

__all__ = ["enter_path", "path_event"]

# A path has one leaf in the tree, for its next arrival or the opening of its mouth, whichever comes first.


@inlined
def _pace(g: Grounds, path: Any) -> float:  # noqa: ANN401 - a record
    present = min(path.forward + path.backward, path.room)
    return float(g.pace[at(path.pace_from + present)] * counter_flow(path.forward, path.backward))


@inlined
def _has_room(path: Any, size: int) -> bool:  # noqa: ANN401 - a record
    present = path.forward + path.backward
    return bool(present == 0 or present + size <= path.room)


@inlined
def _number(heap: EventHeap) -> int:
    """Return the number of an event that is being scheduled."""
    number = heap.size[1]
    heap.size[1] = number + 1
    return int(number)


@inlined
def _schedule(g: Grounds, heap: EventHeap, path: Any) -> None:  # noqa: ANN401 - a record
    if path.last > path.first:
        path.pace = _pace(g, path)
        left_s = max(0.0, g.walker[at(path.walkers_from + path.first)].key_s - path.done_s)
        path.arrival_s = g.day[0].now_s + left_s / path.pace
        path.arrival_number = _number(heap)
    else:
        path.arrival_s = np.inf


@inlined
def _mouth_is_first(path: Any) -> bool:  # noqa: ANN401 - a record
    return bool(
        (path.mouth_opens_s < path.arrival_s)
        | ((path.mouth_opens_s == path.arrival_s) & (path.mouth_number < path.arrival_number))
    )


@inlined
def _announce(g: Grounds, tree: WinnerTree, number: int) -> None:
    """Let the tree tell what happens next on a path."""
    path, leaf = g.path[at(number)], np.uint32(number)
    mouth = _mouth_is_first(path)
    tree.time_s[leaf] = path.mouth_opens_s if mouth else path.arrival_s
    tree.number[leaf] = path.mouth_number if mouth else path.arrival_number
    replay(tree, leaf)


@inlined
def _step_on(g: Grounds, rows: RowBuffer, number: int, who: int) -> None:
    path, party, now_s = g.path[at(number)], g.party[at(who)], g.day[0].now_s
    if path.last > path.first:
        path.done_s += (now_s - path.since_s) * path.pace
    else:
        path.done_s = 0.0
    path.since_s = now_s
    forward = party.node == path.start
    party.phase = UNDER_WAY
    if forward:
        path.forward += party.size
        level_m = path.forward_m
    else:
        path.backward += party.size
        level_m = path.backward_m
    key_s = path.done_s + level_m * party.slowness_s_m
    join(g.walker, path, key_s, who, party.size, forward)
    path.mouth_free_s = now_s + party.size * path.headway_s
    write(rows, now_s, WALK if forward else WALK_BACK, party.leader, g.day[0].first_path + number)


@inlined
def _let_on(g: Grounds, rows: RowBuffer, heap: EventHeap, number: int) -> bool:
    path, now_s = g.path[at(number)], g.day[0].now_s
    any_did = False
    while path.wait_head != NOBODY and _has_room(path, g.party[at(path.wait_head)].size):
        if path.mouth_free_s > now_s:
            if path.mouth_opens_s == np.inf:
                path.mouth_opens_s = now_s + (path.mouth_free_s - now_s)
                path.mouth_number = _number(heap)
            break
        who = path.wait_head
        path.wait_head = g.party[at(who)].next
        _step_on(g, rows, number, who)
        any_did = True
    return any_did


@inlined
def enter_path(g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, number: int, who: int) -> None:
    """Let a party that stands at one of the ends walk on, or wait."""
    path, party, now_s = g.path[at(number)], g.party[at(who)], g.day[0].now_s
    if path.wait_head == NOBODY and _has_room(path, party.size) and path.mouth_free_s <= now_s:
        _step_on(g, rows, number, who)
        _schedule(g, heap, path)
        _announce(g, tree, number)
        return
    party.phase = UNDER_WAY
    write(rows, now_s, WAIT, party.leader, g.day[0].first_path + number)
    party.next = NOBODY
    if path.wait_head == NOBODY:
        path.wait_head = who
    else:
        g.party[at(path.wait_tail)].next = who
    path.wait_tail = who
    timed_s = path.mouth_opens_s
    _let_on(g, rows, heap, number)
    if path.mouth_opens_s != timed_s:
        _announce(g, tree, number)


@inlined
def path_event(g: Grounds, rows: RowBuffer, heap: EventHeap, tree: WinnerTree, number: int) -> int:
    """Let happen what comes next on a path; return the party that now stands at its other end, NOBODY if none does."""
    path = g.path[at(number)]
    who = NOBODY
    if _mouth_is_first(path):
        path.mouth_opens_s = np.inf
        path.mouth_free_s = g.day[0].now_s
        if _let_on(g, rows, heap, number):
            _schedule(g, heap, path)
    else:
        who = _arrive(g, rows, heap, number)
    _announce(g, tree, number)
    return int(who)


@inlined
def _arrive(g: Grounds, rows: RowBuffer, heap: EventHeap, number: int) -> int:
    path = g.path[at(number)]
    first = g.walker[at(path.walkers_from + path.first)]
    who, size, forward = first.party, first.size, first.forward
    path.done_s = first.key_s
    path.since_s = g.day[0].now_s
    leave(path)
    if forward:
        path.forward -= size
    else:
        path.backward -= size
    _let_on(g, rows, heap, number)
    _schedule(g, heap, path)
    g.party[at(who)].node = path.end if forward else path.start
    return int(who)
