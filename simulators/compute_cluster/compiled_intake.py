"""How the compiled engine takes in jobs: a block at a time, in place of those that have gone for good.

The state names a job by its row, which changes at every intake: rows of jobs that have gone are given up, the others
move up, and the next jobs of the feed come behind them. At least as many come as have stayed, so that all this costs
each job about the same however many wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster.compiled_state import (
    AHEAD,
    BEHIND,
    CLASS,
    CORES,
    COST_S,
    DEADLINE_US,
    ESTIMATE_LEFT_S,
    ESTIMATE_S,
    EXHAUSTED,
    FIRST_TASK,
    FOLLOWER_COUNT,
    FOLLOWERS,
    GONE,
    INTERVAL_S,
    KEY,
    LEFT,
    LINE_END,
    LINE_FIRST,
    MARGIN,
    MARGIN_WITHOUT_JOBS,
    NEXT_JOB,
    NEXT_JOB_S,
    NOBODY,
    NOW_S,
    NUMBER,
    PLAN_S,
    POSITION,
    PREDECESSORS,
    PRIORITY,
    PROMISED,
    QUEUE,
    RANK,
    REALS,
    RESERVED_S,
    RESTART_S,
    ROW,
    ROW_FIRST,
    ROW_LAST,
    RUN_US,
    RUNNING,
    SHAPE,
    SLOWDOWN,
    START_NUMBER,
    SUBMIT_S,
    TASKS,
    THINK_S,
    TIMER,
    USER,
    WAITS_FOR,
    WHOLES,
    WITHIN_US,
    WORK_LEFT_S,
    keeps_tree,
)
from simulators.compute_cluster.order import keys, processors_of
from simulators.compute_cluster.waiting_tree import JOB, WAITS, enter, new_tree
from simulators.compute_cluster.workload import MICROSECONDS, feed_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.compiled_state import State
    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.workload import Workload
    from simulators.event_heap import EventHeap
    from simulators.streams import Streams

__all__ = ["Intake"]

LEAST = 1024


class Intake:
    """Takes in the jobs of one run.

    Parameters
    ----------
    scenario
        The cluster.
    plan
        Its layout.
    streams
        Where random numbers come from.
    """

    def __init__(self, scenario: ComputeCluster, plan: Layout, streams: Streams) -> None:
        self._scenario, self._plan = scenario, plan
        self._feed = feed_of(scenario, streams)
        self._taken = 0

    def more(self, state: State) -> State:
        """Return the state with the next jobs; where there are none, it is EXHAUSTED."""
        stays = state.job[:, GONE] == 0
        kept = int(stays.sum())
        jobs = self._feed.take(max(LEAST, kept))
        # The last entry is for NOBODY, which is -1; what has gone is named by nothing but events that are void.
        moved = np.zeros(len(stays) + 1, np.int64)
        moved[:-1][stays] = np.arange(kept)
        moved[-1] = NOBODY
        state = self._with_jobs(_moved(state, moved, stays), jobs, kept)
        whole, now_s = state.whole, float(state.real[NOW_S])
        whole[LEFT] += len(jobs)
        whole[NEXT_JOB], whole[EXHAUSTED] = kept, len(jobs) == 0
        whole[MARGIN] = whole[MARGIN_WITHOUT_JOBS] + len(state.followers)
        # As SimPy reckons it: now, and the delay from now on.
        state.real[NEXT_JOB_S] = now_s + (float(jobs.submit_s[0]) - now_s) if len(jobs) else np.inf
        self._taken += len(jobs)
        return state

    def _with_jobs(self, state: State, jobs: Workload, kept: int) -> State:
        job, followers = _job_table(jobs, self._plan, self._taken)
        job[:, FOLLOWERS] += len(state.followers)
        job, followers = np.concatenate((state.job, job)), np.concatenate((state.followers, followers + kept))
        more = _work_table(jobs)
        more[:, KEY] = keys(self._scenario, jobs, self._plan.demand)
        work = np.concatenate((state.work, more))
        job[np.lexsort((job[:, NUMBER], work[:, KEY])), RANK] = np.arange(len(job))
        tree = state.tree
        if keeps_tree(state.whole):
            waiting = tree.place[tree.place[:, WAITS] != 0, JOB]
            shapes = len(self._plan.demand)
            tree, job[:, POSITION] = new_tree(job[:, RANK], job[:, SHAPE], job[:, TASKS], shapes)
            enter(tree, job[waiting, SHAPE], job[waiting, POSITION], work[waiting, PLAN_S])
        return state._replace(job=job, work=work, followers=followers, tree=tree)


def _moved(state: State, moved: NDArray[np.int64], stays: NDArray[np.bool_]) -> State:
    """Return the state without the jobs that have gone; ``moved`` is each row's new place, by the old one."""
    job, work = state.job[stays], state.work[stays]
    job[:, [AHEAD, BEHIND]] = moved[job[:, [AHEAD, BEHIND]]]
    owner = np.repeat(np.arange(len(stays)), state.job[:, FOLLOWER_COUNT])
    wanted = stays[owner] & stays[state.followers]
    followers = moved[state.followers[wanted]]
    job[:, FOLLOWER_COUNT] = np.bincount(moved[owner[wanted]], minlength=len(job))
    job[:, FOLLOWERS] = np.cumsum(job[:, FOLLOWER_COUNT]) - job[:, FOLLOWER_COUNT]
    running = state.running[: state.whole[RUNNING]]
    running[:] = moved[running]
    for line, (first, end) in zip(state.line, state.queue[:, [LINE_FIRST, LINE_END]].tolist(), strict=True):
        line[first:end] = moved[line[first:end]]
    state.row[:, [ROW_FIRST, ROW_LAST]] = moved[state.row[:, [ROW_FIRST, ROW_LAST]]]
    for heap in (state.end_heap, state.turn_heap):
        _rename(heap, moved)
    waiting = state.tree.place[:, JOB]
    waiting[:] = moved[waiting]
    return state._replace(job=job, work=work, followers=followers)


def _rename(heap: EventHeap, moved: NDArray[np.int64]) -> None:
    codes = heap.code[: heap.size[0]]
    codes[:] = moved[codes]


def _job_table(jobs: Workload, plan: Layout, first: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the jobs' whole numbers, and who waits for each, in the order of those that wait."""
    table = np.zeros((len(jobs), WHOLES), np.int64)
    table[:, NUMBER] = first + np.arange(len(jobs))
    table[:, RUN_US] = np.round(jobs.run_s * MICROSECONDS)
    for column, time_s in ((DEADLINE_US, jobs.deadline_s), (WITHIN_US, jobs.start_within_s)):
        never = np.isinf(time_s)
        table[:, column] = np.where(never, NOBODY, np.round(np.where(never, 0.0, time_s) * MICROSECONDS))
    table[:, TASKS], table[:, SHAPE], table[:, QUEUE] = jobs.tasks, jobs.shape, plan.queue[jobs.shape]
    table[:, USER], table[:, CLASS], table[:, PRIORITY] = jobs.user, jobs.job_class, jobs.priority
    table[:, CORES] = processors_of(jobs, plan.demand)
    waits_for = np.diff(jobs.after_first)
    table[:, PREDECESSORS] = table[:, WAITS_FOR] = waits_for
    table[:, FOLLOWER_COUNT] = np.bincount(jobs.after, minlength=len(jobs))
    table[1:, FOLLOWERS] = np.cumsum(table[:-1, FOLLOWER_COUNT])
    table[:, [START_NUMBER, TIMER, FIRST_TASK, ROW, AHEAD, BEHIND, PROMISED]] = NOBODY
    return table, np.repeat(np.arange(len(jobs)), waits_for)[np.argsort(jobs.after, kind="stable")]


def _work_table(jobs: Workload) -> NDArray[np.float64]:
    table = np.zeros((len(jobs), REALS))
    table[:, SUBMIT_S], table[:, ESTIMATE_S], table[:, THINK_S] = jobs.submit_s, jobs.estimate_s, jobs.think_s
    table[:, INTERVAL_S], table[:, COST_S], table[:, RESTART_S] = jobs.interval_s, jobs.cost_s, jobs.restart_s
    table[:, WORK_LEFT_S], table[:, ESTIMATE_LEFT_S] = jobs.run_s, jobs.estimate_s
    table[:, SLOWDOWN], table[:, RESERVED_S] = 1.0, -1.0
    return table
