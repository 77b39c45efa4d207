"""Nodes in the compiled engine: what is free where, and where a job's tasks go; see :mod:`.machine` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.compiled_state import (
    CHOSEN,
    FIRST_NODE,
    FIRST_TASK,
    FREE_TASK,
    IS_USABLE,
    MW,
    NOBODY,
    RACK_OF,
    ROOM,
    ROOM_LEFT,
    SAME_RACK,
    SHAPE,
    SINGLE,
    SLOTS,
    SORTED,
    SPREADING,
    TASK_NEXT,
    TASK_NODE,
    TASKS,
)
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from simulators.compute_cluster.compiled_state import State

__all__ = ["fed", "fit", "forget", "give", "is_empty", "place", "refresh", "slots_with", "take"]

RESOURCES = 4
LARGE = 1 << 60


@inlined
def fit(demand: NDArray[np.int64], shape: int, there: NDArray[np.int64]) -> int:
    """Return how many tasks of a shape fit into what is there."""
    most = LARGE
    for resource in range(RESOURCES):
        asked = demand[shape, resource]
        if asked == 1:
            most = min(most, there[resource])
        elif asked > 0:
            most = min(most, there[resource] // asked)
    return most


@inlined
def slots_with(state: State, shape: int, node: int, there: NDArray[np.int64]) -> int:
    """Return how many tasks of a shape a node takes with so much free."""
    if state.node[node, IS_USABLE] == 0 or state.empty[shape, node] == 0:
        return 0
    return fit(state.shape, shape, there)


@inlined
def is_empty(state: State, node: int) -> bool:
    """Return whether no task runs on a node."""
    left = 0
    for resource in range(RESOURCES):
        left += state.node[node, resource] - state.free[0, node, resource]
    return left == 0


@inlined
def refresh(state: State, row: int, node: int) -> None:
    """Count again what fits on a node that has changed."""
    rack, shapes = state.node[node, RACK_OF], state.total.shape[1]
    power = state.power[row, rack]
    for shape in range(shapes):
        slots = slots_with(state, shape, node, state.free[row, node])
        power[SLOTS + shape] += slots - state.slots[row, shape, node]
        state.slots[row, shape, node] = slots
        room = fed(state, shape, rack, power[SLOTS + shape], power[MW])
        state.total[row, shape] += room - power[SLOTS + shapes + shape]
        power[SLOTS + shapes + shape] = room


@inlined
def fed(state: State, shape: int, rack: int, slots: int, spare_mw: int) -> int:
    """Return for how many tasks of a shape a rack has nodes and power."""
    task_mw = state.task_mw[shape, rack]
    return min(slots, spare_mw // task_mw) if task_mw > 0 else slots


@compiled
def take(state: State, row: int, job: int) -> None:
    """Let a job take the nodes in ``chosen``, one for each of its tasks."""
    shape = state.job[job, SHAPE]
    last = NOBODY
    for position in range(state.job[job, TASKS]):
        node = state.task[position, CHOSEN]
        for resource in range(RESOURCES):
            state.free[row, node, resource] -= state.shape[shape, resource]
        state.power[row, state.node[node, RACK_OF], MW] -= state.task_mw[shape, state.node[node, RACK_OF]]
        refresh(state, row, node)
        task = state.whole[FREE_TASK]
        state.whole[FREE_TASK] = state.task[task, TASK_NEXT]
        state.task[task, TASK_NODE] = node
        if last == NOBODY:
            state.job[job, FIRST_TASK] = task
        else:
            state.task[last, TASK_NEXT] = task
        last = task
    state.task[last, TASK_NEXT] = NOBODY


@compiled
def give(state: State, row: int, job: int) -> None:
    """Give a job's nodes back; its list of tasks stays to be read until `forget`."""
    shape = state.job[job, SHAPE]
    task = state.job[job, FIRST_TASK]
    while task != NOBODY:
        node = state.task[task, TASK_NODE]
        for resource in range(RESOURCES):
            state.free[row, node, resource] += state.shape[shape, resource]
        state.power[row, state.node[node, RACK_OF], MW] += state.task_mw[shape, state.node[node, RACK_OF]]
        refresh(state, row, node)
        task = state.task[task, TASK_NEXT]


@compiled
def forget(state: State, job: int) -> None:
    """Put a job's tasks back into the pool."""
    task = state.job[job, FIRST_TASK]
    state.job[job, FIRST_TASK] = NOBODY
    while task != NOBODY:
        following = state.task[task, TASK_NEXT]
        state.task[task, TASK_NEXT] = state.whole[FREE_TASK]
        state.whole[FREE_TASK] = task
        task = following


@compiled
def place(state: State, row: int, shape: int, tasks: int) -> None:
    """Write a node for each task of a job that fits into ``chosen``."""
    racks = len(state.rack) - 1
    for rack in range(racks):
        state.rack[rack, ROOM_LEFT] = state.power[row, rack, SLOTS + state.total.shape[1] + shape]
    if not state.whole[SAME_RACK]:
        _spread(state, row, shape, tasks, 0, len(state.node), 0)
        return
    best = NOBODY
    for rack in range(racks):
        room = state.rack[rack, ROOM_LEFT]
        state.rack[rack, ROOM] = room
        if room >= tasks and (best == NOBODY or room < state.rack[best, ROOM]):
            best = rack
    if best != NOBODY:
        _spread(state, row, shape, tasks, state.rack[best, FIRST_NODE], state.rack[best + 1, FIRST_NODE], 0)
        return
    done = 0
    while done < tasks:
        best = 0
        for rack in range(racks):
            if state.rack[rack, ROOM] > state.rack[best, ROOM]:
                best = rack
        count = min(state.rack[best, ROOM], tasks - done)
        _spread(state, row, shape, count, state.rack[best, FIRST_NODE], state.rack[best + 1, FIRST_NODE], done)
        state.rack[best, ROOM] = 0
        done += count


@compiled
def _spread(state: State, row: int, shape: int, tasks: int, begin: int, end: int, done: int) -> None:
    """Choose among the nodes from ``begin`` to ``end``."""
    slots = state.slots[row, shape]
    most = 1
    if state.whole[SINGLE] == 0:
        most = 0
        for node in range(begin, end):
            if slots[node] > most:
                most = slots[node]
                if most > 1:
                    break
    if most == 1:  # every node takes one task or none: both placements go by number
        left = tasks
        for node in range(begin, end):
            if left == 0:
                return
            if slots[node] == 1 and _feeds(state, node):
                state.task[done, CHOSEN] = node
                done += 1
                left -= 1
        return
    able = _sort_by_slots(state, row, shape, begin, end)
    last = done + tasks
    if state.whole[SPREADING]:
        turn = 0
        while done < last:
            turn += 1
            for position in range(able):
                node = state.node[position, SORTED]
                if slots[node] >= turn and _feeds(state, node):
                    state.task[done, CHOSEN] = node
                    done += 1
                    if done == last:
                        return
        return
    for position in range(able):
        node = state.node[position, SORTED]
        for _ in range(slots[node]):
            if done == last:
                return
            if _feeds(state, node):
                state.task[done, CHOSEN] = node
                done += 1


@inlined
def _feeds(state: State, node: int) -> bool:
    """Return whether a node's rack has power for one more of the tasks that are being placed, and take it."""
    rack = state.node[node, RACK_OF]
    if state.rack[rack, ROOM_LEFT] == 0:
        return False
    state.rack[rack, ROOM_LEFT] -= 1
    return True


@compiled
def _sort_by_slots(state: State, row: int, shape: int, begin: int, end: int) -> int:
    """Write the nodes that take a task into ``sorted_nodes``: fewest slots first, or most where load is spread."""
    slots, histogram = state.slots[row, shape], state.histogram
    histogram[:] = 0
    able = 0
    for node in range(begin, end):
        if slots[node] > 0:
            histogram[slots[node]] += 1
            able += 1
    before = 0
    if state.whole[SPREADING]:
        for size in range(len(histogram) - 1, 0, -1):
            count = histogram[size]
            histogram[size] = before
            before += count
    else:
        for size in range(1, len(histogram)):
            count = histogram[size]
            histogram[size] = before
            before += count
    for node in range(begin, end):
        if slots[node] > 0:
            state.node[histogram[slots[node]], SORTED] = node
            histogram[slots[node]] += 1
    return able
