"""The compute cluster as people read it: SimPy keeps the clock, each kind of event is a method.

Order of simultaneous events. At one instant come all ends of jobs; then all failures, repairs and changes of sleeping
nodes; then all submissions; then jobs that have waited for others; then changes of rows under time-slicing; each kind
in the order in which it was scheduled. After them the scheduler passes once over the queues. A job of no length that
it starts ends at the same instant, and the scheduler passes again.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import TYPE_CHECKING

import numpy as np
import simpy
from simpy.events import EventPriority

from simulators.compute_cluster.events import (
    CANCEL,
    CLASS,
    DUE,
    ELIGIBLE,
    END,
    INTERRUPT,
    KILL,
    OWNER,
    PREEMPT,
    REJECT,
    SIZE,
    START,
    START_WITHIN,
    SUBMIT,
    TASK,
    WORK,
    Places,
)
from simulators.compute_cluster.layout import layout
from simulators.compute_cluster.machine import Machine
from simulators.compute_cluster.order import keys, processors_of
from simulators.compute_cluster.pending import Pending
from simulators.compute_cluster.progress import duration_s, work_done_s, work_saved_s
from simulators.compute_cluster.simpy_nodes import Nodes
from simulators.compute_cluster.simpy_rows import Rows
from simulators.compute_cluster.simpy_scheduler import SimpyScheduler
from simulators.compute_cluster.workload import MICROSECONDS, feed_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.policy import Policy
    from simulators.recorder import Recorder
    from simulators.streams import Streams

__all__ = ["Cluster", "run"]

JOBS_AT_A_TIME = 256

# Priorities of events at one instant.
ENDS, _NODES, SUBMISSIONS, TURNS, TICKS, PASSES = (EventPriority(number) for number in range(6))


def run(scenario: ComputeCluster, streams: Streams, recorder: Recorder, policies: Mapping[str, Policy]) -> None:
    """Run the cluster from empty until its last job has ended, or to its horizon.

    Parameters
    ----------
    scenario
        The cluster.
    streams
        Where its random numbers come from.
    recorder
        Takes its events.
    policies
        ``schedule``: asked instead of the scenario's order and backfilling.
    """
    cluster = Cluster(scenario, streams, recorder, policies.get("schedule"))
    recorder.run(cluster.env, scenario.horizon_s)


class Cluster:
    """A cluster that can be run, paused and looked at.

    Parameters
    ----------
    scenario
        The cluster.
    streams
        Where its random numbers come from.
    recorder
        Takes its events.
    policy
        Decides who starts next, instead of the scenario's scheduler.

    Attributes
    ----------
    env
        SimPy's environment; ``env.now`` is in seconds.
    coming
        The next jobs in order of submission, drawn a block at a time.
    running
        ``(expected end, number of the start, job)`` of every running job, in order.
    left
        Jobs that have not ended yet.
    nodes
        What nodes are up to.
    """

    def __init__(
        self, scenario: ComputeCluster, streams: Streams, recorder: Recorder, policy: Policy | None = None
    ) -> None:
        self.env = simpy.Environment()
        self.record = recorder.record
        self.scenario = scenario
        self.places = Places(scenario)
        self.layout = layout(scenario)
        self.machine = Machine(self.layout, scenario.scheduler)
        self.coming: deque[Pending] = deque()
        self.running: list[tuple[float, int, Pending]] = []
        self.left = 0  # jobs that have come, or are about to, and have not ended
        self._feed = feed_of(scenario, streams)
        self._drawn = 0
        self._starts = 0
        self._pass_is_due = False
        self.kills = scenario.scheduler.over_estimate == "kill"
        self._racks = len(self.machine.racks)
        self._worst = 1.0 + (scenario.cross_rack_slowdown if self._racks > 1 else 0.0)
        self.scheduler = SimpyScheduler(self, policy)
        self.rows = Rows(self, self.scheduler) if scenario.scheduler.time_slicing is not None else None
        self.nodes = Nodes(self, streams)
        self._next_submission()

    def after(self, delay_s: float, priority: EventPriority, happening: Callable[[simpy.Event], None]) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""
        event = self.env.event()
        event._ok, event._value = True, None  # like a Timeout, which has no priority
        event.callbacks.append(happening)
        self.env.schedule(event, priority, delay_s)
        return event

    def request_pass(self) -> None:
        """Let the scheduler pass over the queues once everything else at this instant has happened."""
        if not self._pass_is_due:
            self._pass_is_due = True
            self.after(0.0, PASSES, self._pass)

    # ---- jobs come

    def _next_submission(self) -> None:
        if not self.coming:
            self._draw_jobs()
        if self.coming:
            job = self.coming.popleft()
            self.after(job.submit_s - self.env.now, SUBMISSIONS, lambda _: self._submit(job))

    def _draw_jobs(self) -> None:
        block = self._feed.take(JOBS_AT_A_TIME)
        demand, queue = self.layout.demand, self.layout.queue.tolist()
        place, cores = keys(self.scenario, block, demand).tolist(), processors_of(block, demand).tolist()
        first, after = block.after_first.tolist(), block.after.tolist()
        lists = {name: getattr(block, name).tolist() for name in Pending.COLUMNS}
        jobs: list[Pending] = []
        for row in range(len(block)):
            columns = {name: values[row] for name, values in lists.items()}
            waits_for = first[row + 1] - first[row]
            jobs.append(Pending(self._drawn + row, place[row], cores[row], queue[columns["shape"]], waits_for, columns))
        for row, job in enumerate(jobs):
            for other in after[first[row] : first[row + 1]]:
                jobs[other].followers.append(job)
        self._drawn += len(jobs)
        self.left += len(jobs)
        self.coming.extend(jobs)

    def _submit(self, job: Pending) -> None:
        number, now, places = job.number, self.env.now, self.places
        job.submitted = True
        self.record((now, SUBMIT, number, places.first_queue + job.queue))
        self.record((now, CLASS, number, places.first_class + job.job_class))
        self.record((now, OWNER, number, places.first_user + job.user))
        self.record((now, SIZE, job.tasks, places.first_shape + job.shape))
        self.record((now, WORK, round(job.run_s * MICROSECONDS), -1))
        if job.deadline_s < np.inf:
            self.record((now, DUE, round(job.deadline_s * MICROSECONDS), -1))
        if job.start_within_s < np.inf:
            self.record((now, START_WITHIN, round(job.start_within_s * MICROSECONDS), -1))
        if job.tasks > self.layout.most_tasks[job.shape]:
            self._drop(job, REJECT)
        elif job.cancelled:
            self._drop(job, CANCEL)
        elif job.waits_for == 0:
            self._take_turn(job)
        self._next_submission()

    def _take_turn(self, job: Pending) -> None:
        """Put a job into the queue for which no other job has to be waited."""
        if job.ready_s > self.env.now:
            self.after(job.ready_s - self.env.now, TURNS, lambda _: self._enqueue(job))
        else:
            self._enqueue(job)

    def _enqueue(self, job: Pending) -> None:
        if job.has_predecessors and not job.interruptions:
            self.record((self.env.now, ELIGIBLE, job.number, -1))
        pessimistic = self._worst if job.tasks > 1 else 1.0
        job.plan_s = duration_s(job.estimate_left_s, pessimistic, job.interval_s, job.cost_s, job.restart_left_s)
        self.scheduler.add(job)
        self.request_pass()

    def _drop(self, job: Pending, event: int) -> None:
        """End a job that has never run, and all that wait for it."""
        self.record((self.env.now, event, job.number, -1))
        self._finish()
        self._cancel_followers(job)

    def _cancel_followers(self, job: Pending) -> None:
        hopeless = [job]
        for one in hopeless:
            for follower in one.followers:
                if follower.cancelled:
                    continue
                follower.cancelled = True
                if follower.submitted:
                    self.record((self.env.now, CANCEL, follower.number, -1))
                    self._finish()
                    hopeless.append(follower)

    def _finish(self) -> None:
        self.left -= 1

    # ---- jobs start, and leave

    def start(self, job: Pending, nodes: list[int] | None = None) -> None:
        """Start a job that fits, on these nodes or on those that the placement chooses."""
        now = self.env.now
        nodes = self.machine.place(job.shape, job.tasks) if nodes is None else nodes
        self.machine.take(job.shape, nodes)
        self.record((now, START, job.number, -1))
        for node in nodes:
            self.record((now, TASK, job.number, node))
            self.nodes.is_used(node)
        job.nodes = nodes
        job.started_s = now
        job.slowdown = self.slowdown(nodes)
        self.scheduler.started(job)
        plan_s = duration_s(job.estimate_left_s, job.slowdown, job.interval_s, job.cost_s, job.restart_left_s)
        job.expected_end_s = now + plan_s
        job.start_number = self._starts
        self._starts += 1
        insort(self.running, (job.expected_end_s, job.start_number, job))
        if self.kills and job.work_left_s > job.estimate_left_s:
            job.timer = self.after(plan_s, ENDS, lambda event: self._end(job, event, KILL))
        else:
            whole_s = duration_s(job.work_left_s, job.slowdown, job.interval_s, job.cost_s, job.restart_left_s)
            job.timer = self.after(whole_s, ENDS, lambda event: self._end(job, event, END))

    def slowdown(self, nodes: list[int]) -> float:
        """Return what the time of work on these nodes is multiplied with."""
        racks = {self.machine.rack[node] for node in nodes}
        return 1.0 + self.scenario.cross_rack_slowdown if len(racks) > 1 else 1.0

    def _end(self, job: Pending, event: simpy.Event, kind: int) -> None:
        if event is not job.timer:  # it was interrupted since
            return
        self._leave(job, kind)
        self.ended(job, kind)

    def ended(self, job: Pending, kind: int) -> None:
        """Go on after a job has left for good."""
        self._finish()
        if kind == KILL:
            self._cancel_followers(job)
        else:
            for follower in job.followers:
                follower.waits_for -= 1
                if follower.waits_for == 0:
                    follower.ready_s = self.env.now + follower.think_s
                    if follower.submitted and not follower.cancelled:
                        self._take_turn(follower)
        self.request_pass()

    def _leave(self, job: Pending, kind: int) -> None:
        self.record((self.env.now, kind, job.number, -1))
        job.timer = None
        del self.running[bisect_left(self.running, (job.expected_end_s, job.start_number))]
        self.scheduler.left(job)
        self.machine.give(job.shape, job.nodes)
        nodes, job.nodes = job.nodes, []
        for node in nodes:
            self.nodes.rest(node)

    def preempt(self, job: Pending) -> None:
        """Take its nodes from a running job; what it has done is written down, where it writes checkpoints."""
        elapsed_s = self.env.now - job.started_s
        if job.interval_s < np.inf:
            done_s = work_done_s(elapsed_s, job.slowdown, job.interval_s, job.cost_s, job.restart_left_s)
            self._keep(job, done_s, job.cost_s)
        self._leave(job, PREEMPT)
        job.interruptions += 1
        self._enqueue(job)

    def interrupt(self, job: Pending) -> None:
        """Take a job off its nodes, one of which has failed."""
        elapsed_s = self.env.now - job.started_s
        saved_s = work_saved_s(elapsed_s, job.slowdown, job.interval_s, job.cost_s, job.restart_left_s)
        self._keep(job, saved_s, 0.0)
        self._leave(job, INTERRUPT)
        job.interruptions += 1
        self._enqueue(job)

    def _keep(self, job: Pending, done_s: float, writing_s: float) -> None:
        if done_s > 0.0:
            job.work_left_s = max(0.0, job.work_left_s - done_s)
            job.estimate_left_s = max(0.0, job.estimate_left_s - done_s)
            job.restart_left_s = job.restart_s + writing_s

    def wake_for(self, job: Pending) -> None:
        """Wake sleeping nodes for a job that does not fit."""
        self.nodes.wake_for(job)

    # ---- the scheduler looks

    def _pass(self, _: simpy.Event) -> None:
        self._pass_is_due = False
        if self.rows is not None:
            self.rows.fill()
        else:
            self.scheduler.pass_over()
