"""Who starts next, in the compiled engine; see :mod:`.simpy_scheduler` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_calendar import by_calendar
from simulators.compute_cluster.compiled_lifecycle import fits, preempt, start, wake_for
from simulators.compute_cluster.compiled_machine import fed, place, slots_with
from simulators.compute_cluster.compiled_order import ordered
from simulators.compute_cluster.compiled_promises import keep_promises
from simulators.compute_cluster.compiled_queue import first_in_tree, in_lines
from simulators.compute_cluster.compiled_state import (
    BY_NODES,
    CHOSEN,
    CONSERVATIVE,
    EASY,
    FIRST_TASK,
    FREE_THEN,
    LIMITED,
    LINE_END,
    LINE_FIRST,
    MW,
    MW_THEN,
    NOBODY,
    NOW_S,
    PLAN_S,
    PREEMPTION,
    PRIORITY,
    RACK_OF,
    RANK,
    RUNNING,
    SHAPE,
    SHAPE_QUEUE,
    SLOTS,
    SLOTS_THEN,
    START_NUMBER,
    TASK_NEXT,
    TASK_NODE,
    TASKS,
)
from simulators.compute_cluster.waiting_tree import FIRST, JOB, find
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.compiled_state import State

__all__ = ["pass_over"]

RESOURCES = 4
LARGE = 1 << 60
UNKNOWN = -2


@compiled
def pass_over(state: State) -> None:
    """Start what can start, queue by queue."""
    if state.whole[BY_NODES]:
        keep_promises(state)
        return
    for queue in range(len(state.queue)):
        if not in_lines(state):
            _tree_in_order(state, queue)
        elif state.queue[queue, LINE_FIRST] == state.queue[queue, LINE_END]:
            continue
        elif state.whole[CONSERVATIVE]:
            by_calendar(state, queue)
        else:
            _line_in_order(state, queue)


@compiled
def _begins(state: State, job: int) -> bool:
    """Start a job that fits, or for which room can be made; return whether it has started."""
    if fits(state, job) or (state.whole[PREEMPTION] and _make_room(state, job)):
        start(state, job)
        return True
    return False


@compiled
def _line_in_order(state: State, queue: int) -> None:
    jobs = ordered(state, queue)
    for position in range(len(jobs)):
        head = jobs[position]
        if _begins(state, head):
            continue
        wake_for(state, head)
        if state.whole[EASY]:
            shadow_s, extra = _shadow(state, head)
            for behind in range(position + 1, len(jobs)):
                extra = _backfill(state, jobs[behind], head, shadow_s, extra)
        return


@compiled
def _tree_in_order(state: State, queue: int) -> None:
    head = first_in_tree(state, queue)
    while head != NOBODY and fits(state, head):
        start(state, head)
        head = first_in_tree(state, queue)
    if head == NOBODY:
        return
    wake_for(state, head)
    if state.whole[EASY]:
        _tree_backfill(state, queue, head)


@compiled
def _tree_backfill(state: State, queue: int, head: int) -> None:
    """Start jobs from behind that do not put off the head's start; look only at those that might."""
    now_s = state.real[NOW_S]
    shadow_s, extra = _shadow(state, head)
    shapes = len(state.shape)
    begin = state.tree.shape[:, FIRST].copy()
    candidate = np.full(shapes, UNKNOWN)
    while True:
        best = NOBODY
        for shape in range(shapes):
            if state.shape[shape, SHAPE_QUEUE] != queue:
                continue
            if candidate[shape] == UNKNOWN:
                spare = extra if shape == state.job[head, SHAPE] else LARGE
                candidate[shape] = find(state.tree, shape, begin[shape], state.total[0, shape], spare, now_s, shadow_s)
            if candidate[shape] != NOBODY:
                job = state.tree.place[candidate[shape], JOB]
                if best == NOBODY or state.job[job, RANK] < state.job[best, RANK]:
                    best = job
        if best == NOBODY:
            return
        shape = state.job[best, SHAPE]
        begin[shape] = candidate[shape] + 1
        candidate[shape] = UNKNOWN
        extra = _backfill(state, best, head, shadow_s, extra)


@compiled
def _backfill(state: State, job: int, head: int, shadow_s: float, extra: int) -> int:
    """Start a job if that does not put off the head's start; return the room to spare afterwards."""
    if not fits(state, job):
        return extra
    if state.real[NOW_S] + state.work[job, PLAN_S] <= shadow_s:
        start(state, job)
        return extra
    shape, tasks = state.job[job, SHAPE], state.job[job, TASKS]
    head_shape = state.job[head, SHAPE]
    if shape == head_shape and tasks > extra:
        return extra
    if _alike(state):
        start(state, job)
        return int(extra - tasks)
    place(state, 0, shape, tasks)
    loss = 0
    for position in range(tasks):
        loss += _added(state, head_shape, shape, state.task[position, CHOSEN], -1)
    if -loss <= extra:
        start(state, job)
        return extra + loss
    for position in range(tasks):
        _added(state, head_shape, shape, state.task[position, CHOSEN], 1)
    return extra


@inlined
def _alike(state: State) -> bool:
    """Return whether jobs take one another's places, task by task."""
    return bool(len(state.shape) == 1 and not state.whole[LIMITED])


@compiled
def _think(state: State, head_shape: int) -> None:
    """Begin to think of what will be free: at first what is free now."""
    state.node[:, FREE_THEN:] = state.free[0]
    for rack in range(len(state.rack) - 1):
        state.rack[rack, SLOTS_THEN] = state.power[0, rack, SLOTS + head_shape]
        state.rack[rack, MW_THEN] = state.power[0, rack, MW]


@compiled
def _added(state: State, head_shape: int, shape: int, node: int, sign: int) -> int:
    """Give a task's resources to ``free_then``, or take them; return the tasks that the head's shape gains."""
    number = state.node[node, RACK_OF]
    rack = state.rack[number]
    before = fed(state, head_shape, number, rack[SLOTS_THEN], rack[MW_THEN])
    rack[SLOTS_THEN] -= slots_with(state, head_shape, node, state.node[node, FREE_THEN:])
    for resource in range(RESOURCES):
        state.node[node, FREE_THEN + resource] += sign * state.shape[shape, resource]
    rack[SLOTS_THEN] += slots_with(state, head_shape, node, state.node[node, FREE_THEN:])
    rack[MW_THEN] += sign * state.task_mw[shape, number]
    return int(fed(state, head_shape, number, rack[SLOTS_THEN], rack[MW_THEN]) - before)


@inlined
def _gain(state: State, head_shape: int, job: int, sign: int) -> int:
    """Give a running job's resources to ``free_then``, or take them; return the tasks that the head's shape gains."""
    shape = state.job[job, SHAPE]
    gain = 0
    task = state.job[job, FIRST_TASK]
    while task != NOBODY:
        gain += _added(state, head_shape, shape, state.task[task, TASK_NODE], sign)
        task = state.task[task, TASK_NEXT]
    return gain


@compiled
def _shadow(state: State, head: int) -> tuple[float, int]:
    """Return when the head can start, and the room to spare then; ``free_then`` is what is free then."""
    now_s, shape, tasks = state.real[NOW_S], state.job[head, SHAPE], state.job[head, TASKS]
    alike = _alike(state)
    if not alike:
        _think(state, shape)
    room = state.total[0, shape]
    shadow_s = np.inf
    for position in range(state.whole[RUNNING]):
        job = state.running[position]
        end_s = max(state.running_s[position], now_s)
        if room >= tasks and end_s > shadow_s:
            break
        room += state.job[job, TASKS] if alike else _gain(state, shape, job, 1)
        if room >= tasks:
            shadow_s = end_s
    return shadow_s, room - tasks


@compiled
def _make_room(state: State, head: int) -> bool:
    """Preempt the least important, latest started jobs until the head fits; none in vain."""
    shape, tasks, priority = state.job[head, SHAPE], state.job[head, TASKS], state.job[head, PRIORITY]
    lower = _lower(state, priority)
    if len(lower) == 0:
        return False
    _think(state, shape)
    room = state.total[0, shape]
    count = 0
    while room < tasks:
        if count == len(lower):
            return False
        room += _gain(state, shape, lower[count], 1)
        count += 1
    needed = np.ones(count, np.bool_)
    for position in range(count - 1, -1, -1):
        loss = -_gain(state, shape, lower[position], -1)
        if room - loss >= tasks:
            room -= loss
            needed[position] = False
        else:
            _gain(state, shape, lower[position], 1)
    for position in range(count):
        if needed[position]:
            preempt(state, lower[position])
    return True


@compiled
def _lower(state: State, priority: int) -> NDArray[np.int64]:
    """Return the running jobs of lower priority: the least important first, then the latest started."""
    count = 0
    for position in range(state.whole[RUNNING]):
        if state.job[state.running[position], PRIORITY] < priority:
            count += 1
    found = np.empty(count, np.int64)
    key = np.empty(count, np.int64)
    count = 0
    for position in range(state.whole[RUNNING]):
        job = state.running[position]
        if state.job[job, PRIORITY] < priority:
            found[count] = job
            key[count] = (state.job[job, PRIORITY] << 48) - state.job[job, START_NUMBER]
            count += 1
    return found[np.argsort(key)]
