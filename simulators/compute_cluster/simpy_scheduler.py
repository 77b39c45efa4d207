"""Who starts next, as the SimPy engine decides it: order, backfilling, preemption, fair share, the student's policy."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from simulators.compute_cluster.machine import Later
from simulators.compute_cluster.order import changes_while_waiting
from simulators.compute_cluster.progress import decayed, multifactor, score
from simulators.compute_cluster.promises import CountedPromises, NodePromises
from simulators.compute_cluster.scheduling import ORDERS
from simulators.compute_cluster.views import ClusterView, JobView, RunningView
from simulators.compute_cluster.vocabulary import vocabulary

if TYPE_CHECKING:
    from simulators.compute_cluster.operations import Operations
    from simulators.compute_cluster.pending import Pending
    from simulators.compute_cluster.promises import Promises
    from simulators.policy import Policy

__all__ = ["SimpyScheduler"]

NEVER_S = float("inf")


class SimpyScheduler:
    """Keeps a queue for every partition and starts jobs from it.

    Parameters
    ----------
    cluster
        What jobs run on.
    policy
        Decides instead of order and backfilling, where there is one.
    """

    def __init__(self, cluster: Operations, policy: Policy | None) -> None:
        scenario = cluster.scenario
        self.cluster = cluster
        self.settings = scenario.scheduler
        self.queues: list[list[Pending]] = [[] for _ in scenario.queues]
        self.held: set[int] = set()  # queues from which nothing starts
        self._policy = policy
        self._order = ORDERS.index(self.settings.order.kind)
        self._dynamic = changes_while_waiting(scenario)
        names = vocabulary(scenario)
        self._users, self._classes = names.users, names.classes
        self._queue_names = [queue.name for queue in scenario.queues]
        # Then jobs take one another's places, task by task.
        self._alike = len(cluster.layout.demand) == 1 and not cluster.machine.is_limited
        self._gpus: list[int] = cluster.layout.demand[:, 1].tolist()
        self._cores = int(cluster.layout.capacity[:, 0].sum())
        self._usage = [0.0] * len(self._users)
        self._rate = [0] * len(self._users)  # cores in use
        self._settled_s = [0.0] * len(self._users)
        self.promises: Promises | None = None
        if self.settings.backfilling == "conservative" and policy is None:
            self.promises = (CountedPromises if scenario.plans_by_counting else NodePromises)(cluster, self)

    def add(self, job: Pending) -> None:
        """Put a job into its queue."""
        if self._policy is not None:
            job.shown = self._lasting(job)
        insort(self.queues[job.queue], job)

    def started(self, job: Pending) -> None:
        """Take a started job out of its queue, and begin to charge its user."""
        queue = self.queues[job.queue]
        del queue[bisect_left(queue, job)]
        self._settle(job.user)
        self._rate[job.user] += job.cores

    def left(self, job: Pending) -> None:
        """Stop charging its user when a job leaves; what it leaves early can be given away again."""
        self._settle(job.user)
        self._rate[job.user] -= job.cores
        if self.promises is not None:
            self.promises.left(job)

    def usable(self, node: int, *, usable: bool) -> None:
        """Take note that a node can be used again, or no longer."""
        if isinstance(self.promises, NodePromises):
            if usable:
                self.promises.gained(node)
            else:
                self.promises.lost()

    def pass_over(self) -> None:
        """Start what can start, queue by queue."""
        if self.promises is not None:
            self.promises.keep()
            return
        for number, queue in enumerate(self.queues):
            if not queue or number in self.held:
                continue
            if self._policy is not None:
                self._ask(self._policy, queue)
            else:
                self._in_order(queue)

    def ordered(self, queue: list[Pending]) -> list[Pending]:
        """Return a queue's jobs in the order in which they are to start."""
        if not self._dynamic:
            return list(queue)
        now = self.cluster.env.now
        if self.settings.order.kind != "multifactor":
            scores = [score(self._order, now - job.submit_s, job.estimate_s, float(job.cores)) for job in queue]
        else:
            scores = self._priorities(queue)
        return [job for _, job in sorted(zip(scores, queue, strict=True), key=lambda pair: pair[0])]

    # ---- in order, with or without EASY backfilling

    def _in_order(self, queue: list[Pending]) -> None:
        cluster = self.cluster
        ordered = self.ordered(queue)
        for position, job in enumerate(ordered):
            if self._fits(job) or (self.settings.preemption and self._make_room(job)):
                cluster.start(job)
                continue
            cluster.wake_for(job)
            if self.settings.backfilling == "easy":
                self._backfill(job, ordered[position + 1 :])
            return

    def _fits(self, job: Pending) -> bool:
        return job.tasks <= self.cluster.machine.total[job.shape]

    def _backfill(self, head: Pending, behind: list[Pending]) -> None:
        """Start jobs from behind that do not put off the head's start."""
        machine, now = self.cluster.machine, self.cluster.env.now
        shadow_s, extra, later = self._shadow(head)
        for job in behind:
            if not self._fits(job):
                continue
            if now + job.plan_s <= shadow_s:
                self.cluster.start(job)
                continue
            if job.shape == head.shape and job.tasks > extra:
                continue
            if later is None:
                self.cluster.start(job)
                extra -= job.tasks
                continue
            # The head loses room where this job would still run at the shadow time.
            nodes = machine.place(job.shape, job.tasks)
            loss = -later.change(job.shape, nodes, -1)
            if loss <= extra:
                self.cluster.start(job)
                extra -= loss
            else:
                later.change(job.shape, nodes, 1)

    def _shadow(self, head: Pending) -> tuple[float, int, Later | None]:
        """Return when the head can start, the room to spare then, and what is free then.

        Where all jobs are alike, counting does.
        """
        machine, now = self.cluster.machine, self.cluster.env.now
        later = None if self._alike else Later(machine, head.shape)
        room = machine.total[head.shape]
        shadow_s = NEVER_S
        for expected_end_s, _, job in self.cluster.running:
            end_s = max(expected_end_s, now)  # a job beyond its estimate may end at once
            if room >= head.tasks and end_s > shadow_s:
                break
            room += job.tasks if later is None else later.change(job.shape, job.nodes, 1)
            if room >= head.tasks:
                shadow_s = end_s
        return shadow_s, room - head.tasks, later

    # ---- preemption

    def _make_room(self, head: Pending) -> bool:
        """Preempt the least important, latest started jobs until the head fits; none in vain."""
        later = Later(self.cluster.machine, head.shape)
        room = self.cluster.machine.total[head.shape]
        victims = []
        lower = [job for _, _, job in self.cluster.running if job.priority < head.priority]
        for job in sorted(lower, key=lambda job: (job.priority, -job.start_number)):
            room += later.change(job.shape, job.nodes, 1)
            victims.append(job)
            if room >= head.tasks:
                break
        else:
            return False
        for job in reversed(list(victims)):
            loss = -later.change(job.shape, job.nodes, -1)
            if room - loss >= head.tasks:
                room -= loss
                victims.remove(job)
            else:
                later.change(job.shape, job.nodes, 1)
        for job in victims:
            self.cluster.preempt(job)
        return True

    # ---- fair share

    def _settle(self, user: int) -> None:
        if self.settings.order.kind == "multifactor":
            now = self.cluster.env.now
            elapsed_s = now - self._settled_s[user]
            half_life_s = self.settings.order.half_life_s
            self._usage[user] = decayed(self._usage[user], float(self._rate[user]), elapsed_s, half_life_s)
            self._settled_s[user] = now

    def _priorities(self, queue: list[Pending]) -> list[float]:
        weights, now = self.settings.order, self.cluster.env.now
        assert weights.kind == "multifactor"  # noqa: S101 - the only order that comes here
        for user in range(len(self._users)):
            self._settle(user)
        total = 0.0
        for usage in self._usage:
            total += usage
        return [
            multifactor(
                now - job.submit_s,
                self._usage[job.user] / total if total > 0.0 else 0.0,
                1.0 / len(self._users),
                job.cores / self._cores,
                float(job.priority),
                weights.age_weight,
                weights.fair_share_weight,
                weights.size_weight,
                weights.priority_weight,
                weights.longest_age_s,
            )
            for job in queue
        ]

    # ---- the student's policy

    def _ask(self, policy: Policy, queue: list[Pending]) -> None:
        """Start the jobs that the policy names, one after the other, until it names none or none fits."""
        now, total = self.cluster.env.now, self.cluster.machine.total
        while any(job.tasks <= total[job.shape] for job in queue):
            question = (self._seen(queue, now), self._machine_seen(), now)
            index = policy.optional_index(len(queue), *question)
            if index is None:
                break
            job = queue[index]
            if not self._fits(job):
                room = self.cluster.machine.total[job.shape]
                wanted = (
                    f"None, or the index of a job that fits: job {job.number} needs room for {job.tasks} tasks, "
                    f"and there is room for {room}"
                )
                policy.refuse(index, wanted, *question)
            self.cluster.start(job)
        if queue:
            self.cluster.wake_for(queue[0])

    def _seen(self, queue: list[Pending], now: float) -> tuple[JobView, ...]:
        total = self.cluster.machine.total
        return tuple(
            JobView._make((*job.shown, job.plan_s, now - job.submit_s, job.priority, job.tasks <= total[job.shape]))
            for job in queue
        )

    def _lasting(self, job: Pending) -> tuple[int, str, str, str, int, int, int, float]:
        """Return what a policy is shown of a job that stays the same, in the order of a view."""
        names = self._users[job.user], self._classes[job.job_class], self._queue_names[job.queue]
        return job.number, *names, job.tasks, job.cores, job.tasks * self._gpus[job.shape], job.submit_s

    def _machine_seen(self) -> ClusterView:
        machine, gpus = self.cluster.machine, self._gpus
        capacity, free = machine.capacity, machine.free
        if not all(machine.usable):
            up = [node for node, usable in enumerate(machine.usable) if usable]
            capacity, free = [capacity[node] for node in up], [free[node] for node in up]
        running = tuple(
            RunningView._make((job.number, job.tasks, job.cores, job.tasks * gpus[job.shape], end_s))
            for end_s, _, job in self.cluster.running
        )
        return ClusterView(
            len(machine.free),
            len(free),
            sum([amounts[0] for amounts in capacity]),
            sum([amounts[0] for amounts in free]),
            sum([amounts[1] for amounts in capacity]),
            sum([amounts[1] for amounts in free]),
            running,
        )
