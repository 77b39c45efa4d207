"""Where the nodes of a cluster stand: cabinets in rows, shelves for the queues, entrance and exit; metres.

All fronts look along z, to the viewer. Jobs come in on the left, wait in their queue's shelf, go through the aisle in
front of a row to their nodes, and leave on the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from simulators.compute_cluster import Places
from simulators.compute_cluster.layout import layout

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.compute_cluster import ComputeCluster

__all__ = [
    "CABINET_M", "ROW_PITCH_M", "Cabinet", "ClusterLayout", "Shelf", "lay_out_cluster",
]  # fmt: skip

CABINET_M = (0.6, 2.2, 1.1)
"""Width, height and depth of a cabinet."""

PITCH_M = 0.62
ROW_PITCH_M = 3.4
MOST_IN_CABINET = 42
FOOT_M, ROOM_M = 0.16, 1.94
"""Where the lowest node begins, and how much height all nodes of a cabinet have."""

THICKEST_M = 0.26
EYE_M = 1.15
"""Few nodes are built in around this height."""
ASPECT = 2.0
AISLE_M = 0.95
"""From the ends of the rows to the middle of the aisle beside them."""

SHELF_HIGH_M, SHELF_WIDE_M, SHELF_DEEP_M = 1.8, 2.0, 0.4
LARGEST_PITCH_M, SMALLEST_PITCH_M = 0.2, 0.07
SHELF_GAP_M = 0.9
WAITING_SHARE, MIX_ROOM = 0.3, 100
"""Share of all jobs for which there is room on a shelf; and how much there is for a mix of jobs without end."""

LEAST_ROOM, MOST_ROOM = 30, 400


@dataclass(frozen=True)
class Cabinet:
    """Nodes above one another.

    Parameters
    ----------
    rack, node_type
        Numbers.
    first, nodes
        Its lowest node, and how many it holds.
    x_m, z_m
        Middle.
    pitch_m
        From node to node.
    """

    rack: int
    node_type: int
    first: int
    nodes: int
    x_m: float
    z_m: float
    pitch_m: float

    @property
    def front_m(self) -> float:
        """Return z of its front."""
        return self.z_m + CABINET_M[2] / 2


@dataclass(frozen=True)
class Shelf:
    """Pigeonholes in which the jobs of a queue wait, filled from below.

    Parameters
    ----------
    x_m, z_m
        Middle of its width, and front.
    columns, rows
        How many pigeonholes.
    pitch_m
        From one to the next.
    """

    x_m: float
    z_m: float
    columns: int
    rows: int
    pitch_m: float

    @property
    def width_m(self) -> float:
        """Return its width."""
        return self.columns * self.pitch_m

    def at(self, slot: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return ``(N, 3)`` middles of pigeonholes; slots beyond the shelf share its last one."""
        row, column = np.divmod(np.minimum(slot, self.columns * self.rows - 1), self.columns)
        x = self.x_m + (column - (self.columns - 1) / 2) * self.pitch_m
        y = FOOT_M + (row + 0.5) * self.pitch_m
        return np.stack([x, y, np.full(len(slot), self.z_m - self.pitch_m / 2)], axis=1)


@dataclass(frozen=True, eq=False)
class ClusterLayout:
    """A whole data hall.

    Parameters
    ----------
    cabinets
        In order of their nodes.
    node_m
        ``(K, 3)`` middle of each node's front.
    height_m
        ``(K,)`` height of each node.
    shelves
        One a queue.
    rows_m
        z of the middle of each row.
    width_m
        Length of a row, from x = 0.
    entrance_m, exit_m
        Where jobs come from and go to.
    """

    cabinets: tuple[Cabinet, ...]
    node_m: NDArray[np.float64]
    height_m: NDArray[np.float64]
    shelves: tuple[Shelf, ...]
    rows_m: tuple[float, ...]
    width_m: float
    entrance_m: tuple[float, float, float]
    exit_m: tuple[float, float, float]

    @property
    def left_aisle_m(self) -> float:
        """Return x of the aisle before the rows."""
        return -AISLE_M

    @property
    def right_aisle_m(self) -> float:
        """Return x of the aisle behind the rows."""
        return self.width_m + AISLE_M


def lay_out_cluster(scenario: ComputeCluster) -> ClusterLayout:
    """Place everything; it depends on the scenario alone, so that any two moments of a run fit together.

    Parameters
    ----------
    scenario
        The cluster.
    """
    blocks = _blocks(scenario)
    columns = min(len(blocks), max(4, ceil(sqrt(len(blocks) * ASPECT * ROW_PITCH_M / PITCH_M))))
    rows = ceil(len(blocks) / columns)
    columns = ceil(len(blocks) / rows)
    cabinets = []
    for number, (rack, node_type, first, nodes) in enumerate(blocks):
        row, column = divmod(number, columns)
        x = (column + 0.5) * PITCH_M
        cabinets.append(Cabinet(rack, node_type, first, nodes, x, -row * ROW_PITCH_M, min(ROOM_M / nodes, THICKEST_M)))
    node_m = np.empty((Places(scenario).nodes, 3))
    height = np.empty(len(node_m))
    for cabinet in cabinets:
        mine = slice(cabinet.first, cabinet.first + cabinet.nodes)
        node_m[mine, 0], node_m[mine, 2] = cabinet.x_m, cabinet.front_m
        lowest = max(FOOT_M, EYE_M - cabinet.nodes * cabinet.pitch_m / 2)
        node_m[mine, 1] = lowest + (np.arange(cabinet.nodes) + 0.5) * cabinet.pitch_m
        height[mine] = cabinet.pitch_m * 0.88
    width = columns * PITCH_M
    front = CABINET_M[2] / 2
    shelves: list[Shelf] = []
    x = -2.0 * AISLE_M
    room = _room(scenario)
    for _ in scenario.queues:
        wide = _shelf(room, 0.0, front).width_m
        shelves.append(_shelf(room, x - wide / 2, front))
        x -= wide + SHELF_GAP_M
    return ClusterLayout(
        tuple(cabinets),
        node_m,
        height,
        tuple(shelves),
        tuple(-row * ROW_PITCH_M for row in range(rows)),
        width,
        (x - 0.5, 0.9, front + 0.7),
        (width + 2.0 * AISLE_M + 0.4, 0.9, front + 0.7),
    )


def _blocks(scenario: ComputeCluster) -> list[tuple[int, int, int, int]]:
    """Return rack, node type, first node and number of nodes of each cabinet; large racks are several."""
    found = layout(scenario)
    blocks = []
    for rack, node_type in enumerate(found.rack_type.tolist()):
        first, end = int(found.rack_first[rack]), int(found.rack_first[rack + 1])
        parts = ceil((end - first) / MOST_IN_CABINET)
        edges = np.linspace(first, end, parts + 1).round().astype(int).tolist()
        blocks += [(rack, node_type, low, high - low) for low, high in pairwise(edges)]
    return blocks


def _room(scenario: ComputeCluster) -> int:
    """Return for how many waiting jobs each queue's shelf is built."""
    source = scenario.jobs
    if source.kind == "mix":
        return max(LEAST_ROOM, MIX_ROOM // len(scenario.queues))
    if source.kind == "list":
        jobs = len(source.jobs)
    else:
        jobs = source.jobs if source.kind == "lublin_feitelson" else len(source.trace())
    return int(np.clip(jobs * WAITING_SHARE, LEAST_ROOM, MOST_ROOM))


def _shelf(most: int, x_m: float, z_m: float) -> Shelf:
    pitch = float(np.clip(sqrt(SHELF_HIGH_M * SHELF_WIDE_M / max(most, 1)), SMALLEST_PITCH_M, LARGEST_PITCH_M))
    rows = int(SHELF_HIGH_M / pitch)
    columns = max(3, min(ceil(most / rows), int(SHELF_WIDE_M / pitch)))
    return Shelf(x_m, z_m, columns, rows, pitch)
