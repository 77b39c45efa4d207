"""How jobs are handed in, wait for one another and are gone for good; see :mod:`.simpy_engine` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.compiled_lifecycle import enqueue
from simulators.compute_cluster.compiled_state import (
    BEHIND,
    CANCELLED,
    CLASS,
    DEADLINE_US,
    FIRST_CLASS,
    FIRST_QUEUE,
    FIRST_SHAPE,
    FIRST_USER,
    FOLLOWER_COUNT,
    FOLLOWERS,
    GONE,
    LEFT,
    MOST_TASKS,
    NEXT_JOB,
    NEXT_JOB_S,
    NOBODY,
    NOW_S,
    NUMBER,
    PASS_DUE,
    QUEUE,
    READY_S,
    RUN_US,
    SHAPE,
    SUBMIT_S,
    SUBMITTED,
    TASKS,
    THINK_S,
    USER,
    WAITS_FOR,
    WITHIN_US,
)
from simulators.compute_cluster.events import (
    CANCEL,
    DUE,
    KILL,
    OWNER,
    REJECT,
    SIZE,
    START_WITHIN,
    SUBMIT,
    WORK,
)
from simulators.compute_cluster.events import (
    CLASS as CLASS_ROW,
)
from simulators.event_heap import push
from simulators.machine_code import compiled, inlined
from simulators.row_buffer import write

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["ended", "submit"]


@compiled
def submit(state: State) -> None:
    """Hand the next job in."""
    row = state.whole[NEXT_JOB]
    job, whole, now_s = state.job[row], state.whole, state.real[NOW_S]
    number = job[NUMBER]
    job[SUBMITTED] = 1
    write(state.buffer, now_s, SUBMIT, number, whole[FIRST_QUEUE] + job[QUEUE])
    write(state.buffer, now_s, CLASS_ROW, number, whole[FIRST_CLASS] + job[CLASS])
    write(state.buffer, now_s, OWNER, number, whole[FIRST_USER] + job[USER])
    write(state.buffer, now_s, SIZE, job[TASKS], whole[FIRST_SHAPE] + job[SHAPE])
    write(state.buffer, now_s, WORK, job[RUN_US], NOBODY)
    if job[DEADLINE_US] != NOBODY:
        write(state.buffer, now_s, DUE, job[DEADLINE_US], NOBODY)
    if job[WITHIN_US] != NOBODY:
        write(state.buffer, now_s, START_WITHIN, job[WITHIN_US], NOBODY)
    if job[TASKS] > state.shape[job[SHAPE], MOST_TASKS]:
        _drop(state, row, REJECT)
    elif job[CANCELLED]:
        _drop(state, row, CANCEL)
    elif job[WAITS_FOR] == 0:
        _take_turn(state, row)
    state.whole[NEXT_JOB] = row + 1
    if row + 1 < len(state.job):
        # As SimPy reckons it: now, and the delay from now on.
        state.real[NEXT_JOB_S] = now_s + (state.work[row + 1, SUBMIT_S] - now_s)


@compiled
def _take_turn(state: State, job: int) -> None:
    now_s = state.real[NOW_S]
    if state.work[job, READY_S] > now_s:
        push(state.turn_heap, now_s + (state.work[job, READY_S] - now_s), job)
    else:
        enqueue(state, job)


@compiled
def _drop(state: State, job: int, event: int) -> None:
    write(state.buffer, state.real[NOW_S], event, state.job[job, NUMBER], NOBODY)
    _has_gone(state, job)
    _cancel_followers(state, job)


@inlined
def _has_gone(state: State, job: int) -> None:
    state.whole[LEFT] -= 1
    state.job[job, GONE] = 1


@compiled
def _cancel_followers(state: State, job: int) -> None:
    last = job
    state.job[last, BEHIND] = NOBODY
    while job != NOBODY:
        for position in range(state.job[job, FOLLOWERS], state.job[job, FOLLOWERS] + state.job[job, FOLLOWER_COUNT]):
            follower = state.followers[position]
            if state.job[follower, CANCELLED]:
                continue
            state.job[follower, CANCELLED] = 1
            if state.job[follower, SUBMITTED]:
                write(state.buffer, state.real[NOW_S], CANCEL, state.job[follower, NUMBER], NOBODY)
                _has_gone(state, follower)
                state.job[last, BEHIND] = follower
                state.job[follower, BEHIND] = NOBODY
                last = follower
        job = state.job[job, BEHIND]


@compiled
def ended(state: State, job: int, kind: int) -> None:
    """Go on after a job has left for good."""
    _has_gone(state, job)
    if kind == KILL:
        _cancel_followers(state, job)
    else:
        for position in range(state.job[job, FOLLOWERS], state.job[job, FOLLOWERS] + state.job[job, FOLLOWER_COUNT]):
            follower = state.followers[position]
            state.job[follower, WAITS_FOR] -= 1
            if state.job[follower, WAITS_FOR] == 0:
                state.work[follower, READY_S] = state.real[NOW_S] + state.work[follower, THINK_S]
                if state.job[follower, SUBMITTED] and not state.job[follower, CANCELLED]:
                    _take_turn(state, follower)
    state.whole[PASS_DUE] = 1
