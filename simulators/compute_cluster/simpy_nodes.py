"""Nodes fail, are repaired, drained, fall asleep and wake up, as the SimPy engine does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from simpy.events import EventPriority

from simulators.compute_cluster.ageing import Ageing
from simulators.compute_cluster.events import AWAKE, FAIL, REPAIR, SLEEP, WAKE

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy

    from simulators.compute_cluster.events import Places
    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.machine import Machine
    from simulators.compute_cluster.pending import Pending
    from simulators.compute_cluster.scenario import ComputeCluster
    from simulators.compute_cluster.simpy_scheduler import SimpyScheduler
    from simulators.streams import Streams

__all__ = ["Nodes"]

NODES = EventPriority(1)


class Inhabited(Protocol):
    """What nodes need of the cluster around them.

    Attributes
    ----------
    env
        SimPy's clock.
    scenario, places, layout, machine
        The machine, as data and as it is now.
    scheduler
        Told which nodes can be used.
    running
        ``(expected end, number of the start, job)`` of every running job, in order.
    record
        Takes an event.
    left
        Jobs that have not ended; without any, nodes do nothing any more.
    """

    env: simpy.Environment
    scenario: ComputeCluster
    places: Places
    layout: Layout
    machine: Machine
    scheduler: SimpyScheduler
    running: list[tuple[float, int, Pending]]
    record: Callable[[tuple[float, int, int, int]], None]
    left: int

    def interrupt(self, job: Pending) -> None:
        """Take a job off its nodes, one of which has failed."""

    def request_pass(self) -> None:
        """Let the scheduler look again."""

    def after(self, delay_s: float, priority: EventPriority, happening: Callable[[simpy.Event], None]) -> simpy.Event:
        """Call ``happening`` once ``delay_s`` from now; return SimPy's event for it."""


class Nodes:
    """The nodes of a cluster, apart from what runs on them.

    Parameters
    ----------
    cluster
        Whose nodes they are.
    streams
        Where random numbers come from.

    Attributes
    ----------
    down, drained, asleep, waking
        By node: for how many reasons it is down, and whether it is the others.
    ageing
        By node that fails by itself, what lets it.
    """

    def __init__(self, cluster: Inhabited, streams: Streams) -> None:
        self._cluster, self._machine, self._layout = cluster, cluster.machine, cluster.layout
        self._types, self._record = cluster.scenario.node_types, cluster.record
        count = cluster.places.nodes
        self.down = [0] * count
        self.drained = [False] * count
        self.asleep = [False] * count
        self.waking = [False] * count
        self.ageing: dict[int, Ageing] = {}
        self._timer: list[simpy.Event | None] = [None] * count  # what puts the node to sleep, or wakes it
        self._begin(streams)

    def _begin(self, streams: Streams) -> None:
        cluster, names, first_rack = self._cluster, self._cluster.places.names, self._cluster.places.first_rack
        for node, number in enumerate(self._layout.node_type.tolist()):
            failures = self._types[number].failures
            if failures is not None:
                self.ageing[node] = Ageing(cluster, self, f"node.{names[node]}", failures, streams, [node], -1)
        for rack, number in enumerate(self._layout.rack_type.tolist()):
            failures = self._types[number].rack_failures
            if failures is not None:
                nodes, place = list(self._machine.racks[rack]), first_rack + rack
                Ageing(cluster, self, names[place], failures, streams, nodes, place)
        for node in range(len(self.down)):
            self.rest(node)

    def fail(self, node: int) -> None:
        """Let a node fail, for one more reason; its jobs wait again."""
        self.down[node] += 1
        if self.down[node] > 1:
            return
        self._record((self._cluster.env.now, FAIL, -1, node))
        self.asleep[node] = self.waking[node] = False
        self._timer[node] = None
        self._set_usable(node, False)
        for job in [job for _, _, job in self._cluster.running if node in job.nodes]:
            self._cluster.interrupt(job)

    def repair(self, node: int) -> None:
        """Take one reason away for which a node is down; without any it takes jobs again."""
        self.down[node] -= 1
        if self.down[node] == 0:
            self._record((self._cluster.env.now, REPAIR, -1, node))
            self._set_usable(node, True)
            self.rest(node)

    def drain(self, node: int, *, drained: bool) -> None:
        """Give a node no more tasks, or some again."""
        self.drained[node] = drained
        self._set_usable(node, not (self.down[node] or self.asleep[node] or self.waking[node]))
        self.rest(node)
        self._cluster.request_pass()

    def _set_usable(self, node: int, usable: bool) -> None:
        before, now = self._machine.usable[node], usable and not self.drained[node]
        self._machine.usable[node] = now
        self._machine.refresh(node)
        if now != before:
            self._cluster.scheduler.usable(node, usable=now)

    def is_used(self, node: int) -> None:
        """Let a node stay awake that has got something to do."""
        self._timer[node] = None

    def rest(self, node: int) -> None:
        """Let a node that has nothing to do fall asleep after a while, if its type does that."""
        sleep = self._types[self._layout.node_type[node]].sleep
        if sleep is not None and self._machine.usable[node] and self._machine.is_empty(node):
            self._timer[node] = self._cluster.after(sleep.after_s, NODES, lambda event: self._fall_asleep(node, event))

    def _fall_asleep(self, node: int, event: simpy.Event) -> None:
        if event is self._timer[node] and self._cluster.left:
            self._timer[node] = None
            self.asleep[node] = True
            self._record((self._cluster.env.now, SLEEP, -1, node))
            self._set_usable(node, False)

    def wake_for(self, job: Pending) -> None:
        """Wake sleeping nodes, lowest number first, as many as a job lacks that does not fit."""
        if not any(self.asleep):
            return
        able = [(node, self._machine.empty_slots(job.shape, node)) for node in range(len(self.down))]
        missing = job.tasks - self._machine.total[job.shape]
        missing -= sum(slots for node, slots in able if self.waking[node] and not self.drained[node])
        for node, slots in able:
            if missing > 0 and self.asleep[node] and not self.drained[node] and slots > 0:
                missing -= slots
                self._wake(node)

    def _wake(self, node: int) -> None:
        sleep = self._types[self._layout.node_type[node]].sleep
        assert sleep is not None  # noqa: S101 - only such nodes fall asleep
        self.asleep[node], self.waking[node] = False, True
        self._record((self._cluster.env.now, WAKE, -1, node))
        self._timer[node] = self._cluster.after(sleep.wake_s, NODES, lambda event: self._awake(node, event))

    def _awake(self, node: int, event: simpy.Event) -> None:
        if event is self._timer[node] and self._cluster.left:
            self._timer[node] = None
            self.waking[node] = False
            self._record((self._cluster.env.now, AWAKE, -1, node))
            self._set_usable(node, True)
            self.rest(node)
            self._cluster.request_pass()
