"""A compute cluster and its jobs, as data."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, NonNegativeFloat, model_validator

from simulators.compute_cluster.machines import UNLIMITED, NodeType, Partition
from simulators.compute_cluster.scheduling import Scheduler
from simulators.compute_cluster.services import Service
from simulators.compute_cluster.sources import JobSource
from simulators.compute_cluster.tariff import Tariff
from simulators.compute_cluster.vocabulary import Shape, vocabulary
from simulators.scenario import Scenario

__all__ = ["ComputeCluster"]

MOST_SHAPES = 200


class ComputeCluster(Scenario):
    """Nodes in racks, partitions that share them, jobs, and the scheduler that brings them together."""

    kind: Literal["compute_cluster"]
    node_types: tuple[NodeType, ...] = Field(min_length=1, max_length=50)
    partitions: tuple[Partition, ...] = Field(default=(), max_length=50, description="none: one of all nodes, 'all'")
    jobs: JobSource
    scheduler: Scheduler = Scheduler()
    cross_rack_slowdown: NonNegativeFloat = Field(
        default=0.0, le=100, description="share by which a job takes longer whose tasks lie in several racks"
    )
    tariff: Tariff = Tariff()
    services: tuple[Service, ...] = Field(default=(), max_length=50, description="what is promised to whom asks")

    @property
    def queues(self) -> tuple[Partition, ...]:
        """The partitions, or the one of all nodes where none is given."""
        if self.partitions:
            return self.partitions
        return (Partition(name="all", node_types=tuple(node_type.name for node_type in self.node_types)),)

    def queue_number(self, name: str | None) -> int:
        """Return the position of a partition; None is the first."""
        return 0 if name is None else [queue.name for queue in self.queues].index(name)

    def most_tasks(self, shape: Shape) -> int:
        """Return how many tasks of a shape the whole machine holds, empty and with every node up."""
        usable = self.queues[shape.queue].node_types
        return sum(
            tasks_in_rack(node_type, nodes, shape)
            for node_type in self.node_types
            if node_type.name in usable
            for nodes in node_type.rack_sizes
        )

    @property
    def plans_by_counting(self) -> bool:
        """Whether a partition's jobs take one another's places, task by task, on nodes that are its own and stay."""
        queues = [shape.queue for shape in vocabulary(self).shapes]
        types = [name for queue in self.queues for name in queue.node_types]
        failing = any(node_type.failures or node_type.rack_failures for node_type in self.node_types)
        return len(set(queues)) == len(queues) and len(set(types)) == len(types) and not failing

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        _refuse_twins("node_types", [node_type.name for node_type in self.node_types])
        _refuse_twins("partitions", [partition.name for partition in self.partitions])
        types = [node_type.name for node_type in self.node_types]
        for position, partition in enumerate(self.partitions):
            for name in partition.node_types:
                if name not in types:
                    message = f"partitions.{position}.node_types = {name!r} is no node type; give: {', '.join(types)}"
                    raise ValueError(message)
        self._check_queues()
        found = vocabulary(self)
        if len(found.shapes) > MOST_SHAPES:
            message = f"jobs ask for {len(found.shapes)} different things a task; at most {MOST_SHAPES} are allowed"
            raise ValueError(message)
        self._check_services(found.classes)
        self._check_jobs(found.shapes)
        self._check_scheduler()
        return self

    def _check_queues(self) -> None:
        known = [queue.name for queue in self.queues]
        named: list[tuple[str, str | None]] = []
        if self.jobs.kind == "list":
            named = [(f"jobs.jobs.{position}.queue", job.queue) for position, job in enumerate(self.jobs.jobs)]
        elif self.jobs.kind == "mix":
            named = [(f"jobs.classes.{position}.queue", one.queue) for position, one in enumerate(self.jobs.classes)]
        elif self.jobs.kind == "swf":
            named = [(f"jobs.queues.{number}", name) for number, name in self.jobs.queues.items()]
        else:
            named = [("jobs.queue", self.jobs.queue)]
        for field, name in named:
            if name is not None and name not in known:
                message = f"{field} = {name!r} is no partition; give one of: {', '.join(known)}"
                raise ValueError(message)

    def _check_services(self, classes: tuple[str, ...]) -> None:
        _refuse_twins("services", [service.name for service in self.services])
        for position, service in enumerate(self.services):
            field = f"services.{position}.job_class = {service.job_class!r}"
            if service.job_class not in classes:
                message = f"{field} is no job class; give one of: {', '.join(classes)}"
                raise ValueError(message)
            if service.job_class in [other.job_class for other in self.services[:position]]:
                message = f"{field} serves another service already; give each a job class of its own"
                raise ValueError(message)

    def _check_jobs(self, shapes: tuple[Shape, ...]) -> None:
        """Refuse what could never run; the jobs of traces and generators are rejected one by one, and counted."""
        if self.jobs.kind not in ("list", "mix"):
            return
        most = [self.most_tasks(shape) for shape in shapes]
        number = {shape: position for position, shape in enumerate(shapes)}
        wanted: list[tuple[str, int, int]] = []
        if self.jobs.kind == "list":
            for position, job in enumerate(self.jobs.jobs):
                shape = Shape.of(job, self.queue_number(job.queue))
                wanted.append((f"jobs.jobs.{position}", number[shape], job.tasks))
        else:
            for position, one in enumerate(self.jobs.classes):
                shape = Shape.of(one, self.queue_number(one.queue))
                wanted.append((f"jobs.classes.{position}", number[shape], max(size.tasks for size in one.sizes)))
        for field, shape_number, tasks in wanted:
            if tasks > most[shape_number]:
                shape = shapes[shape_number]
                queue = self.queues[shape.queue].name
                message = (
                    f"{field}: {tasks} tasks of {shape} are more than partition {queue!r} holds, which is "
                    f"{most[shape_number]}; ask for less, or add nodes or power"
                )
                raise ValueError(message)

    def _check_scheduler(self) -> None:
        rest = [node_type for node_type in self.node_types if node_type.failures or node_type.rack_failures]
        sleepers = [node_type for node_type in self.node_types if node_type.sleep]
        if self.scheduler.backfilling == "conservative" and sleepers:
            message = (
                "scheduler.backfilling = 'conservative' promises starts, which a node that sleeps would break; remove "
                "sleep, or use 'easy'"
            )
            raise ValueError(message)
        if self.scheduler.time_slicing is not None and (rest or sleepers or len(self.queues) > 1):
            message = "scheduler.time_slicing needs one partition, and nodes that neither fail nor sleep"
            raise ValueError(message)


def tasks_on(node_type: NodeType, shape: Shape) -> int:
    """Return how many tasks of a shape an empty node of a type holds."""
    if shape.gpu_type is not None and shape.gpu_type != node_type.gpu_type:
        return 0
    have = (node_type.cores, node_type.gpus, node_type.memory_gib or UNLIMITED, node_type.disk_gib or UNLIMITED)
    return min(there // asked for there, asked in zip(have, shape.demand, strict=True) if asked > 0)


def tasks_in_rack(node_type: NodeType, nodes: int, shape: Shape) -> int:
    """Return how many tasks of a shape an empty rack of so many nodes holds and feeds."""
    room, spare_mw = nodes * tasks_on(node_type, shape), node_type.spare_mw(nodes)
    task_mw = node_type.task_mw(shape.demand[0], shape.demand[1]) if room else 0
    return room if spare_mw is None or task_mw == 0 else min(room, spare_mw // task_mw)


def _refuse_twins(field: str, names: list[str]) -> None:
    for position, name in enumerate(names):
        if name in names[:position]:
            message = f"{field}.{position}.name = {name!r} stands twice; give each its own name"
            raise ValueError(message)
