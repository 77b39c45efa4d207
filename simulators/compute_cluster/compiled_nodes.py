"""What happens to nodes and racks: failures, repairs, sleep; see :mod:`.simpy_nodes` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_lifecycle import (
    ASLEEP,
    AWAKENED,
    FAILED,
    NODE_KINDS,
    REPAIRED,
    interrupt,
    rest,
)
from simulators.compute_cluster.compiled_machine import refresh
from simulators.compute_cluster.compiled_occupancy import add_node
from simulators.compute_cluster.compiled_state import (
    BY_NODES,
    DOWN,
    FAULTS,
    FIRST_NODE,
    FIRST_RACK,
    FIRST_TASK,
    IS_ASLEEP,
    IS_USABLE,
    IS_WAKING,
    NOBODY,
    NODE_TIMER,
    NODES_LOST,
    NOW_S,
    PASS_DUE,
    RUNNING,
    TASK_NEXT,
    TASK_NODE,
    UP,
)
from simulators.compute_cluster.events import AWAKE, FAIL, REPAIR, SLEEP
from simulators.draw_blocks import draw
from simulators.event_heap import pop, push
from simulators.machine_code import compiled
from simulators.row_buffer import write

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["node_event"]


@compiled
def _fail(state: State, node: int) -> None:
    state.node[node, FAULTS] += 1
    if state.node[node, FAULTS] > 1:
        return
    write(state.buffer, state.real[NOW_S], FAIL, NOBODY, node)
    state.node[node, IS_ASLEEP] = state.node[node, IS_WAKING] = 0
    state.node[node, NODE_TIMER] = NOBODY
    state.node[node, IS_USABLE] = 0
    state.whole[NODES_LOST] = 1
    refresh(state, 0, node)
    hit = np.empty(state.whole[RUNNING], np.int64)
    count = 0
    for position in range(state.whole[RUNNING]):
        job = state.running[position]
        task = state.job[job, FIRST_TASK]
        while task != NOBODY and state.task[task, TASK_NODE] != node:
            task = state.task[task, TASK_NEXT]
        if task != NOBODY:
            hit[count] = job
            count += 1
    for job in hit[:count]:
        interrupt(state, job)


@compiled
def _repair(state: State, node: int) -> None:
    state.node[node, FAULTS] -= 1
    if state.node[node, FAULTS] == 0:
        write(state.buffer, state.real[NOW_S], REPAIR, NOBODY, node)
        state.node[node, IS_USABLE] = 1
        refresh(state, 0, node)
        if state.whole[BY_NODES]:
            add_node(state, node)
        rest(state, node)


@compiled
def _change_nodes(state: State, number: int, kind: int) -> None:
    """Let a node, or all nodes of a rack, fail or be repaired."""
    now_s, count = state.real[NOW_S], len(state.node)
    first, end = number, number + 1
    if number >= count:
        place = state.whole[FIRST_RACK] + number - count
        write(state.buffer, now_s, FAIL if kind == FAILED else REPAIR, NOBODY, place)
        first, end = state.rack[number - count, FIRST_NODE], state.rack[number - count + 1, FIRST_NODE]
    for node in range(first, end):
        if kind == FAILED:
            _fail(state, node)
        else:
            _repair(state, node)
    state.whole[PASS_DUE] = 1
    if kind == FAILED:
        push(state.node_heap, now_s + draw(state.blocks, state.stream[number, DOWN]), REPAIRED + NODE_KINDS * number)
    else:
        push(state.node_heap, now_s + draw(state.blocks, state.stream[number, UP]), FAILED + NODE_KINDS * number)


@compiled
def node_event(state: State) -> None:
    """Let the next thing happen to a node, or to a rack."""
    event, code = state.node_heap.number[0], state.node_heap.code[0]
    pop(state.node_heap)
    number, kind = code // NODE_KINDS, code % NODE_KINDS
    if kind in (FAILED, REPAIRED):
        _change_nodes(state, number, kind)
    elif event == state.node[number, NODE_TIMER]:  # else the node has got something to do, or failed, since
        state.node[number, NODE_TIMER] = NOBODY
        write(state.buffer, state.real[NOW_S], SLEEP if kind == ASLEEP else AWAKE, NOBODY, number)
        state.node[number, IS_ASLEEP] = kind == ASLEEP
        state.node[number, IS_WAKING] = 0
        state.node[number, IS_USABLE] = kind == AWAKENED
        refresh(state, 0, number)
        if kind == AWAKENED:
            rest(state, number)
            state.whole[PASS_DUE] = 1
