"""Conservative backfilling in the compiled engine; see :mod:`.profile` and :mod:`.simpy_scheduler` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.compiled_lifecycle import fits, start
from simulators.compute_cluster.compiled_order import ordered
from simulators.compute_cluster.compiled_state import ENDED_EARLY, NOW_S, PLAN_S, RESERVED_S, TASKS
from simulators.compute_cluster.compiled_steps import change, earliest_s, forget_before
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["by_calendar"]

NOT_YET = -1.0


@compiled
def by_calendar(state: State, queue: int) -> None:
    """Give every job a start that nothing later puts off, and start those whose time has come."""
    now_s = state.real[NOW_S]
    forget_before(state, queue, now_s)
    jobs = ordered(state, queue)
    if state.queue[queue, ENDED_EARLY]:
        for job in jobs:
            reserved_s = state.work[job, RESERVED_S]
            if reserved_s >= 0.0:
                change(state, queue, reserved_s, reserved_s + state.work[job, PLAN_S], state.job[job, TASKS])
                _reserve(state, queue, job)
    state.queue[queue, ENDED_EARLY] = 0
    for job in jobs:
        if state.work[job, RESERVED_S] == NOT_YET:
            _reserve(state, queue, job)
    for job in jobs:
        if state.work[job, RESERVED_S] <= now_s and fits(state, job):
            start(state, job)


@compiled
def _reserve(state: State, queue: int, job: int) -> None:
    tasks, plan_s = state.job[job, TASKS], state.work[job, PLAN_S]
    start_s = earliest_s(state, queue, state.real[NOW_S], tasks, plan_s)
    state.work[job, RESERVED_S] = start_s
    change(state, queue, start_s, start_s + plan_s, -tasks)
