"""Conservative backfilling node by node, in the compiled engine; see :mod:`.promises` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_lifecycle import start_chosen
from simulators.compute_cluster.compiled_machine import place
from simulators.compute_cluster.compiled_occupancy import GAP, begin_anew, book, earliest_s, forget_before
from simulators.compute_cluster.compiled_order import ordered
from simulators.compute_cluster.compiled_state import (
    CHOSEN,
    FREE_PROMISE,
    FREED,
    LINE_END,
    LINE_FIRST,
    MW,
    NOBODY,
    NODES_LOST,
    NOW_S,
    PLAN_S,
    PROMISE_NEXT,
    PROMISE_NODE,
    PROMISED,
    RACK_OF,
    RESERVED_S,
    ROOM,
    RUNNING,
    SHAPE,
    SORTED,
    TASKS,
)
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["keep_promises"]

NOT_YET_S = -1.0


@compiled
def keep_promises(state: State) -> None:
    """Promise starts to new jobs, move promises forward where there is room, and start whose time has come."""
    now_s = state.real[NOW_S]
    if state.whole[NODES_LOST]:
        _begin_anew(state)
    forget_before(state, now_s)
    for queue in range(len(state.queue)):
        jobs = ordered(state, queue)
        if state.whole[FREED]:
            for job in jobs:
                if state.work[job, RESERVED_S] >= 0.0:
                    _withdraw(state, job)
                    _reserve(state, job)
        for job in jobs:
            if state.work[job, RESERVED_S] == NOT_YET_S:
                _reserve(state, job)
        for job in jobs:
            if state.work[job, RESERVED_S] <= now_s and _holds(state, job):
                _start(state, job)
    state.whole[FREED] = 0


@compiled
def _begin_anew(state: State) -> None:
    begin_anew(state, state.whole[RUNNING])
    for queue in range(len(state.queue)):
        for position in range(state.queue[queue, LINE_FIRST], state.queue[queue, LINE_END]):
            _forget(state, state.line[queue, position])


@compiled
def _reserve(state: State, job: int) -> None:
    shape, tasks = state.job[job, SHAPE], state.job[job, TASKS]
    start_s = earliest_s(state, shape, tasks, state.work[job, PLAN_S])
    state.work[job, RESERVED_S] = start_s
    if start_s == np.inf:
        return
    place(state, GAP, shape, tasks)
    last = NOBODY
    for position in range(tasks):
        promise = state.whole[FREE_PROMISE]
        state.whole[FREE_PROMISE] = state.promise[promise, PROMISE_NEXT]
        state.promise[promise, PROMISE_NODE] = state.task[position, CHOSEN]
        if last == NOBODY:
            state.job[job, PROMISED] = promise
        else:
            state.promise[last, PROMISE_NEXT] = promise
        last = promise
    state.promise[last, PROMISE_NEXT] = NOBODY
    book(state, job, -1)


@compiled
def _withdraw(state: State, job: int) -> None:
    if state.work[job, RESERVED_S] < np.inf:
        book(state, job, 1)
    _forget(state, job)


@compiled
def _forget(state: State, job: int) -> None:
    """Put a job's promised nodes back into the pool."""
    promise = state.job[job, PROMISED]
    state.job[job, PROMISED] = NOBODY
    state.work[job, RESERVED_S] = NOT_YET_S
    while promise != NOBODY:
        following = state.promise[promise, PROMISE_NEXT]
        state.promise[promise, PROMISE_NEXT] = state.whole[FREE_PROMISE]
        state.whole[FREE_PROMISE] = promise
        promise = following


@compiled
def _holds(state: State, job: int) -> bool:
    """Return whether a job could start on its promised nodes now: jobs of no length are in no calendar."""
    shape, promise = state.job[job, SHAPE], state.job[job, PROMISED]
    while promise != NOBODY:
        node = state.promise[promise, PROMISE_NODE]
        state.node[node, SORTED] = 0
        state.rack[state.node[node, RACK_OF], ROOM] = 0
        promise = state.promise[promise, PROMISE_NEXT]
    promise = state.job[job, PROMISED]
    while promise != NOBODY:
        node = state.promise[promise, PROMISE_NODE]
        rack = state.node[node, RACK_OF]
        state.node[node, SORTED] += 1
        state.rack[rack, ROOM] += state.task_mw[shape, rack]
        if state.node[node, SORTED] > state.slots[0, shape, node]:
            return False
        if state.task_mw[shape, rack] > 0 and state.rack[rack, ROOM] > state.power[0, rack, MW]:
            return False
        promise = state.promise[promise, PROMISE_NEXT]
    return True


@compiled
def _start(state: State, job: int) -> None:
    promise, position, start_s = state.job[job, PROMISED], 0, state.work[job, RESERVED_S]
    while promise != NOBODY:
        state.task[position, CHOSEN] = state.promise[promise, PROMISE_NODE]
        position += 1
        promise = state.promise[promise, PROMISE_NEXT]
    _forget(state, job)
    state.work[job, RESERVED_S] = start_s  # the calendar keeps its nodes for it until its plan ends
    start_chosen(state, job)
