"""Conservative backfilling, as the SimPy engine does it: every job is promised a start when it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from simulators.compute_cluster.calendar import Calendar
from simulators.compute_cluster.profile import Profile

if TYPE_CHECKING:
    from simulators.compute_cluster.operations import Operations
    from simulators.compute_cluster.pending import Pending

__all__ = ["CountedPromises", "NodePromises", "Promises"]

NOT_YET_S = -1.0


class Queues(Protocol):
    """What promises need of the scheduler.

    Attributes
    ----------
    queues
        Waiting jobs, by partition.
    held
        Partitions from which nothing starts.
    """

    queues: list[list[Pending]]
    held: set[int]

    def ordered(self, queue: list[Pending]) -> list[Pending]:
        """Return a queue's jobs in the order in which they are to start."""


class Promises(Protocol):
    """Gives every waiting job a start that nothing later puts off."""

    def keep(self) -> None:
        """Promise starts to new jobs, move promises forward where there is room, and start whose time has come."""

    def left(self, job: Pending) -> None:
        """Give away again what a job leaves before its time."""


class CountedPromises:
    """Promises where the jobs of a partition take one another's places, task by task, so that counting does.

    Parameters
    ----------
    cluster
        What jobs run on.
    queues
        Where they wait.
    """

    def __init__(self, cluster: Operations, queues: Queues) -> None:
        self._cluster, self._queues = cluster, queues
        # One shape a partition: the layout's most tasks are the partition's whole room.
        room = dict(zip(cluster.layout.queue.tolist(), cluster.layout.most_tasks.tolist(), strict=True))
        self._profiles = [Profile(room.get(queue, 0)) for queue in range(len(cluster.scenario.queues))]
        self._ended_early = [False] * len(self._profiles)

    def keep(self) -> None:
        """Go through the partitions."""
        now = self._cluster.env.now
        for number, queue in enumerate(self._queues.queues):
            if not queue or number in self._queues.held:
                continue
            profile = self._profiles[number]
            profile.forget_before(now)
            ordered = self._queues.ordered(queue)
            for job in ordered:
                if job.reserved_s >= 0 and self._ended_early[number]:
                    profile.change(job.reserved_s, job.reserved_s + job.plan_s, job.tasks)
                    self._reserve(profile, job)
            self._ended_early[number] = False
            for job in ordered:
                if job.reserved_s < 0:
                    self._reserve(profile, job)
            for job in ordered:
                if job.reserved_s <= now and job.tasks <= self._cluster.machine.total[job.shape]:
                    self._cluster.start(job)

    def _reserve(self, profile: Profile, job: Pending) -> None:
        job.reserved_s = profile.earliest_s(self._cluster.env.now, job.tasks, job.plan_s)
        profile.change(job.reserved_s, job.reserved_s + job.plan_s, -job.tasks)

    def left(self, job: Pending) -> None:
        """Count the job's tasks as free until its reservation ends."""
        now, until_s = self._cluster.env.now, job.reserved_s + job.plan_s
        if until_s > now:
            self._profiles[job.queue].change(now, until_s, job.tasks)
            self._ended_early[job.queue] = True


class NodePromises:
    """Promises of a start on certain nodes, where nodes, or what jobs ask of them, differ, or where nodes fail.

    Parameters
    ----------
    cluster
        What jobs run on.
    queues
        Where they wait.
    """

    def __init__(self, cluster: Operations, queues: Queues) -> None:
        self._cluster, self._queues = cluster, queues
        self._calendar = Calendar(cluster.layout)
        self._freed = False
        self._lost = False

    def keep(self) -> None:
        """Go through the partitions."""
        now, cluster = self._cluster.env.now, self._cluster
        if self._lost:
            self._begin_anew()
        self._calendar.forget_before(now)
        for number, queue in enumerate(self._queues.queues):
            if number in self._queues.held:
                for job in queue:
                    self._withdraw(job)
                continue
            ordered = self._queues.ordered(queue)
            for job in ordered:
                if job.reserved_s >= 0 and self._freed:
                    self._withdraw(job)
                    self._reserve(job)
            for job in ordered:
                if job.reserved_s < 0:
                    self._reserve(job)
            for job in ordered:
                # What has no length takes no room in the calendar, but does on its nodes until it ends.
                if job.reserved_s <= now and cluster.machine.holds(job.shape, job.reserved_nodes):
                    cluster.start(job, job.reserved_nodes)
        self._freed = False

    def left(self, job: Pending) -> None:
        """Count the job's nodes as free until its reservation ends."""
        now, until_s = self._cluster.env.now, job.reserved_s + job.plan_s
        if until_s > now and not self._lost:
            self._calendar.change(now, until_s, job.shape, job.nodes, 1)
            self._freed = True
        job.reserved_s = NOT_YET_S

    def lost(self) -> None:
        """Make all promises anew at the next pass: a node cannot be used any more."""
        self._lost = True

    def gained(self, node: int) -> None:
        """Let jobs move forward to a node that can be used again."""
        if not self._lost:
            self._calendar.add_node(node)
            self._freed = True

    def _begin_anew(self) -> None:
        cluster, now = self._cluster, self._cluster.env.now
        self._lost = False
        self._calendar.begin_anew(now, cluster.machine)
        for _, _, job in cluster.running:
            self._calendar.change(now, job.reserved_s + job.plan_s, job.shape, job.nodes, -1)
        for queue in self._queues.queues:
            for job in queue:
                job.reserved_s = NOT_YET_S

    def _reserve(self, job: Pending) -> None:
        gap = self._calendar.earliest(self._cluster.env.now, job.shape, job.tasks, job.plan_s)
        job.reserved_s = gap.start_s
        if gap.slots:
            job.reserved_nodes = self._cluster.machine.place(job.shape, job.tasks, gap.slots, gap.room)
            self._book(job, -1)

    def _withdraw(self, job: Pending) -> None:
        if 0 <= job.reserved_s < float("inf"):
            self._book(job, 1)
        job.reserved_s = NOT_YET_S

    def _book(self, job: Pending, sign: int) -> None:
        until_s = job.reserved_s + job.plan_s
        self._calendar.change(job.reserved_s, until_s, job.shape, job.reserved_nodes, sign)
