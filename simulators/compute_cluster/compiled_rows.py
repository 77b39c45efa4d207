"""Gang time-slicing in the compiled engine; see :mod:`.simpy_rows` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_lifecycle import slowdown_of
from simulators.compute_cluster.compiled_machine import forget, give, place, take
from simulators.compute_cluster.compiled_order import ordered, settle
from simulators.compute_cluster.compiled_queue import drop
from simulators.compute_cluster.compiled_state import (
    AHEAD,
    BEHIND,
    CORES,
    CURRENT,
    ESTIMATE_LEFT_S,
    FIRST_TASK,
    KILLS,
    KIND,
    MOST_ROWS,
    NOBODY,
    NOW_S,
    NUMBER,
    QUANTUM_S,
    RATE,
    ROW,
    ROW_FIRST,
    ROW_LAST,
    ROW_ORDER,
    ROWS,
    SHAPE,
    SLOWDOWN,
    START_NUMBER,
    STARTED_S,
    TASK_NEXT,
    TASK_NODE,
    TASKS,
    TICK,
    TICK_S,
    TIMER,
    USER,
    WORK_LEFT_S,
)
from simulators.compute_cluster.events import END, KILL, RESUME, START, SUSPEND, TASK
from simulators.compute_cluster.progress import duration_s
from simulators.event_heap import push
from simulators.machine_code import compiled
from simulators.row_buffer import write

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["end_in_row", "fill_rows", "turn"]


@compiled
def fill_rows(state: State) -> None:
    """Put waiting jobs into rows, in the queue's order, until one finds no room."""
    for job in ordered(state, 0):
        shape, tasks = state.job[job, SHAPE], state.job[job, TASKS]
        row = NOBODY
        for position in range(state.whole[ROWS]):
            if tasks <= state.total[state.row[position, ROW_ORDER], shape]:
                row = state.row[position, ROW_ORDER]
                break
        if row == NOBODY:
            if state.whole[ROWS] == state.whole[MOST_ROWS]:
                break
            row = state.row[state.whole[ROWS], ROW_ORDER]
            state.whole[ROWS] += 1
        place(state, row, shape, tasks)
        take(state, row, job)
        _append(state, row, job)
        state.work[job, SLOWDOWN] = slowdown_of(state, tasks)
        drop(state, job)
        user = state.job[job, USER]
        settle(state, user)
        state.user[user, RATE] += state.job[job, CORES]
        if row == state.row[state.whole[CURRENT], ROW_ORDER]:
            _go_on_with(state, job)
    if state.whole[ROWS] > 1 and state.whole[TICK] == NOBODY:
        _begin_quantum(state)


@compiled
def _append(state: State, row: int, job: int) -> None:
    state.job[job, ROW] = row
    state.job[job, AHEAD] = state.row[row, ROW_LAST]
    state.job[job, BEHIND] = NOBODY
    if state.row[row, ROW_LAST] == NOBODY:
        state.row[row, ROW_FIRST] = job
    else:
        state.job[state.row[row, ROW_LAST], BEHIND] = job
    state.row[row, ROW_LAST] = job


@compiled
def _unlink(state: State, row: int, job: int) -> None:
    ahead, behind = state.job[job, AHEAD], state.job[job, BEHIND]
    if ahead == NOBODY:
        state.row[row, ROW_FIRST] = behind
    else:
        state.job[ahead, BEHIND] = behind
    if behind == NOBODY:
        state.row[row, ROW_LAST] = ahead
    else:
        state.job[behind, AHEAD] = ahead


@compiled
def _go_on_with(state: State, job: int) -> None:
    now_s = state.real[NOW_S]
    if state.job[job, START_NUMBER] == NOBODY:
        state.job[job, START_NUMBER] = 0
        write(state.buffer, now_s, START, state.job[job, NUMBER], NOBODY)
        task = state.job[job, FIRST_TASK]
        while task != NOBODY:
            write(state.buffer, now_s, TASK, state.job[job, NUMBER], state.task[task, TASK_NODE])
            task = state.task[task, TASK_NEXT]
    else:
        write(state.buffer, now_s, RESUME, state.job[job, NUMBER], NOBODY)
    state.work[job, STARTED_S] = now_s
    state.job[job, KIND] = END
    left_s = state.work[job, WORK_LEFT_S]
    if state.whole[KILLS] and left_s > state.work[job, ESTIMATE_LEFT_S]:
        state.job[job, KIND] = KILL
        left_s = state.work[job, ESTIMATE_LEFT_S]
    whole_s = duration_s(left_s, state.work[job, SLOWDOWN], np.inf, 0.0, 0.0)
    state.job[job, TIMER] = push(state.end_heap, now_s + whole_s, job)


@compiled
def _stand_still(state: State, job: int) -> None:
    done_s = (state.real[NOW_S] - state.work[job, STARTED_S]) / state.work[job, SLOWDOWN]
    state.work[job, WORK_LEFT_S] = max(0.0, state.work[job, WORK_LEFT_S] - done_s)
    state.work[job, ESTIMATE_LEFT_S] = max(0.0, state.work[job, ESTIMATE_LEFT_S] - done_s)
    state.job[job, TIMER] = NOBODY
    write(state.buffer, state.real[NOW_S], SUSPEND, state.job[job, NUMBER], NOBODY)


@compiled
def end_in_row(state: State, job: int, kind: int) -> None:
    """Take a job out of the row that runs; let the next row run where it was the last."""
    state.job[job, TIMER] = NOBODY
    write(state.buffer, state.real[NOW_S], kind, state.job[job, NUMBER], NOBODY)
    user = state.job[job, USER]
    settle(state, user)
    state.user[user, RATE] -= state.job[job, CORES]
    row = state.job[job, ROW]
    _unlink(state, row, job)
    give(state, row, job)
    forget(state, job)
    if state.row[row, ROW_FIRST] == NOBODY:
        state.whole[ROWS] -= 1
        left = state.whole[ROWS]
        for position in range(state.whole[CURRENT], left):
            state.row[position, ROW_ORDER] = state.row[position + 1, ROW_ORDER]
        state.row[left, ROW_ORDER] = row
        state.whole[TICK] = NOBODY
        state.whole[CURRENT] = state.whole[CURRENT] % left if left else 0
        if left:
            _run_current(state)


@compiled
def _run_current(state: State) -> None:
    job = state.row[state.row[state.whole[CURRENT], ROW_ORDER], ROW_FIRST]
    while job != NOBODY:
        _go_on_with(state, job)
        job = state.job[job, BEHIND]
    if state.whole[ROWS] > 1:
        _begin_quantum(state)


@compiled
def _begin_quantum(state: State) -> None:
    state.whole[TICK] = 1
    state.real[TICK_S] = state.real[NOW_S] + state.real[QUANTUM_S]


@compiled
def turn(state: State) -> None:
    """Let the next row run."""
    state.whole[TICK] = NOBODY
    if state.whole[ROWS] > 1:
        job = state.row[state.row[state.whole[CURRENT], ROW_ORDER], ROW_FIRST]
        while job != NOBODY:
            _stand_still(state, job)
            job = state.job[job, BEHIND]
        state.whole[CURRENT] = (state.whole[CURRENT] + 1) % state.whole[ROWS]
        _run_current(state)
