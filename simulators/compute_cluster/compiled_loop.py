"""The loop of the compiled engine: what comes next happens; see :mod:`.simpy_engine` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_lifecycle import FAILED, NODE_KINDS, enqueue, leave, rest
from simulators.compute_cluster.compiled_nodes import node_event
from simulators.compute_cluster.compiled_room import take_stock
from simulators.compute_cluster.compiled_rows import end_in_row, fill_rows, turn
from simulators.compute_cluster.compiled_scheduler import pass_over
from simulators.compute_cluster.compiled_state import (
    EXHAUSTED,
    KIND,
    LEFT,
    NEXT_JOB,
    NEXT_JOB_S,
    NOBODY,
    NOW_S,
    PASS_DUE,
    SLICING,
    TICK,
    TICK_S,
    TIMER,
    UP,
)
from simulators.compute_cluster.compiled_turns import ended, submit
from simulators.compute_cluster.pointing import pointed
from simulators.draw_blocks import draw
from simulators.event_heap import pop, push
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["begin", "go_on"]


@compiled
def begin(state: State) -> None:
    """Schedule what is to happen first."""
    _begin(pointed(state))


@compiled
def _begin(state: State) -> None:
    for number in range(len(state.stream)):
        if state.stream[number, UP] != NOBODY:
            push(state.node_heap, draw(state.blocks, state.stream[number, UP]), FAILED + NODE_KINDS * number)
    for node in range(len(state.node)):
        rest(state, node)


@compiled
def go_on(state: State, horizon_s: float) -> bool:
    """Run on; return whether it is over (False: an array is nearly full, or a block of jobs or numbers used up)."""
    return _go_on(pointed(state), horizon_s)


@compiled
def _go_on(state: State, horizon_s: float) -> bool:
    while state.blocks.used_up[0] == 0:
        if state.whole[NEXT_JOB] == len(state.job) and not state.whole[EXHAUSTED]:
            return False
        if state.whole[LEFT] == 0:
            return True
        if not take_stock(state):
            return False
        end_s = state.end_heap.time_s[0] if state.end_heap.size[0] else np.inf
        node_s = state.node_heap.time_s[0] if state.node_heap.size[0] else np.inf
        turn_s = state.turn_heap.time_s[0] if state.turn_heap.size[0] else np.inf
        tick_s = state.real[TICK_S] if state.whole[TICK] != NOBODY else np.inf
        pass_s = state.real[NOW_S] if state.whole[PASS_DUE] else np.inf
        job_s = state.real[NEXT_JOB_S]
        now_s = min(end_s, node_s, job_s, turn_s, tick_s, pass_s)
        if now_s >= horizon_s:
            return True
        state.real[NOW_S] = now_s
        if end_s == now_s:
            _end_event(state)
        elif node_s == now_s:
            node_event(state)
        elif job_s == now_s:
            submit(state)
        elif turn_s == now_s:
            job = state.turn_heap.code[0]
            pop(state.turn_heap)
            enqueue(state, job)
        elif tick_s == now_s:
            turn(state)
        else:
            state.whole[PASS_DUE] = 0
            if state.whole[SLICING]:
                fill_rows(state)
            else:
                pass_over(state)
    return False


@compiled
def _end_event(state: State) -> None:
    event, job = state.end_heap.number[0], state.end_heap.code[0]
    pop(state.end_heap)
    if event != state.job[job, TIMER]:  # it was interrupted since
        return
    kind = state.job[job, KIND]
    if state.whole[SLICING]:
        end_in_row(state, job, kind)
    else:
        leave(state, job, kind)
    ended(state, job, kind)
