"""The events of a compute cluster's journal.

The journal tells everything that KPIs need, also of jobs that a generator has drawn: right after SUBMIT stand the
job's properties, a row each.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from simulators.compute_cluster.vocabulary import vocabulary

if TYPE_CHECKING:
    from simulators.compute_cluster.scenario import ComputeCluster

__all__ = ["Event", "Places", "places"]


class Event(IntEnum):
    """What can happen. The entity is the job, and the place -1, unless said otherwise."""

    SUBMIT = 0
    """A job is handed in; the place is its queue."""
    CLASS = 1
    """Property: the place is its job class."""
    OWNER = 2
    """Property: the place is its user."""
    SIZE = 3
    """Property: the entity is its number of tasks, the place their shape."""
    WORK = 4
    """Property: the entity is its undisturbed run time in microseconds."""
    DUE = 5
    """Property, where it has a deadline: the entity is the time from submission in microseconds."""
    START_WITHIN = 6
    """Property, where it has a service level: the entity is the longest wait in microseconds."""
    REJECT = 7
    """The job is larger than its partition and will never run."""
    ELIGIBLE = 8
    """It was waiting for other jobs, and its turn can come now."""
    CANCEL = 9
    """It waits for a job that will never end well."""
    START = 10
    """Its tasks start; where they do stands in the TASK rows that follow."""
    TASK = 11
    """One task starts; the place is the node."""
    END = 12
    """It ends and leaves all its nodes."""
    KILL = 13
    """It has used up its estimate; it is ended, and leaves all its nodes."""
    INTERRUPT = 14
    """A node under it has failed; it leaves all its nodes and waits again."""
    PREEMPT = 15
    """It makes room for a job of higher priority; it leaves all its nodes and waits again."""
    SUSPEND = 16
    """Its row's time is over; its tasks stay where they are but stand still."""
    RESUME = 17
    """It is its row's turn again."""
    FAIL = 18
    """Nobody; the node, or rack, at the place fails."""
    REPAIR = 19
    """Nobody; the node, or rack, at the place is repaired."""
    SLEEP = 20
    """Nobody; the node at the place goes to sleep."""
    WAKE = 21
    """Nobody; the node at the place is called to wake up."""
    AWAKE = 22
    """Nobody; the node at the place takes jobs again."""
    COMMAND = 23
    """Somebody does something to the cluster; the entity is the command's number, the place the node or queue."""


# The same as plain numbers: inner loops, of Python and of Numba, are much faster with those.
(
    SUBMIT, CLASS, OWNER, SIZE, WORK, DUE, START_WITHIN, REJECT, ELIGIBLE, CANCEL, START, TASK, END, KILL, INTERRUPT,
    PREEMPT, SUSPEND, RESUME, FAIL, REPAIR, SLEEP, WAKE, AWAKE, COMMAND,
) = (int(event) for event in Event)  # fmt: skip


class Places:
    """Numbers everything that the rows of a journal may name.

    Parameters
    ----------
    scenario
        The cluster.

    Attributes
    ----------
    names
        All names in order: nodes, racks, queues, job classes, users, shapes.
    nodes
        How many nodes there are; a node's number is its place.
    first_rack, first_queue, first_class, first_user, first_shape
        Place of the first of each.
    """

    def __init__(self, scenario: ComputeCluster) -> None:
        found = vocabulary(scenario)
        types = scenario.node_types
        nodes = [f"{one.name}.{number + 1}" for one in types for number in range(one.nodes)]
        racks = [f"rack.{one.name}.{number + 1}" for one in types for number in range(one.racks)]
        queues = [f"queue.{queue.name}" for queue in scenario.queues]
        classes = [f"class.{name}" for name in found.classes]
        users = [f"user.{name}" for name in found.users]
        shapes = [f"shape.{number + 1}" for number in range(len(found.shapes))]
        self.nodes = len(nodes)
        self.first_rack = len(nodes)
        self.first_queue = self.first_rack + len(racks)
        self.first_class = self.first_queue + len(queues)
        self.first_user = self.first_class + len(classes)
        self.first_shape = self.first_user + len(users)
        self.names: tuple[str, ...] = (*nodes, *racks, *queues, *classes, *users, *shapes)


def places(scenario: ComputeCluster) -> tuple[str, ...]:
    """Return the names of a cluster's places."""
    return Places(scenario).names
