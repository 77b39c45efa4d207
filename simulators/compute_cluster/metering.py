"""One pass over a piece of a cluster's journal, with the state that the next piece needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.events import (
    CANCEL,
    CLASS,
    COMMAND,
    DUE,
    ELIGIBLE,
    END,
    FAIL,
    INTERRUPT,
    KILL,
    OWNER,
    PREEMPT,
    REJECT,
    RESUME,
    SIZE,
    SLEEP,
    START,
    START_WITHIN,
    SUBMIT,
    SUSPEND,
    TASK,
    WAKE,
    WORK,
)
from simulators.compute_cluster.ledger import (
    ALIVE,
    BASE,
    BEGIN_S,
    BUSY_CORES,
    BUSY_GPUS,
    CANCELLED,
    CORES,
    COUNTS,
    DEADLINE_MISSES,
    DEADLINES,
    DOWN,
    DUE_S,
    ENDED,
    FIRST_STARTS,
    FIRST_SUBMIT_S,
    FIRST_TASK,
    FREE_TASK,
    GOOD_CORE_S,
    GOOD_GPU_S,
    GPUS,
    HELD_TASKS,
    INTERRUPTIONS,
    JOB_CLASS,
    JOB_SHAPE,
    KILLED,
    LARGEST_SLOWDOWN,
    LAST_LEAVE_S,
    LAST_SUBMITTED,
    LEVEL_MISSES,
    LEVELS,
    LIVE_JOBS,
    LONGEST_WAIT_S,
    NOBODY,
    NOW_S,
    ON_NODES,
    PREEMPTIONS,
    QUEUE,
    READY_S,
    REJECTED,
    SLEEPING,
    SLOWDOWN,
    STARTED,
    STATE,
    SUBMITTED,
    SUBMITTED_S,
    TURNAROUND_S,
    UP,
    USED_CORES,
    USED_GPUS,
    USER,
    WAIT_S,
    WAITING,
    WAKING,
    WITHIN_S,
    WORK_S,
    Ledger,
)
from simulators.compute_cluster.pointing import pointed
from simulators.compute_cluster.power_metering import advance, reckon
from simulators.machine_code import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.journal import Journal

__all__ = ["close", "measure"]

TAU_S = 10.0
"""Shortest run time that bounded slowdown divides by."""

MICROSECONDS = 1e6


def measure(ledger: Ledger, piece: Journal) -> None:
    """Count the next events."""
    _measure_at(ledger, piece.time_s, piece.event, piece.entity, piece.place)


@compiled
def _measure_at(
    ledger: Ledger,
    time_s: NDArray[np.float64],
    event: NDArray[np.int16],
    entity: NDArray[np.int64],
    place: NDArray[np.int32],
) -> None:
    _measure(pointed(ledger), time_s, event, entity, place)


@compiled
def _measure(
    ledger: Ledger,
    time_s: NDArray[np.float64],
    event: NDArray[np.int16],
    entity: NDArray[np.int64],
    place: NDArray[np.int32],
) -> None:
    total, first_rack = ledger.total, ledger.place[0]
    for row in range(len(event)):
        kind, number, here, now_s = event[row], entity[row], place[row], time_s[row]
        if now_s > total[NOW_S]:
            advance(ledger, now_s)
        if kind <= START_WITHIN:
            _learn(ledger, kind, number, here, now_s)
        elif kind == START:
            _start(ledger, number, now_s)
        elif kind == TASK:
            _add_task(ledger, number, here)
        elif kind in (END, KILL, REJECT, CANCEL):
            _leave_for_good(ledger, kind, number, now_s)
        elif kind in (INTERRUPT, PREEMPT):
            _leave_nodes(ledger, number)
            _count(ledger, number, INTERRUPTIONS if kind == INTERRUPT else PREEMPTIONS, 1.0)
            total[WAITING] += 1
        elif kind in (SUSPEND, RESUME):
            _use(ledger, number, -1.0 if kind == SUSPEND else 1.0)
        elif kind == ELIGIBLE:
            ledger.live[number - int(total[BASE]), READY_S] = now_s
        elif kind != COMMAND and here < first_rack:
            ledger.node[here, STATE] = _state_after(kind)
            reckon(ledger, here)


@compiled
def _state_after(kind: int) -> float:
    if kind == FAIL:
        return DOWN
    if kind == SLEEP:
        return SLEEPING
    if kind == WAKE:
        return WAKING
    return UP  # REPAIR, AWAKE


@compiled
def _learn(ledger: Ledger, kind: int, number: int, here: int, now_s: float) -> None:
    """Take note of a new job, or of one of its properties."""
    total, place = ledger.total, ledger.place
    if kind == SUBMIT:
        job = ledger.live[number - int(total[BASE])]
        job[:] = 0.0
        job[ALIVE] = 1.0
        job[COUNTS] = 1.0 if now_s >= total[BEGIN_S] else 0.0
        job[SUBMITTED_S] = job[READY_S] = now_s
        job[QUEUE] = here - place[1]
        job[DUE_S] = job[WITHIN_S] = np.inf
        job[FIRST_TASK] = NOBODY
        total[LAST_SUBMITTED] = number
        total[LIVE_JOBS] += 1
        total[WAITING] += 1
        if total[FIRST_SUBMIT_S] < 0.0:
            total[FIRST_SUBMIT_S] = now_s
        return
    last = int(total[LAST_SUBMITTED])
    job = ledger.live[last - int(total[BASE])]
    if kind == CLASS:
        job[JOB_CLASS] = here - place[2]
    elif kind == OWNER:
        job[USER] = here - place[3]
        _count(ledger, last, SUBMITTED, 1.0)
    elif kind == SIZE:
        shape = here - place[4]
        job[JOB_SHAPE] = shape
        job[CORES] = number * ledger.demand[shape, 0]
        job[GPUS] = number * ledger.demand[shape, 1]
    elif kind == WORK:
        job[WORK_S] = number / MICROSECONDS
    elif kind == DUE:
        job[DUE_S] = number / MICROSECONDS
        _count(ledger, last, DEADLINES, 1.0)
    else:
        job[WITHIN_S] = number / MICROSECONDS
        _count(ledger, last, LEVELS, 1.0)


@compiled
def _count(ledger: Ledger, number: int, column: int, amount: float) -> None:
    """Add to a column of all groups of a job, if the job counts."""
    job = ledger.live[number - int(ledger.total[BASE])]
    if job[COUNTS] == 0.0:
        return
    place = ledger.place
    queue = 1 + int(job[QUEUE])
    job_class = 1 + (place[2] - place[1]) + int(job[JOB_CLASS])
    user = 1 + (place[3] - place[1]) + int(job[USER])
    _add(ledger, 0, column, amount)
    _add(ledger, queue, column, amount)
    _add(ledger, job_class, column, amount)
    _add(ledger, user, column, amount)


@compiled
def _add(ledger: Ledger, group: int, column: int, amount: float) -> None:
    if column in (LONGEST_WAIT_S, LARGEST_SLOWDOWN):
        ledger.group[group, column] = max(ledger.group[group, column], amount)
    else:
        ledger.group[group, column] += amount


@compiled
def _start(ledger: Ledger, number: int, now_s: float) -> None:
    job = ledger.live[number - int(ledger.total[BASE])]
    ledger.total[WAITING] -= 1
    job[ON_NODES] = 1.0
    ledger.total[BUSY_CORES] += job[CORES]
    ledger.total[BUSY_GPUS] += job[GPUS]
    if job[STARTED] == 0.0:
        job[STARTED] = 1.0
        wait_s = now_s - job[READY_S]
        _count(ledger, number, FIRST_STARTS, 1.0)
        _count(ledger, number, WAIT_S, wait_s)
        _count(ledger, number, LONGEST_WAIT_S, wait_s)
        if now_s - job[SUBMITTED_S] > job[WITHIN_S]:
            _count(ledger, number, LEVEL_MISSES, 1.0)


@compiled
def _add_task(ledger: Ledger, number: int, node: int) -> None:
    job = ledger.live[number - int(ledger.total[BASE])]
    task = int(ledger.total[FREE_TASK])
    ledger.total[FREE_TASK] = ledger.task[task, 1]
    ledger.total[HELD_TASKS] += 1
    ledger.task[task, 0] = node
    ledger.task[task, 1] = int(job[FIRST_TASK])
    job[FIRST_TASK] = task
    shape = int(job[JOB_SHAPE])
    ledger.node[node, USED_CORES] += ledger.demand[shape, 0]
    ledger.node[node, USED_GPUS] += ledger.demand[shape, 1]
    reckon(ledger, node)


@compiled
def _use(ledger: Ledger, number: int, sign: float) -> None:
    """Let a job's tasks use their nodes again, or no longer."""
    job = ledger.live[number - int(ledger.total[BASE])]
    shape = int(job[JOB_SHAPE])
    task = int(job[FIRST_TASK])
    while task != NOBODY:
        node = ledger.task[task, 0]
        ledger.node[node, USED_CORES] += sign * ledger.demand[shape, 0]
        ledger.node[node, USED_GPUS] += sign * ledger.demand[shape, 1]
        reckon(ledger, node)
        task = ledger.task[task, 1]
    job[ON_NODES] = 1.0 if sign > 0 else 0.0
    ledger.total[BUSY_CORES] += sign * job[CORES]
    ledger.total[BUSY_GPUS] += sign * job[GPUS]


@compiled
def _leave_nodes(ledger: Ledger, number: int) -> None:
    job = ledger.live[number - int(ledger.total[BASE])]
    if job[ON_NODES] > 0.0:
        _use(ledger, number, -1.0)
    task = int(job[FIRST_TASK])
    job[FIRST_TASK] = NOBODY
    while task != NOBODY:
        following = ledger.task[task, 1]
        ledger.task[task, 1] = int(ledger.total[FREE_TASK])
        ledger.total[FREE_TASK] = task
        ledger.total[HELD_TASKS] -= 1
        task = following


@compiled
def _leave_for_good(ledger: Ledger, kind: int, number: int, now_s: float) -> None:
    job, total = ledger.live[number - int(ledger.total[BASE])], ledger.total
    if kind in (END, KILL):
        _leave_nodes(ledger, number)
    else:
        total[WAITING] -= 1
    if kind == END:
        turnaround_s = now_s - job[SUBMITTED_S]
        slowdown = max(1.0, (now_s - job[READY_S]) / max(job[WORK_S], TAU_S))
        _count(ledger, number, ENDED, 1.0)
        _count(ledger, number, TURNAROUND_S, turnaround_s)
        _count(ledger, number, SLOWDOWN, slowdown)
        _count(ledger, number, LARGEST_SLOWDOWN, slowdown)
        _count(ledger, number, GOOD_CORE_S, job[WORK_S] * job[CORES])
        _count(ledger, number, GOOD_GPU_S, job[WORK_S] * job[GPUS])
    else:
        _count(ledger, number, KILLED if kind == KILL else REJECTED if kind == REJECT else CANCELLED, 1.0)
        if kind != KILL and job[WITHIN_S] < np.inf:
            _count(ledger, number, LEVEL_MISSES, 1.0)
    if job[DUE_S] < np.inf and (kind != END or now_s - job[SUBMITTED_S] > job[DUE_S]):
        _count(ledger, number, DEADLINE_MISSES, 1.0)
    job[ALIVE] = 0.0
    total[LIVE_JOBS] -= 1
    total[LAST_LEAVE_S] = now_s


@compiled
def close(ledger: Ledger, horizon_s: float) -> None:
    """Let time pass to the end of the run, and count what those jobs have missed that have not ended."""
    _close(pointed(ledger), horizon_s)


@compiled
def _close(ledger: Ledger, horizon_s: float) -> None:
    total = ledger.total
    if total[LIVE_JOBS] == 0:
        return
    advance(ledger, horizon_s)
    for position in range(len(ledger.live)):
        job = ledger.live[position]
        number = position + int(total[BASE])
        if job[ALIVE] == 0.0:
            continue
        if horizon_s - job[SUBMITTED_S] > job[DUE_S]:
            _count(ledger, number, DEADLINE_MISSES, 1.0)
        if job[STARTED] == 0.0 and horizon_s - job[SUBMITTED_S] > job[WITHIN_S]:
            _count(ledger, number, LEVEL_MISSES, 1.0)
