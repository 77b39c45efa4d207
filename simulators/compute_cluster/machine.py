"""The nodes as the SimPy engine keeps them: what is free where, and where a job's tasks go."""

from __future__ import annotations

from collections import Counter
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from simulators.compute_cluster.machines import UNLIMITED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.scheduling import Scheduler

__all__ = ["Later", "Machine"]


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
        By shape: how many tasks fit now, nodes and power of their racks together.
    spare_mw
        By rack: milliwatts that it carries above what its nodes and tasks take.
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
        self.spare_mw: list[int] = plan.rack_mw.tolist()
        self.task_mw: list[list[int]] = plan.task_mw.tolist()
        self.is_limited = bool(plan.task_mw.any())
        self.rack_slots = [[sum(slots[node] for node in nodes) for nodes in self.racks] for slots in self._slots]
        self._room = [
            [self.fed(shape, rack, slots, self.spare_mw[rack]) for rack, slots in enumerate(self.rack_slots[shape])]
            for shape in self._shapes
        ]
        self.total = [sum(room) for room in self._room]

    def fed(self, shape: int, rack: int, slots: int, spare_mw: int) -> int:
        """Return for how many tasks of a shape a rack has nodes and power."""
        task_mw = self.task_mw[shape][rack]
        return min(slots, spare_mw // task_mw) if task_mw else slots

    def slots(self, shape: int, node: int, free: Sequence[int] | None = None) -> int:
        """Return how many tasks of a shape a node takes, or would take with other amounts free."""
        if not self.usable[node] or not self._may_use[shape][node]:
            return 0
        there = self.free[node] if free is None else free
        fewest = UNLIMITED
        for resource, amount in self._asked[shape]:
            fewest = min(fewest, there[resource] // amount)
        return fewest

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
        rack = self.rack[node]
        for shape in self._shapes:
            slots = self.slots(shape, node)
            self.rack_slots[shape][rack] += slots - self._slots[shape][node]
            self._slots[shape][node] = slots
            room = self.fed(shape, rack, self.rack_slots[shape][rack], self.spare_mw[rack])
            self.total[shape] += room - self._room[shape][rack]
            self._room[shape][rack] = room

    def take(self, shape: int, nodes: Sequence[int]) -> None:
        """Take a task's resources from each of the nodes, one of which may stand there several times."""
        self._move(shape, nodes, -1)

    def give(self, shape: int, nodes: Sequence[int]) -> None:
        """Give a task's resources back to each of the nodes."""
        self._move(shape, nodes, 1)

    def _move(self, shape: int, nodes: Sequence[int], sign: int) -> None:
        for place, node in enumerate(nodes, 1):
            free = self.free[node]
            for resource, amount in self._asked[shape]:
                free[resource] += sign * amount
            self.spare_mw[self.rack[node]] += sign * self.task_mw[shape][self.rack[node]]
            if place == len(nodes) or nodes[place] != node:  # tasks on one node follow one another
                self.refresh(node)

    def added(self, shape: int, free: Sequence[int], sign: int) -> list[int]:
        """Return amounts with a task's resources added (1) or taken away (-1)."""
        changed = list(free)
        for resource, amount in self._asked[shape]:
            changed[resource] += sign * amount
        return changed

    def holds(self, shape: int, nodes: Sequence[int]) -> bool:
        """Return whether tasks of a shape could start on these nodes now."""
        racks = Counter(self.rack[node] for node in nodes)
        fed = all(
            self.task_mw[shape][rack] == 0 or count * self.task_mw[shape][rack] <= self.spare_mw[rack]
            for rack, count in racks.items()
        )
        return fed and all(self.slots(shape, node) >= count for node, count in Counter(nodes).items())

    def place(
        self, shape: int, tasks: int, slots: Sequence[int] | None = None, room: Sequence[int] | None = None
    ) -> list[int]:
        """Return a node for each task of a job that fits, in the order in which the tasks start.

        Parameters
        ----------
        shape, tasks
            What is to be placed.
        slots, room
            Tasks that fit, by node and by rack; None: now.
        """
        slots, room = self._slots[shape] if slots is None else slots, self._room[shape] if room is None else room
        if not self._same_rack:
            return self._spread(shape, tasks, range(len(self.free)), slots, room)
        enough = [rack for rack, able in enumerate(room) if able >= tasks]
        if enough:
            return self._spread(shape, tasks, self.racks[min(enough, key=room.__getitem__)], slots, room)
        chosen: list[int] = []
        for rack in sorted(range(len(room)), key=lambda rack: -room[rack]):
            chosen += self._spread(shape, min(room[rack], tasks - len(chosen)), self.racks[rack], slots, room)
        return chosen

    def _spread(self, shape: int, tasks: int, nodes: range, slots: Sequence[int], room: Sequence[int]) -> list[int]:
        if self._single[shape] and not self.is_limited:
            return list(islice(self._candidates(shape, nodes, slots), tasks))
        left = list(room)
        chosen: list[int] = []
        for node in self._candidates(shape, nodes, slots):
            if len(chosen) == tasks:
                break
            if left[self.rack[node]]:
                left[self.rack[node]] -= 1
                chosen.append(node)
        return chosen

    def _candidates(self, shape: int, nodes: range, slots: Sequence[int]) -> Iterator[int]:
        """Give nodes in the order in which they would take tasks, each as often as it takes one."""
        if self._single[shape]:  # every node takes one task or none: both placements go by number
            yield from (node for node in nodes if slots[node])
            return
        able = [node for node in nodes if slots[node]]
        if self._spreading:
            able.sort(key=lambda node: -slots[node])
            for turn in range(1, slots[able[0]] + 1 if able else 1):
                yield from (node for node in able if slots[node] >= turn)
        else:
            for node in sorted(able, key=slots.__getitem__):
                yield from [node] * slots[node]


class Later:
    """What would be free later, as jobs come and go in thought: how many more tasks of one shape fit.

    Parameters
    ----------
    machine
        As it is now.
    shape
        Whose tasks are counted.
    """

    def __init__(self, machine: Machine, shape: int) -> None:
        self._machine, self._shape = machine, shape
        self._free = [list(amounts) for amounts in machine.free]
        self._rack_slots, self._spare_mw = list(machine.rack_slots[shape]), list(machine.spare_mw)

    def change(self, shape: int, nodes: Iterable[int], sign: int) -> int:
        """Give tasks' resources back (1), or take them (-1); return the tasks of the counted shape that are gained."""
        machine, counted = self._machine, self._shape
        gain = 0
        for node in nodes:
            rack = machine.rack[node]
            gain -= machine.fed(counted, rack, self._rack_slots[rack], self._spare_mw[rack])
            self._rack_slots[rack] -= machine.slots(counted, node, self._free[node])
            self._free[node] = machine.added(shape, self._free[node], sign)
            self._rack_slots[rack] += machine.slots(counted, node, self._free[node])
            self._spare_mw[rack] += sign * machine.task_mw[shape][rack]
            gain += machine.fed(counted, rack, self._rack_slots[rack], self._spare_mw[rack])
        return gain
