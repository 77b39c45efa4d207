"""Queues in the compiled engine: trees where the order is fixed, sorted arrays where it changes or a calendar rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_state import (
    CONSERVATIVE,
    DYNAMIC,
    LINE_END,
    LINE_FIRST,
    NOBODY,
    PLAN_S,
    POSITION,
    PREEMPTION,
    QUEUE,
    QUEUED,
    QUEUED_TASKS,
    RANK,
    SHAPE,
    SHAPE_QUEUE,
    SLICING,
    TASKS,
)
from simulators.compute_cluster.waiting_tree import FIRST, JOB, find, insert, remove
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["add", "drop", "first_in_tree", "in_lines"]

LARGE = 1 << 60


@inlined
def in_lines(state: State) -> bool:
    """Return whether queues are sorted arrays."""
    whole = state.whole
    return bool(whole[DYNAMIC] or whole[CONSERVATIVE] or whole[SLICING] or whole[PREEMPTION])


@compiled
def _place_in_line(state: State, queue: int, rank: int) -> int:
    """Return where in its line a job of a rank stands, or would stand."""
    low, high = state.queue[queue, LINE_FIRST], state.queue[queue, LINE_END]
    while low < high:
        middle = (low + high) >> 1
        if state.job[state.line[queue, middle], RANK] < rank:
            low = middle + 1
        else:
            high = middle
    return int(low)


@compiled
def add(state: State, job: int) -> None:
    """Put a job into its queue."""
    state.whole[QUEUED] += 1
    state.whole[QUEUED_TASKS] += state.job[job, TASKS]
    if not in_lines(state):
        insert(state.tree, state.job[job, SHAPE], state.job[job, POSITION], state.work[job, PLAN_S])
        return
    queue = state.job[job, QUEUE]
    line = state.line[queue]
    place = _place_in_line(state, queue, state.job[job, RANK])
    first, end = state.queue[queue, LINE_FIRST], state.queue[queue, LINE_END]
    # The shorter side makes room, if it has any.
    if (place - first < end - place or end == len(line)) and first > 0:
        for position in range(first - 1, place - 1):
            line[position] = line[position + 1]
        state.queue[queue, LINE_FIRST] = first - 1
        line[place - 1] = job
    else:
        for position in range(end, place, -1):
            line[position] = line[position - 1]
        state.queue[queue, LINE_END] = end + 1
        line[place] = job


@compiled
def drop(state: State, job: int) -> None:
    """Take a job out of its queue."""
    state.whole[QUEUED] -= 1
    state.whole[QUEUED_TASKS] -= state.job[job, TASKS]
    if not in_lines(state):
        remove(state.tree, state.job[job, SHAPE], state.job[job, POSITION])
        return
    queue = state.job[job, QUEUE]
    line = state.line[queue]
    place = _place_in_line(state, queue, state.job[job, RANK])
    first, end = state.queue[queue, LINE_FIRST], state.queue[queue, LINE_END]
    if place - first < end - place:
        for position in range(place, first, -1):
            line[position] = line[position - 1]
        state.queue[queue, LINE_FIRST] = first + 1
    else:
        for position in range(place, end - 1):
            line[position] = line[position + 1]
        state.queue[queue, LINE_END] = end - 1


@compiled
def first_in_tree(state: State, queue: int) -> int:
    """Return the first job of a queue, NOBODY where it is empty."""
    best = NOBODY
    for shape in range(len(state.shape)):
        if state.shape[shape, SHAPE_QUEUE] == queue:
            found = find(state.tree, shape, state.tree.shape[shape, FIRST], LARGE, LARGE, 0.0, np.inf)
            if found != NOBODY:
                job = state.tree.place[found, JOB]
                if best == NOBODY or state.job[job, RANK] < state.job[best, RANK]:
                    best = job
    return best
