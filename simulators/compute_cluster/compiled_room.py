"""How much room the next step of the compiled engine may need in the arrays that grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulators.compute_cluster.compiled_queue import in_lines
from simulators.compute_cluster.compiled_state import (
    ALL_CORES,
    BY_NODES,
    CONSERVATIVE,
    LINE_END,
    LINE_FIRST,
    LISTS_ARE_SHORT,
    MARGIN,
    MOST_ROWS,
    NEED,
    PASS_DUE,
    PREEMPTION,
    PROMISES_ARE_SHORT,
    QUEUED,
    QUEUED_TASKS,
    ROWS,
    ROWS_ARE_SHORT,
    RUNNING,
    SLICING,
    STEPS,
)
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["take_stock"]


@compiled
def take_stock(state: State) -> bool:
    """Reckon what room the next step may need; return whether there is so much."""
    need = state.whole[MARGIN]
    if state.whole[PASS_DUE]:
        if state.whole[PREEMPTION] or state.whole[SLICING]:
            need += 2 * (state.whole[QUEUED_TASKS] + state.whole[QUEUED] + state.whole[RUNNING])
        else:
            need += min(state.whole[QUEUED_TASKS], state.whole[ALL_CORES])
    if state.whole[SLICING]:
        need += 2 * len(state.task)
    state.whole[NEED] = need
    state.whole[LISTS_ARE_SHORT] = _lists_are_short(state)
    state.whole[ROWS_ARE_SHORT] = _rows_are_short(state)
    state.whole[PROMISES_ARE_SHORT] = bool(
        state.whole[BY_NODES] and state.whole[PASS_DUE] and len(state.promise) < state.whole[QUEUED_TASKS]
    )
    return bool(
        state.buffer.size[0] + need <= len(state.buffer.time_s)
        and state.end_heap.size[0] + need <= len(state.end_heap.time_s)
        and state.node_heap.size[0] + need <= len(state.node_heap.time_s)
        and state.turn_heap.size[0] + need <= len(state.turn_heap.time_s)
        and not state.whole[LISTS_ARE_SHORT]
        and not state.whole[ROWS_ARE_SHORT]
        and not state.whole[PROMISES_ARE_SHORT]
    )


@compiled
def _lists_are_short(state: State) -> bool:
    if not in_lines(state):
        return False
    length = state.line.shape[1]
    # Two steps a promise, made and made anew; two a running job, where the calendar begins anew.
    steps = state.queue[0, STEPS] + 4 * state.whole[QUEUED] + 2 * state.whole[RUNNING] + 16
    if state.whole[BY_NODES] and steps > length:
        return True
    most = state.whole[MARGIN] + 2  # jobs that one step may put into a queue
    for queue in range(len(state.queue)):
        waiting = state.queue[queue, LINE_END] - state.queue[queue, LINE_FIRST]
        if waiting + most > length:
            return True
        if (
            state.whole[CONSERVATIVE]
            and not state.whole[BY_NODES]
            and state.queue[queue, STEPS] + 4 * waiting + 16 > length
        ):
            return True
    return False


@compiled
def _rows_are_short(state: State) -> bool:
    """Return whether there may be more rows of time-slicing than there is room for."""
    rows = len(state.row)
    return bool(
        state.whole[SLICING]
        and state.whole[PASS_DUE]
        and rows < state.whole[MOST_ROWS]
        and state.whole[ROWS] + state.whole[QUEUED] > rows
    )
