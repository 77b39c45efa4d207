"""The loop of the compiled engine, and the events that it lets happen; see :mod:`.simpy_engine` for the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_lifecycle import (
    ASLEEP,
    AWAKENED,
    FAILED,
    NODE_KINDS,
    REPAIRED,
    enqueue,
    interrupt,
    leave,
    rest,
)
from simulators.compute_cluster.compiled_machine import refresh
from simulators.compute_cluster.compiled_occupancy import add_node
from simulators.compute_cluster.compiled_queue import in_lines
from simulators.compute_cluster.compiled_rows import end_in_row, fill_rows, turn
from simulators.compute_cluster.compiled_scheduler import pass_over
from simulators.compute_cluster.compiled_state import (
    ALL_CORES,
    BEHIND,
    BY_NODES,
    CANCELLED,
    CLASS,
    CONSERVATIVE,
    DEADLINE_US,
    DOWN,
    EXHAUSTED,
    FAULTS,
    FIRST_CLASS,
    FIRST_NODE,
    FIRST_QUEUE,
    FIRST_RACK,
    FIRST_SHAPE,
    FIRST_TASK,
    FIRST_USER,
    FOLLOWER_COUNT,
    FOLLOWERS,
    GONE,
    IS_ASLEEP,
    IS_USABLE,
    IS_WAKING,
    KIND,
    LEFT,
    LINE_END,
    LINE_FIRST,
    LISTS_ARE_SHORT,
    MARGIN,
    MOST_ROWS,
    MOST_TASKS,
    NEED,
    NEXT_JOB,
    NEXT_JOB_S,
    NOBODY,
    NODE_TIMER,
    NODES_LOST,
    NOW_S,
    NUMBER,
    PASS_DUE,
    PREEMPTION,
    PROMISES_ARE_SHORT,
    QUEUE,
    QUEUED,
    QUEUED_TASKS,
    READY_S,
    ROWS,
    ROWS_ARE_SHORT,
    RUN_US,
    RUNNING,
    SHAPE,
    SLICING,
    STEPS,
    SUBMIT_S,
    SUBMITTED,
    TASK_NEXT,
    TASK_NODE,
    TASKS,
    THINK_S,
    TICK,
    TICK_S,
    TIMER,
    UP,
    USER,
    WAITS_FOR,
    WITHIN_US,
    State,
)
from simulators.compute_cluster.events import (
    AWAKE,
    CANCEL,
    DUE,
    FAIL,
    KILL,
    OWNER,
    REJECT,
    REPAIR,
    SIZE,
    SLEEP,
    START_WITHIN,
    SUBMIT,
    WORK,
)
from simulators.compute_cluster.events import CLASS as CLASS_ROW
from simulators.compute_cluster.pointing import pointed
from simulators.draw_blocks import draw
from simulators.event_heap import pop, push
from simulators.machine_code import compiled, inlined
from simulators.row_buffer import write

if TYPE_CHECKING:
    from simulators.compute_cluster.compiled_state import State

__all__ = ["begin", "go_on"]


@compiled
def _take_stock(state: State) -> bool:
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


@compiled
def _begin(state: State) -> None:
    for number in range(len(state.stream)):
        if state.stream[number, UP] != NOBODY:
            push(state.node_heap, draw(state.blocks, state.stream[number, UP]), FAILED + NODE_KINDS * number)
    for node in range(len(state.node)):
        rest(state, node)


@compiled
def _submit(state: State) -> None:
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
def _ended(state: State, job: int, kind: int) -> None:
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


@compiled
def _fail(state: State, node: int) -> None:
    state.node[node, FAULTS] += 1
    if state.node[node, FAULTS] > 1:
        return
    write(state.buffer, state.real[NOW_S], FAIL, NOBODY, node)
    state.node[node, IS_ASLEEP] = state.node[node, IS_WAKING] = 0
    state.node[node, NODE_TIMER] = NOBODY
    state.node[node, IS_USABLE] = 0
    state.whole[NODES_LOST] = 1
    refresh(state, 0, node)
    hit = np.empty(state.whole[RUNNING], np.int64)
    count = 0
    for position in range(state.whole[RUNNING]):
        job = state.running[position]
        task = state.job[job, FIRST_TASK]
        while task != NOBODY and state.task[task, TASK_NODE] != node:
            task = state.task[task, TASK_NEXT]
        if task != NOBODY:
            hit[count] = job
            count += 1
    for job in hit[:count]:
        interrupt(state, job)


@compiled
def _repair(state: State, node: int) -> None:
    state.node[node, FAULTS] -= 1
    if state.node[node, FAULTS] == 0:
        write(state.buffer, state.real[NOW_S], REPAIR, NOBODY, node)
        state.node[node, IS_USABLE] = 1
        refresh(state, 0, node)
        if state.whole[BY_NODES]:
            add_node(state, node)
        rest(state, node)


@compiled
def _change_nodes(state: State, number: int, kind: int) -> None:
    """Let a node, or all nodes of a rack, fail or be repaired."""
    now_s, count = state.real[NOW_S], len(state.node)
    first, end = number, number + 1
    if number >= count:
        place = state.whole[FIRST_RACK] + number - count
        write(state.buffer, now_s, FAIL if kind == FAILED else REPAIR, NOBODY, place)
        first, end = state.rack[number - count, FIRST_NODE], state.rack[number - count + 1, FIRST_NODE]
    for node in range(first, end):
        if kind == FAILED:
            _fail(state, node)
        else:
            _repair(state, node)
    state.whole[PASS_DUE] = 1
    if kind == FAILED:
        push(state.node_heap, now_s + draw(state.blocks, state.stream[number, DOWN]), REPAIRED + NODE_KINDS * number)
    else:
        push(state.node_heap, now_s + draw(state.blocks, state.stream[number, UP]), FAILED + NODE_KINDS * number)


@compiled
def _node_event(state: State) -> None:
    event, code = state.node_heap.number[0], state.node_heap.code[0]
    pop(state.node_heap)
    number, kind = code // NODE_KINDS, code % NODE_KINDS
    if kind in (FAILED, REPAIRED):
        _change_nodes(state, number, kind)
    elif event == state.node[number, NODE_TIMER]:  # else the node has got something to do, or failed, since
        state.node[number, NODE_TIMER] = NOBODY
        write(state.buffer, state.real[NOW_S], SLEEP if kind == ASLEEP else AWAKE, NOBODY, number)
        state.node[number, IS_ASLEEP] = kind == ASLEEP
        state.node[number, IS_WAKING] = 0
        state.node[number, IS_USABLE] = kind == AWAKENED
        refresh(state, 0, number)
        if kind == AWAKENED:
            rest(state, number)
            state.whole[PASS_DUE] = 1


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
    _ended(state, job, kind)


@compiled
def begin(state: State) -> None:
    """Schedule what is to happen first."""
    _begin(pointed(state))


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
        if not _take_stock(state):
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
            _node_event(state)
        elif job_s == now_s:
            _submit(state)
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
