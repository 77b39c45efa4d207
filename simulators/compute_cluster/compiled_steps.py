"""What will be free when, in the compiled engine; see :mod:`.profile` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.compiled_state import STEPS
from simulators.machine_code import compiled, inlined

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["change", "earliest_s", "forget_before"]


@compiled
def earliest_s(state: State, queue: int, now_s: float, tasks: int, plan_s: float) -> float:
    """Return the earliest time from ``now_s`` on at which so many tasks fit for so long."""
    times_s, free, size = state.calendar[queue, :, 0], state.calendar[queue, :, 1], state.queue[queue, STEPS]
    first = _last_step(state, queue, now_s)
    while True:
        start_s = max(now_s, times_s[first])
        position, short = first, -1
        while position < size and (position == first or times_s[position] < start_s + plan_s):
            if free[position] < tasks:
                short = position
                break
            position += 1
        if short < 0:
            return float(start_s)
        first = short + 1


@inlined
def _last_step(state: State, queue: int, time_s: float) -> int:
    """Return the last step that begins at or before a time."""
    low, high = 0, state.queue[queue, STEPS]
    while low < high:
        middle = (low + high) >> 1
        if state.calendar[queue, middle, 0] <= time_s:
            low = middle + 1
        else:
            high = middle
    return low - 1


@compiled
def forget_before(state: State, queue: int, now_s: float) -> None:
    """Drop the steps that have passed, and those that are none."""
    times_s, free = state.calendar[queue, :, 0], state.calendar[queue, :, 1]
    first = _last_step(state, queue, now_s)
    kept = 0
    for position in range(first, state.queue[queue, STEPS]):
        if kept == 0 or free[position] != free[kept - 1]:
            times_s[kept], free[kept] = times_s[position], free[position]
            kept += 1
    state.queue[queue, STEPS] = kept
    times_s[0] = max(times_s[0], now_s)


@compiled
def change(state: State, queue: int, start_s: float, end_s: float, tasks: int) -> None:
    """Add to what is free from ``start_s`` until ``end_s``; there must be room for two more steps."""
    if start_s < end_s:
        first = _step_at(state, queue, start_s)
        for position in range(first, _step_at(state, queue, end_s)):
            state.calendar[queue, position, 1] += tasks


@compiled
def _step_at(state: State, queue: int, time_s: float) -> int:
    times_s, free = state.calendar[queue, :, 0], state.calendar[queue, :, 1]
    before = _last_step(state, queue, time_s)
    if times_s[before] == time_s:
        return before
    for position in range(state.queue[queue, STEPS], before + 1, -1):
        times_s[position], free[position] = times_s[position - 1], free[position - 1]
    times_s[before + 1], free[before + 1] = time_s, free[before]
    state.queue[queue, STEPS] += 1
    return before + 1
