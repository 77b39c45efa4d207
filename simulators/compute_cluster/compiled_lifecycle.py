"""Jobs start and leave, nodes fall asleep and wake, in the compiled engine; a function for each method of SimPy's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_machine import forget, give, is_empty, place, take
from simulators.compute_cluster.compiled_occupancy import leave_early
from simulators.compute_cluster.compiled_order import settle
from simulators.compute_cluster.compiled_queue import add, drop
from simulators.compute_cluster.compiled_state import (
    BY_NODES,
    CHOSEN,
    CONSERVATIVE,
    CORES,
    COST_S,
    CROSS_RACK,
    ENDED_EARLY,
    ESTIMATE_LEFT_S,
    EXPECTED_END_S,
    FIRST_TASK,
    INTERRUPTIONS,
    INTERVAL_S,
    IS_ASLEEP,
    IS_USABLE,
    IS_WAKING,
    KILLS,
    KIND,
    NOBODY,
    NODE_TIMER,
    NOW_S,
    NUMBER,
    PASS_DUE,
    PLAN_S,
    PREDECESSORS,
    QUEUE,
    RACK_OF,
    RATE,
    RESERVED_S,
    RESTART_LEFT_S,
    RESTART_S,
    RUNNING,
    SHAPE,
    SLEEP_AFTER_S,
    SLEEPS,
    SLOWDOWN,
    START_NUMBER,
    STARTED_S,
    STARTS,
    TASK_NEXT,
    TASK_NODE,
    TASKS,
    TIMER,
    USER,
    WAKE_S,
    WORK_LEFT_S,
    WORST,
)
from simulators.compute_cluster.compiled_steps import change
from simulators.compute_cluster.events import ELIGIBLE, END, INTERRUPT, KILL, PREEMPT, START, TASK, WAKE
from simulators.compute_cluster.progress import duration_s, work_done_s, work_saved_s
from simulators.event_heap import push
from simulators.machine_code import compiled, inlined
from simulators.row_buffer import write

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["ASLEEP", "AWAKENED", "FAILED", "NODE_KINDS", "REPAIRED", "enqueue", "fits", "interrupt", "leave", "preempt",
           "rest", "slowdown_of", "start", "start_chosen", "wake_for"]  # fmt: skip

# What a code in the list of nodes' events means: kind + NODE_KINDS * number of the node or rack.
FAILED, REPAIRED, ASLEEP, AWAKENED = 0, 1, 2, 3
NODE_KINDS = 4


@inlined
def fits(state: State, job: int) -> bool:
    """Return whether a job could start now."""
    return bool(state.job[job, TASKS] <= state.total[0, state.job[job, SHAPE]])


@compiled
def enqueue(state: State, job: int) -> None:
    """Let a job wait for its start."""
    if state.job[job, PREDECESSORS] > 0 and state.job[job, INTERRUPTIONS] == 0:
        write(state.buffer, state.real[NOW_S], ELIGIBLE, state.job[job, NUMBER], NOBODY)
    pessimistic = state.real[WORST] if state.job[job, TASKS] > 1 else 1.0
    state.work[job, PLAN_S] = _duration_s(state, job, ESTIMATE_LEFT_S, pessimistic)
    add(state, job)
    state.whole[PASS_DUE] = 1


@inlined
def _duration_s(state: State, job: int, column: int, slowdown: float) -> float:
    work = state.work[job]
    return duration_s(work[column], slowdown, work[INTERVAL_S], work[COST_S], work[RESTART_LEFT_S])


@compiled
def start(state: State, job: int) -> None:
    """Start a job that fits."""
    place(state, 0, state.job[job, SHAPE], state.job[job, TASKS])
    start_chosen(state, job)


@compiled
def start_chosen(state: State, job: int) -> None:
    """Start a job on the ``chosen`` nodes."""
    now_s = state.real[NOW_S]
    tasks = state.job[job, TASKS]
    take(state, 0, job)
    write(state.buffer, now_s, START, state.job[job, NUMBER], NOBODY)
    for position in range(tasks):
        node = state.task[position, CHOSEN]
        write(state.buffer, now_s, TASK, state.job[job, NUMBER], node)
        if state.whole[SLEEPS]:
            state.node[node, NODE_TIMER] = NOBODY
    slowdown = slowdown_of(state, tasks)
    state.work[job, STARTED_S] = now_s
    state.work[job, SLOWDOWN] = slowdown
    drop(state, job)
    user = state.job[job, USER]
    settle(state, user)
    state.user[user, RATE] += state.job[job, CORES]
    plan_s = _duration_s(state, job, ESTIMATE_LEFT_S, slowdown)
    state.work[job, EXPECTED_END_S] = now_s + plan_s
    state.job[job, START_NUMBER] = state.whole[STARTS]
    state.whole[STARTS] += 1
    _runs(state, job)
    if state.whole[KILLS] and state.work[job, WORK_LEFT_S] > state.work[job, ESTIMATE_LEFT_S]:
        state.job[job, KIND] = KILL
        state.job[job, TIMER] = push(state.end_heap, now_s + plan_s, job)
    else:
        state.job[job, KIND] = END
        state.job[job, TIMER] = push(state.end_heap, now_s + _duration_s(state, job, WORK_LEFT_S, slowdown), job)


@inlined
def slowdown_of(state: State, tasks: int) -> float:
    """Return what the work's time is multiplied with on the ``chosen`` nodes."""
    if state.real[CROSS_RACK] == 1.0:
        return 1.0
    for position in range(1, tasks):
        if state.node[state.task[position, CHOSEN], RACK_OF] != state.node[state.task[0, CHOSEN], RACK_OF]:
            return float(state.real[CROSS_RACK])
    return 1.0


@compiled
def _runs(state: State, job: int) -> None:
    """Put a job among those that run, behind all that end no later."""
    end_s = state.work[job, EXPECTED_END_S]
    low, high = 0, state.whole[RUNNING]
    while low < high:
        middle = (low + high) >> 1
        if state.running_s[middle] <= end_s:
            low = middle + 1
        else:
            high = middle
    for position in range(state.whole[RUNNING], low, -1):
        state.running_s[position] = state.running_s[position - 1]
        state.running[position] = state.running[position - 1]
    state.running_s[low] = end_s
    state.running[low] = job
    state.whole[RUNNING] += 1


@compiled
def _runs_no_longer(state: State, job: int) -> None:
    end_s = state.work[job, EXPECTED_END_S]
    low, high = 0, state.whole[RUNNING]
    while low < high:
        middle = (low + high) >> 1
        if state.running_s[middle] < end_s:
            low = middle + 1
        else:
            high = middle
    while state.running[low] != job:
        low += 1
    state.whole[RUNNING] -= 1
    for position in range(low, state.whole[RUNNING]):
        state.running_s[position] = state.running_s[position + 1]
        state.running[position] = state.running[position + 1]


@compiled
def leave(state: State, job: int, kind: int) -> None:
    """Take a job off its nodes."""
    now_s = state.real[NOW_S]
    write(state.buffer, now_s, kind, state.job[job, NUMBER], NOBODY)
    state.job[job, TIMER] = NOBODY
    _runs_no_longer(state, job)
    user = state.job[job, USER]
    settle(state, user)
    state.user[user, RATE] -= state.job[job, CORES]
    if state.whole[BY_NODES]:
        leave_early(state, job)
    elif state.whole[CONSERVATIVE]:
        reserved_until_s = state.work[job, RESERVED_S] + state.work[job, PLAN_S]
        if reserved_until_s > now_s:
            queue = state.job[job, QUEUE]
            change(state, queue, now_s, reserved_until_s, state.job[job, TASKS])
            state.queue[queue, ENDED_EARLY] = 1
    give(state, 0, job)
    task = state.job[job, FIRST_TASK] if state.whole[SLEEPS] else NOBODY
    while task != NOBODY:
        rest(state, state.task[task, TASK_NODE])
        task = state.task[task, TASK_NEXT]
    forget(state, job)


@compiled
def preempt(state: State, job: int) -> None:
    """Take its nodes from a running job; what it has done is written down, where it writes checkpoints."""
    work = state.work[job]
    if work[INTERVAL_S] < np.inf:
        elapsed_s = state.real[NOW_S] - work[STARTED_S]
        done_s = work_done_s(elapsed_s, work[SLOWDOWN], work[INTERVAL_S], work[COST_S], work[RESTART_LEFT_S])
        _keep(state, job, done_s, work[COST_S])
    leave(state, job, PREEMPT)
    state.job[job, INTERRUPTIONS] += 1
    enqueue(state, job)


@compiled
def interrupt(state: State, job: int) -> None:
    """Take a job off its nodes, one of which has failed."""
    work = state.work[job]
    elapsed_s = state.real[NOW_S] - work[STARTED_S]
    saved_s = work_saved_s(elapsed_s, work[SLOWDOWN], work[INTERVAL_S], work[COST_S], work[RESTART_LEFT_S])
    _keep(state, job, saved_s, 0.0)
    leave(state, job, INTERRUPT)
    state.job[job, INTERRUPTIONS] += 1
    enqueue(state, job)


@inlined
def _keep(state: State, job: int, done_s: float, writing_s: float) -> None:
    work = state.work[job]
    if done_s > 0.0:
        work[WORK_LEFT_S] = max(0.0, work[WORK_LEFT_S] - done_s)
        work[ESTIMATE_LEFT_S] = max(0.0, work[ESTIMATE_LEFT_S] - done_s)
        work[RESTART_LEFT_S] = work[RESTART_S] + writing_s


@compiled
def rest(state: State, node: int) -> None:
    """Let a node that has nothing to do fall asleep after a while, if its type does that."""
    after_s = state.node_s[node, SLEEP_AFTER_S]
    if after_s < np.inf and state.node[node, IS_USABLE] and is_empty(state, node):
        state.node[node, NODE_TIMER] = push(state.node_heap, state.real[NOW_S] + after_s, ASLEEP + NODE_KINDS * node)


@compiled
def wake_for(state: State, job: int) -> None:
    """Wake sleeping nodes, lowest number first, as many as a job lacks that does not fit."""
    if state.whole[SLEEPS] == 0:
        return
    shape = state.job[job, SHAPE]
    missing = state.job[job, TASKS] - state.total[0, shape]
    for node in range(len(state.node)):
        if state.node[node, IS_WAKING]:
            missing -= state.empty[shape, node]
    for node in range(len(state.node)):
        if missing <= 0:
            return
        if state.node[node, IS_ASLEEP]:
            slots = state.empty[shape, node]
            if slots > 0:
                missing -= slots
                state.node[node, IS_ASLEEP], state.node[node, IS_WAKING] = 0, 1
                write(state.buffer, state.real[NOW_S], WAKE, NOBODY, node)
                state.node[node, NODE_TIMER] = push(
                    state.node_heap, state.real[NOW_S] + state.node_s[node, WAKE_S], AWAKENED + NODE_KINDS * node
                )
