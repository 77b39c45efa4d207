"""Tables of what happened in a cluster: jobs on nodes, jobs in queues, nodes in their conditions."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]
    Times = NDArray[np.float64]

__all__ = ["Condition", "NodeSpells", "Stays", "Waits", "lowest_free"]


class Condition(IntEnum):
    """What a node is fit for."""

    UP = 0
    """It takes jobs."""
    DRAINED = 1
    """It finishes the jobs that it has, and takes no more."""
    WAKING = 2
    """It has been called, and will take jobs soon."""
    ASLEEP = 3
    """It sleeps, to save power."""
    DOWN = 4
    """It has failed."""


@dataclass(frozen=True, eq=False)
class _Rows:
    """Columns of one length, with when each row begins and ends, in simulated seconds; infinite where it goes on."""

    start_s: Times
    end_s: Times

    def chosen(self, rows: NDArray[np.generic]) -> Self:
        """Return some of the rows, by number or by yes and no."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))

    def within(self, start_s: float, end_s: float) -> Self:
        """Return the rows that touch a window."""
        return self.chosen((self.end_s > start_s) & (self.start_s < end_s) & (self.end_s > self.start_s))


@dataclass(frozen=True, eq=False)
class Stays(_Rows):
    """Jobs on nodes: ``N`` rows, one for each node of each run of a job, in order of their starts.

    Parameters
    ----------
    job, user, node
        ``(N,)`` numbers.
    cores, gpus
        ``(N,)`` what it takes there.
    nodes
        ``(N,)`` how many nodes that run has.
    rank
        ``(N,)`` which of them this one is, from 0.
    """

    job: Numbers
    user: Numbers
    node: Numbers
    cores: Numbers
    gpus: Numbers
    nodes: Numbers
    rank: Numbers


@dataclass(frozen=True, eq=False)
class Waits(_Rows):
    """Jobs in queues: ``N`` rows in order of their beginnings, some of no length.

    Parameters
    ----------
    job, user, queue
        ``(N,)`` numbers.
    cores
        ``(N,)`` what it asks for in all.
    anew
        ``(N,)`` whether it has run before.
    starts
        ``(N,)`` whether it is started at the end, and not refused.
    """

    job: Numbers
    user: Numbers
    queue: Numbers
    cores: Numbers
    anew: NDArray[np.bool_]
    starts: NDArray[np.bool_]

    def slots(self) -> Numbers:
        """Return ``(N,)`` places in their queues' shelves: the lowest that is free when the wait begins."""
        slot = np.empty(len(self.job), np.int64)
        for queue in np.unique(self.queue):
            mine = np.flatnonzero(self.queue == queue)
            slot[mine] = lowest_free(self.start_s[mine], self.end_s[mine])
        return slot


@dataclass(frozen=True, eq=False)
class NodeSpells(_Rows):
    """What nodes did: ``N`` rows by node and time; neighbours differ.

    Parameters
    ----------
    node
        ``(N,)`` numbers.
    cores, gpus
        ``(N,)`` in use.
    condition
        ``(N,)`` a :class:`Condition`.
    """

    node: Numbers
    cores: Numbers
    gpus: Numbers
    condition: Numbers


def lowest_free(start_s: Times, end_s: Times) -> Numbers:
    """Return ``(N,)`` numbers for intervals in order of their starts, each the lowest that is free then.

    Examples
    --------
    >>> lowest_free(np.array([0.0, 1.0, 5.0]), np.array([5.0, 9.0, 6.0])).tolist()
    [0, 1, 0]
    """
    number = np.empty(len(start_s), np.int64)
    free: list[int] = []
    taken: list[tuple[float, int]] = []
    for row, (begin_s, stop_s) in enumerate(zip(start_s.tolist(), end_s.tolist(), strict=True)):
        while taken and taken[0][0] <= begin_s:
            heappush(free, heappop(taken)[1])
        slot = heappop(free) if free else len(taken)
        number[row] = slot
        heappush(taken, (stop_s, slot))
    return number
