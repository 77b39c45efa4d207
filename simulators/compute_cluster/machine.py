"""The nodes as the SimPy engine keeps them: what is free where, and where a job's tasks go."""

from __future__ import annotations

from itertools import islice, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.scheduling import Scheduler

__all__ = ["Machine"]


class Machine:
    """What is free on every node, and how many tasks of every shape fit into it.

    Parameters
    ----------
    plan
        The machine's layout.
    scheduler
        Where tasks are to be placed.

    Attributes
    ----------
    free
        By node: what is free of each resource.
    usable
        By node: whether it is up and awake.
    total
        By shape: how many tasks fit now.
    """

    def __init__(self, plan: Layout, scheduler: Scheduler) -> None:
        self.free: list[list[int]] = plan.capacity.tolist()
        self.capacity: list[list[int]] = plan.capacity.tolist()
        self.usable = [True] * len(self.free)
        self.rack: list[int] = plan.rack.tolist()
        self.racks = [range(a, b) for a, b in pairwise(plan.rack_first.tolist())]
        self._asked: list[list[tuple[int, int]]] = [
            [(resource, amount) for resource, amount in enumerate(demand) if amount] for demand in plan.demand.tolist()
        ]
        self._may_use: list[list[bool]] = plan.may_use.tolist()
        self._shapes = range(len(self._asked))
        self._spreading = scheduler.placement == "spreading"
        self._same_rack = scheduler.same_rack
        self._slots = [[self.slots(shape, node) for node in range(len(self.free))] for shape in self._shapes]
        self._single = [max(slots, default=0) <= 1 for slots in self._slots]
        self.total = [sum(slots) for slots in self._slots]

    def slots(self, shape: int, node: int, free: Sequence[int] | None = None) -> int:
        """Return how many tasks of a shape a node takes, or would take with other amounts free."""
        if not self.usable[node] or not self._may_use[shape][node]:
            return 0
        there = self.free[node] if free is None else free
        return min(there[resource] // amount for resource, amount in self._asked[shape])

    def empty_slots(self, shape: int, node: int) -> int:
        """Return how many tasks of a shape a node would take, were it empty and usable."""
        if not self._may_use[shape][node]:
            return 0
        return min(self.capacity[node][resource] // amount for resource, amount in self._asked[shape])

    def is_empty(self, node: int) -> bool:
        """Return whether no task runs on a node."""
        return self.free[node] == self.capacity[node]

    def refresh(self, node: int) -> None:
        """Count again what fits on a node that has changed."""
        for shape in self._shapes:
            slots = self.slots(shape, node)
            self.total[shape] += slots - self._slots[shape][node]
            self._slots[shape][node] = slots

    def take(self, shape: int, nodes: Iterable[int]) -> None:
        """Take a task's resources from each of the nodes, one of which may stand there several times."""
        for node in nodes:
            for resource, amount in self._asked[shape]:
                self.free[node][resource] -= amount
            self.refresh(node)

    def give(self, shape: int, nodes: Iterable[int]) -> None:
        """Give a task's resources back to each of the nodes."""
        for node in nodes:
            for resource, amount in self._asked[shape]:
                self.free[node][resource] += amount
            self.refresh(node)

    def added(self, shape: int, free: Sequence[int], sign: int) -> list[int]:
        """Return amounts with a task's resources added (1) or taken away (-1)."""
        changed = list(free)
        for resource, amount in self._asked[shape]:
            changed[resource] += sign * amount
        return changed

    def place(self, shape: int, tasks: int) -> list[int]:
        """Return a node for each task of a job that fits, in the order in which the tasks start."""
        if not self._same_rack:
            return self._spread(shape, tasks, range(len(self.free)))
        room = [sum(self._slots[shape][node] for node in nodes) for nodes in self.racks]
        enough = [rack for rack, slots in enumerate(room) if slots >= tasks]
        if enough:
            return self._spread(shape, tasks, self.racks[min(enough, key=lambda rack: room[rack])])
        chosen: list[int] = []
        for rack in sorted(range(len(room)), key=lambda rack: -room[rack]):
            chosen += self._spread(shape, min(room[rack], tasks - len(chosen)), self.racks[rack])
        return chosen

    def _spread(self, shape: int, tasks: int, nodes: range) -> list[int]:
        slots = self._slots[shape]
        if self._single[shape]:  # every node takes one task or none: both placements go by number
            return list(islice((node for node in nodes if slots[node]), tasks))
        chosen: list[int] = []
        if self._spreading:
            able = sorted((node for node in nodes if slots[node]), key=lambda node: -slots[node])
            turn = 0
            while len(chosen) < tasks:
                turn += 1
                chosen += [node for node in able if slots[node] >= turn][: tasks - len(chosen)]
            return chosen
        for node in sorted((node for node in nodes if slots[node]), key=slots.__getitem__):
            chosen += [node] * min(slots[node], tasks - len(chosen))
            if len(chosen) == tasks:
                break
        return chosen
