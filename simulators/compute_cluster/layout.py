"""A machine laid out as arrays: what every node has, where it stands, and who may use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulators.compute_cluster.machines import UNLIMITED
from simulators.compute_cluster.vocabulary import vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster.scenario import ComputeCluster

__all__ = ["Layout", "layout"]


class Layout(NamedTuple):
    """``K`` nodes in ``R`` racks, ``S`` shapes, 4 resources.

    Parameters
    ----------
    capacity
        ``(K, 4)`` of each resource.
    node_type, rack
        ``(K,)`` numbers; the nodes of a rack stand together.
    rack_first
        ``(R + 1,)`` first node of each rack.
    rack_type
        ``(R,)`` node type.
    rack_mw
        ``(R,)`` milliwatts that each rack carries above its nodes' idle power; 0 where there is no limit.
    task_mw
        ``(S, R)`` of them that a task takes at most; 0 where there is no limit.
    demand
        ``(S, 4)`` what a task of each shape takes.
    queue
        ``(S,)`` partition of each shape.
    may_use
        ``(S, K)`` whether a shape's tasks may run on a node.
    most_tasks
        ``(S,)`` tasks that the empty machine holds.
    """

    capacity: NDArray[np.int64]
    node_type: NDArray[np.int64]
    rack: NDArray[np.int64]
    rack_first: NDArray[np.int64]
    rack_type: NDArray[np.int64]
    rack_mw: NDArray[np.int64]
    task_mw: NDArray[np.int64]
    demand: NDArray[np.int64]
    queue: NDArray[np.int64]
    may_use: NDArray[np.bool_]
    most_tasks: NDArray[np.int64]


def layout(scenario: ComputeCluster) -> Layout:
    """Return a scenario's machine as arrays."""
    types = scenario.node_types
    shapes = vocabulary(scenario).shapes
    counts = [one.nodes for one in types]
    having = [(one.cores, one.gpus, one.memory_gib or UNLIMITED, one.disk_gib or UNLIMITED) for one in types]
    node_type = np.repeat(np.arange(len(types)), counts)
    sizes = [size for one in types for size in one.rack_sizes]
    spare_mw = [(one, one.spare_mw(size)) for one in types for size in one.rack_sizes]
    queues = scenario.queues
    allowed = [
        [
            one.name in queues[shape.queue].node_types and (shape.gpu_type is None or shape.gpu_type == one.gpu_type)
            for one in types
        ]
        for shape in shapes
    ]
    return Layout(
        capacity=np.array(having, np.int64)[node_type],
        node_type=node_type,
        rack=np.repeat(np.arange(len(sizes)), sizes),
        rack_first=np.concatenate(([0], np.cumsum(sizes))),
        rack_type=np.repeat(np.arange(len(types)), [one.racks for one in types]),
        rack_mw=np.array([0 if spare is None else spare for _, spare in spare_mw], np.int64),
        task_mw=np.array(
            [
                [0 if spare is None else one.task_mw(shape.demand[0], shape.demand[1]) for one, spare in spare_mw]
                for shape in shapes
            ],
            np.int64,
        ),
        demand=np.array([shape.demand for shape in shapes], np.int64),
        queue=np.array([shape.queue for shape in shapes], np.int64),
        may_use=np.array(allowed)[:, node_type],
        most_tasks=np.array([scenario.most_tasks(shape) for shape in shapes], np.int64),
    )
