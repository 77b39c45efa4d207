"""The order of a queue that changes while its jobs wait, in the compiled engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_state import (
    AGE_WEIGHT,
    ALL_CORES,
    CORES,
    DYNAMIC,
    ESTIMATE_S,
    FAIR_SHARE_WEIGHT,
    HALF_LIFE_S,
    LINE_END,
    LINE_FIRST,
    LONGEST_AGE_S,
    NOW_S,
    ORDER,
    PRIORITY,
    PRIORITY_WEIGHT,
    RATE,
    SETTLED_S,
    SIZE_WEIGHT,
    SUBMIT_S,
    USAGE,
    USER,
)
from simulators.compute_cluster.progress import decayed, multifactor, score
from simulators.compute_cluster.scheduling import ORDERS
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.compiled_state import State

__all__ = ["ordered", "settle"]

MULTIFACTOR = ORDERS.index("multifactor")


@compiled
def ordered(state: State, queue: int) -> NDArray[np.int64]:
    """Return a queue's jobs in the order in which they are to start."""
    line = state.line[queue, state.queue[queue, LINE_FIRST] : state.queue[queue, LINE_END]].copy()
    if not state.whole[DYNAMIC]:
        return line
    now_s, order = state.real[NOW_S], state.whole[ORDER]
    scores = np.empty(len(line))
    if order != MULTIFACTOR:
        for position, job in enumerate(line):
            waited_s = now_s - state.work[job, SUBMIT_S]
            scores[position] = score(order, waited_s, state.work[job, ESTIMATE_S], float(state.job[job, CORES]))
    else:
        total = 0.0
        users = len(state.user)
        for user in range(users):
            settle(state, user)
        for user in range(users):
            total += state.user[user, USAGE]
        for position, job in enumerate(line):
            scores[position] = multifactor(
                now_s - state.work[job, SUBMIT_S],
                state.user[state.job[job, USER], USAGE] / total if total > 0.0 else 0.0,
                1.0 / users,
                state.job[job, CORES] / state.whole[ALL_CORES],
                float(state.job[job, PRIORITY]),
                state.real[AGE_WEIGHT],
                state.real[FAIR_SHARE_WEIGHT],
                state.real[SIZE_WEIGHT],
                state.real[PRIORITY_WEIGHT],
                state.real[LONGEST_AGE_S],
            )
    return line[np.argsort(scores, kind="mergesort")]


@compiled
def settle(state: State, user: int) -> None:
    """Bring a user's decayed usage up to now."""
    if state.whole[ORDER] == MULTIFACTOR:
        now_s = state.real[NOW_S]
        elapsed_s = now_s - state.user[user, SETTLED_S]
        rate, half_life_s = float(state.user[user, RATE]), state.real[HALF_LIFE_S]
        state.user[user, USAGE] = decayed(state.user[user, USAGE], rate, elapsed_s, half_life_s)
        state.user[user, SETTLED_S] = now_s
