"""What will be free when, node by node: the calendar of conservative backfilling where counting does not do."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.compute_cluster.layout import Layout
    from simulators.compute_cluster.machine import Machine

__all__ = ["Calendar", "Gap"]


class Gap(NamedTuple):
    """Where and when a job fits.

    Parameters
    ----------
    start_s
        The earliest time; infinite where there is none.
    slots
        By node: tasks that fit all the time.
    room
        By rack: tasks that fit and are fed all the time.
    """

    start_s: float
    slots: list[int]
    room: list[int]


class Calendar:
    """What is free on every node, and of every rack's power, at every time from now on, as steps.

    Parameters
    ----------
    plan
        The machine's layout.
    """

    def __init__(self, plan: Layout) -> None:
        self._plan = plan
        self._first_nodes = plan.rack_first[:-1]
        self._is_limited = bool(plan.task_mw.any())
        self._usable = plan.may_use.astype(np.int64)
        self._asked = [
            [(resource, amount) for resource, amount in enumerate(demand) if amount] for demand in plan.demand.tolist()
        ]
        self._times_s = [0.0]
        self._free = [plan.capacity.copy()]
        self._spare_mw = [plan.rack_mw.copy()]

    def begin_anew(self, now_s: float, machine: Machine) -> None:
        """Let every usable node be free for ever."""
        usable = np.array(machine.usable)[:, np.newaxis]
        self._times_s, self._free, self._spare_mw = [now_s], [self._plan.capacity * usable], [self._plan.rack_mw.copy()]

    def forget_before(self, now_s: float) -> None:
        """Drop the steps that have passed, and those that are none."""
        first = bisect_right(self._times_s, now_s) - 1
        kept = [first]
        for step in range(first + 1, len(self._times_s)):
            before = kept[-1]
            if not (
                np.array_equal(self._free[step], self._free[before])
                and np.array_equal(self._spare_mw[step], self._spare_mw[before])
            ):
                kept.append(step)
        self._times_s = [self._times_s[step] for step in kept]
        self._free = [self._free[step] for step in kept]
        self._spare_mw = [self._spare_mw[step] for step in kept]
        self._times_s[0] = max(self._times_s[0], now_s)

    def change(self, start_s: float, end_s: float, shape: int, nodes: Sequence[int], sign: int) -> None:
        """Give tasks' resources back (1), or take them (-1), from ``start_s`` until ``end_s``."""
        if not start_s < end_s:
            return
        changed, tasks = np.unique(nodes, return_counts=True)
        amounts = sign * tasks[:, np.newaxis] * self._plan.demand[shape]
        racks = self._plan.rack[changed]
        power_mw = sign * np.bincount(racks, tasks, len(self._spare_mw[0])).astype(np.int64) * self._plan.task_mw[shape]
        first = self._step_at(start_s)
        for step in range(first, self._step_at(end_s)):
            self._free[step][changed] += amounts
            self._spare_mw[step] += power_mw

    def add_node(self, node: int) -> None:
        """Let a node be used again from now on."""
        for free in self._free:
            free[node] += self._plan.capacity[node]

    def earliest(self, now_s: float, shape: int, tasks: int, duration_s: float) -> Gap:
        """Return the earliest time from ``now_s`` on at which so many tasks fit for so long, each on one node."""
        times_s = self._times_s
        slots_at = cache(partial(self._slots, shape=shape))  # steps are looked at again and again
        first = bisect_right(times_s, now_s) - 1
        while first < len(times_s):
            start_s = max(now_s, times_s[first])
            slots, spare_mw = slots_at(first), self._spare_mw[first]
            room = self._room(slots, spare_mw, shape)
            step = first + 1
            while room.sum() >= tasks and step < len(times_s) and times_s[step] < start_s + duration_s:
                slots = np.minimum(slots, slots_at(step))
                spare_mw = np.minimum(spare_mw, self._spare_mw[step])
                room = self._room(slots, spare_mw, shape)
                step += 1
            if room.sum() >= tasks:
                return Gap(start_s, slots.tolist(), room.tolist())
            # Where the last step has too little by itself, nothing fits that begins before its end.
            alone = self._room(slots_at(step - 1), self._spare_mw[step - 1], shape).sum()
            first = step if alone < tasks else first + 1
        return Gap(float("inf"), [], [])

    def _slots(self, step: int, shape: int) -> NDArray[np.int64]:
        """Return by node the tasks that fit in a step."""
        free, usable = self._free[step], self._usable[shape]
        (resource, amount), *others = self._asked[shape]
        slots = free[:, resource] // amount
        for resource, amount in others:
            slots = np.minimum(slots, free[:, resource] // amount)
        fitting: NDArray[np.int64] = np.maximum(slots, 0) * usable
        return fitting

    def _room(self, slots: NDArray[np.int64], spare_mw: NDArray[np.int64], shape: int) -> NDArray[np.int64]:
        """Return by rack the tasks that fit and are fed."""
        task_mw = self._plan.task_mw[shape]
        room: NDArray[np.int64] = np.add.reduceat(slots, self._first_nodes)
        if not self._is_limited:
            return room
        return np.where(task_mw > 0, np.minimum(room, spare_mw // np.maximum(task_mw, 1)), room)

    def _step_at(self, time_s: float) -> int:
        """Return the step that begins at a time; make one if none does."""
        position = bisect_left(self._times_s, time_s)
        if position == len(self._times_s) or self._times_s[position] != time_s:
            self._times_s.insert(position, time_s)
            self._free.insert(position, self._free[position - 1].copy())
            self._spare_mw.insert(position, self._spare_mw[position - 1].copy())
        return position
