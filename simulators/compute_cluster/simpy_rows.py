"""Gang time-slicing, as the SimPy engine does it: rows of jobs that fit together take turns on the whole machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simpy.events import EventPriority

from simulators.compute_cluster.events import END, KILL, RESUME, START, SUSPEND, TASK
from simulators.compute_cluster.machine import Machine
from simulators.compute_cluster.progress import duration_s

if TYPE_CHECKING:
    import simpy

    from simulators.compute_cluster.operations import Operations
    from simulators.compute_cluster.pending import Pending
    from simulators.compute_cluster.simpy_scheduler import SimpyScheduler

__all__ = ["Rows"]


ENDS, TICKS = EventPriority(0), EventPriority(4)


class _Row:
    """Jobs that run at the same time, and what they leave free."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.jobs: list[Pending] = []


class Rows:
    """The rows, one of which runs.

    Parameters
    ----------
    cluster
        What jobs run on.
    scheduler
        Keeps the queue.
    """

    def __init__(self, cluster: Operations, scheduler: SimpyScheduler) -> None:
        self._cluster = cluster
        self._scheduler = scheduler
        settings = cluster.scenario.scheduler.time_slicing
        assert settings is not None  # noqa: S101 - else there are no rows
        self._quantum_s, self._most = settings.quantum_s, settings.rows
        self._rows: list[_Row] = []
        self._current = 0
        self._tick: simpy.Event | None = None

    def fill(self) -> None:
        """Put waiting jobs into rows, in the queue's order, until one finds no room."""
        if self._scheduler.held:
            return
        (queue,) = self._scheduler.queues
        for job in self._scheduler.ordered(queue):
            row = next((row for row in self._rows if job.tasks <= row.machine.total[job.shape]), None)
            if row is None:
                if len(self._rows) == self._most:
                    break
                row = _Row(Machine(self._cluster.layout, self._cluster.scenario.scheduler))
                self._rows.append(row)
            job.nodes = row.machine.place(job.shape, job.tasks)
            row.machine.take(job.shape, job.nodes)
            row.jobs.append(job)
            job.slowdown = self._cluster.slowdown(job.nodes)
            self._scheduler.started(job)
            if row is self._rows[self._current]:
                self._go_on(job)
        if len(self._rows) > 1 and self._tick is None:
            self._begin_quantum()

    def _go_on(self, job: Pending) -> None:
        cluster, now = self._cluster, self._cluster.env.now
        if job.start_number < 0:
            job.start_number = 0
            cluster.record((now, START, job.number, -1))
            for node in job.nodes:
                cluster.record((now, TASK, job.number, node))
        else:
            cluster.record((now, RESUME, job.number, -1))
        job.started_s = now
        kind = END
        left_s = job.work_left_s
        if cluster.kills and job.work_left_s > job.estimate_left_s:
            kind, left_s = KILL, job.estimate_left_s
        whole_s = duration_s(left_s, job.slowdown, float("inf"), 0.0, 0.0)
        job.timer = cluster.after(whole_s, ENDS, lambda event: self._end(job, event, kind))

    def _stand_still(self, job: Pending) -> None:
        now = self._cluster.env.now
        done_s = (now - job.started_s) / job.slowdown
        job.work_left_s = max(0.0, job.work_left_s - done_s)
        job.estimate_left_s = max(0.0, job.estimate_left_s - done_s)
        job.timer = None
        self._cluster.record((now, SUSPEND, job.number, -1))

    def _end(self, job: Pending, event: simpy.Event, kind: int) -> None:
        if event is not job.timer:
            return
        job.timer = None
        cluster = self._cluster
        cluster.record((cluster.env.now, kind, job.number, -1))
        self._scheduler.left(job)
        row = self._rows[self._current]
        row.jobs.remove(job)
        row.machine.give(job.shape, job.nodes)
        job.nodes = []
        if not row.jobs:
            del self._rows[self._current]
            self._tick = None
            self._current = self._current % len(self._rows) if self._rows else 0
            if self._rows:
                self._run_current()
        cluster.ended(job, kind)

    def _run_current(self) -> None:
        for job in self._rows[self._current].jobs:
            self._go_on(job)
        if len(self._rows) > 1:
            self._begin_quantum()

    def _begin_quantum(self) -> None:
        self._tick = self._cluster.after(self._quantum_s, TICKS, self._turn)

    def _turn(self, event: simpy.Event) -> None:
        if event is not self._tick:
            return
        self._tick = None
        if len(self._rows) > 1:
            for job in self._rows[self._current].jobs:
                self._stand_still(job)
            self._current = (self._current + 1) % len(self._rows)
            self._run_current()
