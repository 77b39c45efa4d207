"""What will be free when, node by node, in the compiled engine; see :mod:`.calendar` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_machine import fed, fit
from simulators.compute_cluster.compiled_state import (
    FIRST_NODE,
    FIRST_TASK,
    FREED,
    IS_USABLE,
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
    SHAPE,
    SLOTS,
    SPARE_MW,
    STEPS,
    TASK_NEXT,
    TASK_NODE,
)
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["add_node", "begin_anew", "book", "earliest_s", "forget_before", "leave_early"]

RESOURCES = 4
GAP = 1  # row of slots and power for what fits all the time of a gap


@inlined
def _last_step(state: State, time_s: float) -> int:
    """Return the last step that begins at or before a time."""
    low, high = 0, state.queue[0, STEPS]
    while low < high:
        middle = (low + high) >> 1
        if state.calendar[0, middle, 0] <= time_s:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled
def _copy_step(state: State, source: int, target: int) -> None:
    for node in range(len(state.node)):
        for resource in range(RESOURCES):
            state.planned[target, node, resource] = state.planned[source, node, resource]
    for rack in range(len(state.rack) - 1):
        state.planned_mw[target, rack] = state.planned_mw[source, rack]


@compiled
def _same_step(state: State, one: int, other: int) -> bool:
    for node in range(len(state.node)):
        for resource in range(RESOURCES):
            if state.planned[one, node, resource] != state.planned[other, node, resource]:
                return False
    same = True
    for rack in range(len(state.rack) - 1):
        same &= state.planned_mw[one, rack] == state.planned_mw[other, rack]
    return bool(same)


@compiled
def _step_at(state: State, time_s: float) -> int:
    """Return the step that begins at a time; make one if none does."""
    before = _last_step(state, time_s)
    times_s = state.calendar[0, :, 0]
    if times_s[before] == time_s:
        return int(before)
    for step in range(state.queue[0, STEPS], before + 1, -1):
        times_s[step] = times_s[step - 1]
        _copy_step(state, step - 1, step)
    times_s[before + 1] = time_s
    _copy_step(state, before, before + 1)
    state.queue[0, STEPS] += 1
    return int(before + 1)


@compiled
def forget_before(state: State, now_s: float) -> None:
    """Drop the steps that have passed, and those that are none."""
    times_s, first = state.calendar[0, :, 0], _last_step(state, now_s)
    kept = 0
    for step in range(first, state.queue[0, STEPS]):
        if kept == 0 or not _same_step(state, step, kept - 1):
            if step != kept:
                times_s[kept] = times_s[step]
                _copy_step(state, step, kept)
            kept += 1
    state.queue[0, STEPS] = kept
    times_s[0] = max(times_s[0], now_s)


@inlined
def _change(state: State, first: int, end: int, shape: int, node: int, sign: int) -> None:
    rack = state.node[node, RACK_OF]
    for step in range(first, end):
        for resource in range(RESOURCES):
            state.planned[step, node, resource] += sign * state.shape[shape, resource]
        state.planned_mw[step, rack] += sign * state.task_mw[shape, rack]


@compiled
def _change_running(state: State, job: int, end_s: float, sign: int) -> None:
    """Give a running job's resources back (1), or take them (-1), from now on."""
    now_s = state.real[NOW_S]
    if now_s < end_s:
        first = _step_at(state, now_s)
        end = _step_at(state, end_s)
        task = state.job[job, FIRST_TASK]
        while task != NOBODY:
            _change(state, first, end, state.job[job, SHAPE], state.task[task, TASK_NODE], sign)
            task = state.task[task, TASK_NEXT]


@compiled
def book(state: State, job: int, sign: int) -> None:
    """Take what a waiting job has been promised (-1), or give it back (1)."""
    start_s = state.work[job, RESERVED_S]
    end_s = start_s + state.work[job, PLAN_S]
    if start_s < end_s:
        first = _step_at(state, start_s)
        end = _step_at(state, end_s)
        promise = state.job[job, PROMISED]
        while promise != NOBODY:
            _change(state, first, end, state.job[job, SHAPE], state.promise[promise, PROMISE_NODE], sign)
            promise = state.promise[promise, PROMISE_NEXT]


@compiled
def leave_early(state: State, job: int) -> None:
    """Count a job's nodes as free until its reservation ends."""
    until_s = state.work[job, RESERVED_S] + state.work[job, PLAN_S]
    if until_s > state.real[NOW_S] and not state.whole[NODES_LOST]:
        _change_running(state, job, until_s, 1)
        state.whole[FREED] = 1
    state.work[job, RESERVED_S] = -1.0


@compiled
def add_node(state: State, node: int) -> None:
    """Let jobs move forward to a node that can be used again."""
    if not state.whole[NODES_LOST]:
        for step in range(state.queue[0, STEPS]):
            for resource in range(RESOURCES):
                state.planned[step, node, resource] += state.node[node, resource]
        state.whole[FREED] = 1


@compiled
def begin_anew(state: State, running: int) -> None:
    """Let every usable node be free for ever, but for the jobs that run."""
    state.whole[NODES_LOST] = 0
    state.queue[0, STEPS] = 1
    state.calendar[0, 0, 0] = state.real[NOW_S]
    for node in range(len(state.node)):
        for resource in range(RESOURCES):
            state.planned[0, node, resource] = state.node[node, resource] if state.node[node, IS_USABLE] else 0
    for rack in range(len(state.rack) - 1):
        state.planned_mw[0, rack] = state.rack[rack, SPARE_MW]
    for position in range(running):
        job = state.running[position]
        _change_running(state, job, state.work[job, RESERVED_S] + state.work[job, PLAN_S], -1)


@compiled
def _narrow(state: State, shape: int, step: int, anew: bool) -> int:
    """Leave in the gap's row only what fits in a step too; return the tasks that fit."""
    slots, shapes = state.slots[GAP, shape], len(state.shape)
    found = 0
    for rack in range(len(state.rack) - 1):
        power = state.power[GAP, rack]
        able = 0
        for node in range(state.rack[rack, FIRST_NODE], state.rack[rack + 1, FIRST_NODE]):
            there = 0
            if state.empty[shape, node] > 0:
                there = max(0, fit(state.shape, shape, state.planned[step, node]))
            slots[node] = there if anew else min(slots[node], there)
            able += slots[node]
        spare_mw = state.planned_mw[step, rack]
        power[MW] = spare_mw if anew else min(power[MW], spare_mw)
        power[SLOTS + shapes + shape] = fed(state, shape, rack, able, power[MW])
        found += power[SLOTS + shapes + shape]
    return int(found)


@compiled
def earliest_s(state: State, shape: int, tasks: int, plan_s: float) -> float:
    """Return the earliest time from now on at which so many tasks fit for so long; where is in the gap's row."""
    now_s, times_s, size = state.real[NOW_S], state.calendar[0, :, 0], state.queue[0, STEPS]
    for first in range(_last_step(state, now_s), size):
        start_s = max(now_s, times_s[first])
        room = _narrow(state, shape, first, True)
        step = first + 1
        while room >= tasks and step < size and times_s[step] < start_s + plan_s:
            room = _narrow(state, shape, step, False)
            step += 1
        if room >= tasks:
            return float(start_s)
    return np.inf
