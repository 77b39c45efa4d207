"""What is seen of the nodes of a cluster in a window: their loads, their conditions, and who uses them."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from twins.cluster_colors import CONDITION_COLORS, LOAD_COLORS, number_of, user_colors
from twins.cluster_rows import Condition
from twins.copies import plate
from twins.timing import timed_movers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulators.compute_cluster import ComputeCluster, NodeType
    from twins.cluster_layout import ClusterLayout
    from twins.cluster_rows import NodeSpells, Stays
    from twins.scene import Movers, Solid

__all__ = ["NodesInUse"]

BAR_M, CELLS_M = 0.2, 0.22
MOST_CELLS = ((64, 8), (512, 4), (2000, 2))
MOST_GPU_CELLS = 8
LEVELS = len(LOAD_COLORS)


class NodesInUse:
    """What the nodes of a cluster show on their fronts.

    Parameters
    ----------
    scenario
        The cluster.
    layout
        Where its nodes stand.
    spells, stays
        What nodes do, and which jobs run on them, in the window.
    window_s
        Begin and end, simulated seconds.
    """

    def __init__(
        self,
        scenario: ComputeCluster,
        layout: ClusterLayout,
        spells: NodeSpells,
        stays: Stays,
        window_s: tuple[float, float],
    ) -> None:
        self._scenario, self._layout, self._spells, self._stays = scenario, layout, spells, stays
        self._window_s = window_s
        self._type = np.repeat(np.arange(len(scenario.node_types)), [one.nodes for one in scenario.node_types])

    def movers(self) -> Iterator[Movers]:
        """Yield them, for every node type and height of nodes apart."""
        for number, kind in enumerate(self._scenario.node_types):
            for nth, height in enumerate(np.unique(self._layout.height_m[self._type == number]).tolist()):
                mine = (self._type == number) & (self._layout.height_m == height)
                name = kind.name if nth == 0 else f"{kind.name}/{nth + 1}"
                yield from self._loads(name, kind, height, mine)
                yield from self._cells(name, kind, height, mine)

    def _loads(self, name: str, kind: NodeType, height_m: float, mine: NDArray[np.bool_]) -> Iterator[Movers]:
        """Yield the bars that tell how much of a node is used, and the plates over nodes that take no jobs."""
        spells = self._spells.chosen(mine[self._spells.node])
        share = spells.cores / kind.cores
        if kind.gpus:
            share = np.maximum(share, spells.gpus / kind.gpus)
        level = np.ceil(share.clip(0, 1) * LEVELS - 1e-9)
        fit = np.isin(spells.condition, (Condition.UP, Condition.DRAINED))
        for number, color in enumerate(LOAD_COLORS, 1):
            long = BAR_M * number / LEVELS
            bar = plate(long, height_m * 0.5, (-0.215 + long / 2, -height_m * 0.06, 0.008), "#ffffff", glow=0.85)
            chosen = spells.chosen(fit & (level == number))
            yield self._on_nodes(f"load {name} {number}", (bar,), chosen, np.full(len(chosen.node), number_of(color)))
        cover = (
            plate(0.47, height_m * 0.86, (0, 0, 0.014), "#ffffff", glow=0.75),
            plate(0.49, height_m * 0.16, (0, 0, 0.018), "#101418"),
        )
        band = (plate(0.47, height_m * 0.2, (0, height_m * 0.4, 0.014), "#ffffff", glow=0.85),)
        for what, shape, conditions in (
            ("condition", cover, (Condition.DOWN, Condition.WAKING, Condition.ASLEEP)),
            ("drained", band, (Condition.DRAINED,)),
        ):
            chosen = spells.chosen(np.isin(spells.condition, conditions))
            colors = np.array([number_of(CONDITION_COLORS[Condition(code)]) for code in chosen.condition], np.int64)
            yield self._on_nodes(f"{what} {name}", shape, chosen, colors, chosen.condition == Condition.DOWN)

    def _on_nodes(
        self,
        name: str,
        shape: tuple[Solid, ...],
        spells: NodeSpells,
        color: NDArray[np.int64],
        blink: NDArray[np.bool_] | None = None,
    ) -> Movers:
        at = self._layout.node_m[spells.node]
        return timed_movers(
            name,
            shape,
            from_m=at,
            to_m=at,
            cross_m=at[:, 0],
            time_s=(spells.start_s, spells.start_s, spells.end_s),
            window_s=self._window_s,
            color=color,
            blink=blink,
        )

    def _cells(self, name: str, kind: NodeType, height_m: float, mine: NDArray[np.bool_]) -> Iterator[Movers]:
        """Yield the chips on a node's front, GPUs or shares of its cores, in the colours of those who use them."""
        nodes = len(self._type)
        most = next((cells for largest, cells in MOST_CELLS if nodes <= largest), 1)
        cells = min(kind.gpus, MOST_GPU_CELLS) if kind.gpus else min(kind.cores, most)
        stays = self._stays.chosen(mine[self._stays.node])
        taken = stays.gpus / kind.gpus if kind.gpus else stays.cores / kind.cores
        row, cell = _cells_of(stays, np.where(taken > 0, np.maximum(1, np.round(taken * cells)), 0).astype(int), cells)
        pitch = CELLS_M / cells
        wide = min(pitch * 0.8, height_m * 1.2)
        high = height_m * (0.6 if kind.gpus else 0.5)
        chip = (plate(wide, high, (0, -height_m * 0.06, 0.008), "#ffffff", glow=0.7),)
        used = stays.chosen(row)
        at = self._layout.node_m[used.node] + np.stack(
            [0.005 + (cell + 0.5) * pitch, np.zeros(len(cell)), np.zeros(len(cell))], axis=1
        )
        yield timed_movers(
            f"cells {name}",
            chip,
            from_m=at,
            to_m=at,
            cross_m=at[:, 0],
            time_s=(used.start_s, used.start_s, used.end_s),
            window_s=self._window_s,
            color=user_colors(used.user),
        )


def _cells_of(stays: Stays, many: NDArray[np.int64], cells: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each chip in use the row of the stay that uses it, and its number on the node.

    What shares a node with others in time finds none, and is not told apart.
    """
    free: dict[int, list[int]] = {}
    taken: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    rows, numbers = [], []
    columns = (stays.node.tolist(), stays.start_s.tolist(), stays.end_s.tolist(), many.tolist())
    for row, (node, start_s, end_s, wanted) in enumerate(zip(*columns, strict=True)):
        there, used = free.setdefault(node, list(range(cells))), taken[node]
        while used and used[0][0] <= start_s:
            heappush(there, heappop(used)[1])
        for _ in range(min(wanted, len(there))):
            cell = heappop(there)
            heappush(used, (end_s, cell))
            rows.append(row)
            numbers.append(cell)
    return np.array(rows, np.int64), np.array(numbers, np.int64)
