"""The names that a scenario's jobs may bear, known before any of them is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from simulators.compute_cluster.jobs import Demand
    from simulators.compute_cluster.machines import NodeType
    from simulators.compute_cluster.sources import JobSource, SwfTrace

__all__ = ["RESOURCES", "Shape", "Vocabulary", "swf_shapes", "swf_users", "vocabulary"]

RESOURCES = ("cores", "gpus", "memory_gib", "disk_gib")
"""What a task takes of a node, in the order of a shape's ``demand``."""

KIB_PER_GIB = 1 << 20
EVERY = slice(None)


class Cluster(Protocol):
    """What a scenario must tell for its vocabulary."""

    @property
    def jobs(self) -> JobSource:
        """Where jobs come from."""

    @property
    def node_types(self) -> tuple[NodeType, ...]:
        """What they run on."""

    def queue_number(self, name: str | None) -> int:
        """Return the position of a partition; None is the first."""


class Shape(NamedTuple):
    """What one task asks for; jobs of one shape can stand in for one another.

    Parameters
    ----------
    queue
        Position of the partition.
    demand
        Of each of `RESOURCES`.
    gpu_type
        Which GPUs, None for any.
    """

    queue: int
    demand: tuple[int, int, int, int]
    gpu_type: str | None

    @classmethod
    def of(cls, demand: Demand, queue: int) -> Shape:
        """Return the shape of a demand in a partition."""
        return cls(queue, (demand.cores, demand.gpus, demand.memory_gib, demand.disk_gib), demand.gpu_type)

    def __str__(self) -> str:
        """Return ``4 cores, 1 gpus`` and so on."""
        parts = [f"{amount} {name}" for name, amount in zip(RESOURCES, self.demand, strict=True) if amount]
        return ", ".join(parts) + (f" of type {self.gpu_type}" if self.gpu_type else "")


class Vocabulary(NamedTuple):
    """Names by number.

    Parameters
    ----------
    users, classes
        Users and job classes.
    shapes
        What tasks ask for.
    """

    users: tuple[str, ...]
    classes: tuple[str, ...]
    shapes: tuple[Shape, ...]


def vocabulary(scenario: Cluster) -> Vocabulary:
    """Return the names of a scenario's users, job classes and shapes, each in the order in which they first appear."""
    source = scenario.jobs
    if source.kind == "list":
        return Vocabulary(
            _unique(job.user for job in source.jobs),
            _unique(job.job_class for job in source.jobs),
            _unique(Shape.of(job, scenario.queue_number(job.queue)) for job in source.jobs),
        )
    if source.kind == "mix":
        return Vocabulary(
            tuple(f"{one.name}_{user + 1}" for one in source.classes for user in range(one.users)),
            tuple(one.name for one in source.classes),
            _unique(Shape.of(one, scenario.queue_number(one.queue)) for one in source.classes),
        )
    if source.kind == "lublin_feitelson":
        users = tuple(f"u{user + 1}" for user in range(source.users))
        return Vocabulary(users, ("batch",), (Shape(scenario.queue_number(source.queue), (1, 0, 0, 0), None),))
    return _of_trace(scenario, source)


def _of_trace(scenario: Cluster, source: SwfTrace) -> Vocabulary:
    users = tuple(f"u{user}" if user >= 0 else "nobody" for user in np.unique(swf_users(source)).tolist())
    pairs = np.unique(swf_shapes(scenario, source), axis=0).tolist()
    return Vocabulary(users, ("batch",), tuple(Shape(queue, (1, 0, memory, 0), None) for queue, memory in pairs))


def swf_users(source: SwfTrace, part: slice = EVERY) -> NDArray[np.int64]:
    """Return ``(N,)`` the users of a trace's jobs, -1 where they are not known."""
    return np.maximum(source.trace().column("user")[part], -1).astype(np.int64)


def swf_shapes(scenario: Cluster, source: SwfTrace, part: slice = EVERY) -> NDArray[np.int64]:
    """Return ``(N, 2)`` the partition of a trace's jobs, and the memory in GiB that each task asks for.

    Memory is 0 where no node type counts it.
    """
    trace = source.trace()
    numbers, which = np.unique(trace.column("queue")[part].astype(np.int64), return_inverse=True)
    queues = np.array([scenario.queue_number(source.queues.get(number)) for number in numbers.tolist()], np.int64)
    shapes = np.zeros((len(which), 2), np.int64)
    shapes[:, 0] = queues[which]
    if any(node_type.memory_gib is not None for node_type in scenario.node_types):
        shapes[:, 1] = np.ceil(np.maximum(trace.column("requested_memory_kib")[part], 0) / KIB_PER_GIB)
    return shapes


def _unique(names: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(names))
