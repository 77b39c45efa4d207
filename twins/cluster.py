"""The 3-D scene of a compute cluster: a data hall, replayed from the journal of a run."""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING

import numpy as np

from simulators import Text
from simulators.compute_cluster import Places
from twins.cluster_hall import COOLERS_M, cluster_hall, coolers_m, node_body
from twins.cluster_layout import CABINET_M, lay_out_cluster
from twins.cluster_motion import Condition, Story, story
from twins.copies import copies, plate
from twins.renderer import framing
from twins.scene import Box, Label, Scene, Target
from twins.timing import timed_movers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from simulators.compute_cluster import ComputeCluster, NodeType
    from simulators.journal import Journal
    from twins.cluster_motion import NodeSpells, Stays
    from twins.scene import Movers, Solid

__all__ = ["CONDITION_COLORS", "LOAD_COLORS", "USER_COLORS", "cluster_scene"]

LOAD_COLORS = ("#2fa3a0", "#7cb342", "#f2b632", "#f0701f")
"""Of the bar on a node that is used up to a quarter, a half, three quarters, and more; the bar is as long, too."""

CONDITION_COLORS = {
    Condition.DOWN: "#e0263d",
    Condition.DRAINED: "#9a5cf6",
    Condition.WAKING: "#4fb3ff",
    Condition.ASLEEP: "#25365c",
}
"""Of the plate over a node that takes no jobs; it blinks where the node is down."""

USER_COLORS = (
    "#2f6f9f", "#c8702a", "#4c8b4a", "#8a5aa3", "#b3434b", "#5b7f8f", "#a58a2b", "#3d8f86", "#c05b8f", "#66707a",
)  # fmt: skip
"""Of jobs, by the number of their user; the same as in the chart of nodes and time."""

WAY_SHARE = 1 / 150
LEAST_WAY_S, MOST_WAY_S = 3.0, 900.0
"""A job is seen to travel for this share of the window, within these bounds; in the journal it takes no time."""

MOST_CUBES = 24
"""Of the nodes of one run so many are seen to be gone to."""

SMALL, LARGE = 0.03, 0.25
"""Share of all cores above which a job's cube is of middle size, and large."""

SIZES = {"small": 0.55, "middle": 0.75, "large": 0.95}
CUBE_M = 0.24
BEFORE_M = 0.3
"""From a node's front to the middle of the aisle, in which jobs travel."""

BAR_M, CELLS_M = 0.2, 0.22
MOST_CELLS = ((64, 8), (512, 4), (2000, 2))
MOST_GPU_CELLS = 8
LEVELS = len(LOAD_COLORS)
LOOKING_FROM, LOOKING_DOWN_FROM = (-0.12, 0.5, 1.0), (-0.12, 0.78, 1.0)
"""Where the viewer stands before one row, and before several."""

ASPECT = 2.0

QUEUE, RACK = Text(zh="等待队列", en="Queue"), Text(zh="机柜", en="rack")
SUBMIT, DONE = Text(zh="提交", en="Submitted"), Text(zh="完成", en="Done")
COOLING = Text(zh="精密空调", en="Cooling unit")


def cluster_scene(scenario: ComputeCluster, journal: Journal, start_s: float, end_s: float) -> Scene:
    """Build the scene of a window of a run.

    Parameters
    ----------
    scenario
        The cluster.
    journal
        What happened in it.
    start_s, end_s
        The window, in simulated seconds.

    Returns
    -------
    Solids, labels, targets, and as movers: ``queue SIZE``, ``coming SIZE``, ``going SIZE`` for jobs that wait, come to
    their nodes and go, and for every node type ``load TYPE LEVEL``, ``condition TYPE``, ``cells TYPE``.
    """
    return _ClusterScene(scenario, story(scenario, journal), start_s, end_s).scene()


class _ClusterScene:
    def __init__(self, scenario: ComputeCluster, told: Story, start_s: float, end_s: float) -> None:
        self._scenario = scenario
        self._places = Places(scenario)
        self._window_s = start_s, end_s
        slot = told.waits.slots()
        lasting = (told.waits.end_s > told.waits.start_s) & (told.waits.end_s > start_s) & (told.waits.start_s < end_s)
        self._waits, self._slot = told.waits.chosen(lasting), slot[lasting]
        self._stays = told.stays.within(start_s, end_s)
        self._spells = told.spells.within(start_s, end_s)
        self._layout = lay_out_cluster(scenario)
        types = scenario.node_types
        self._type = np.repeat(np.arange(len(types)), [one.nodes for one in types])
        self._cores = np.repeat([one.cores for one in types], [one.nodes for one in types])
        self._gpus = np.repeat([one.gpus for one in types], [one.nodes for one in types])
        self._way_s = float(np.clip((end_s - start_s) * WAY_SHARE, LEAST_WAY_S, MOST_WAY_S))

    def scene(self) -> Scene:
        layout, (start_s, end_s) = self._layout, self._window_s
        low = (layout.entrance_m[0] - 0.15, 0.0, layout.rows_m[-1] - CABINET_M[2] / 2)
        high = (layout.exit_m[0] + 0.15, CABINET_M[1] + 0.3, layout.exit_m[2] + 0.5)
        return Scene(
            solids=(*cluster_hall(layout), *self._nodes()),
            labels=tuple(self._labels()),
            movers=tuple(movers for movers in self._movers() if len(movers)),
            bounds_m=(low, high),
            background="#e3eaf0",
            start_s=start_s,
            end_s=end_s,
            targets=tuple(self._targets()),
            camera=framing((low, high), ASPECT, LOOKING_FROM if len(layout.rows_m) == 1 else LOOKING_DOWN_FROM),
        )

    def _nodes(self) -> Iterator[Solid]:
        layout = self._layout
        for number, kind in enumerate(self._scenario.node_types):
            mine = self._type == number
            for height in np.unique(layout.height_m[mine]):
                at = layout.node_m[mine & (layout.height_m == height)]
                yield from copies(node_body(float(height), kind.gpus), at)

    def _movers(self) -> Iterator[Movers]:
        total = int(self._cores.sum())
        yield from self._queued(total)
        yield from self._travelling(total)
        for number, kind in enumerate(self._scenario.node_types):
            for height in np.unique(self._layout.height_m[self._type == number]).tolist():
                mine = (self._type == number) & (self._layout.height_m == height)
                yield from self._loads(kind, height, mine)
                yield from self._cells(kind, height, mine)

    def _queued(self, total: int) -> Iterator[Movers]:
        """Yield the jobs in their shelves; who is new comes through the entrance."""
        waits, layout = self._waits, self._layout
        at = self._shelved(waits.queue, self._slot)
        begin = np.where(waits.anew[:, None], at, np.array(layout.entrance_m))
        arrive = np.minimum(waits.start_s + self._way_s, waits.end_s)
        pitch = min((shelf.pitch_m for shelf in layout.shelves), default=CUBE_M)
        size = _sizes(waits.cores / total)
        for name, share in SIZES.items():
            mine = size == name
            yield timed_movers(
                f"queue {name}",
                _cube(pitch * share * 0.9),
                from_m=begin[mine],
                to_m=at[mine],
                cross_m=at[mine, 0],
                time_s=(waits.start_s[mine], arrive[mine], waits.end_s[mine]),
                window_s=self._window_s,
                color=_user_colors(waits.user[mine]),
            )

    def _shelved(self, queue: NDArray[np.int64], slot: NDArray[np.int64]) -> NDArray[np.float64]:
        at = np.empty((len(queue), 3))
        for number, shelf in enumerate(self._layout.shelves):
            mine = queue == number
            at[mine] = shelf.at(slot[mine])
        return at

    def _travelling(self, total: int) -> Iterator[Movers]:
        """Yield the jobs on their ways from the queue to nodes, and from there out or back."""
        stays, layout = self._stays, self._layout
        seen = np.floor(stays.rank * MOST_CUBES / stays.nodes) != np.floor((stays.rank - 1) * MOST_CUBES / stays.nodes)
        seen |= stays.nodes <= MOST_CUBES
        stays = stays.chosen(seen)
        ends = layout.node_m[stays.node] + (0.0, 0.0, BEFORE_M)
        size = _sizes(stays.cores * stays.nodes / total)
        shelved = self._shelved(self._waits.queue, self._slot)
        left = {key: row for row, key in enumerate(zip(self._waits.job, self._waits.end_s, strict=True))}
        anew = {key: row for row, key in enumerate(zip(self._waits.job, self._waits.start_s, strict=True))}
        origin, target = np.tile(layout.entrance_m, (len(ends), 1)), np.tile(layout.exit_m, (len(ends), 1))
        back = np.zeros(len(ends), np.bool_)
        for row, (job, start_s, end_s) in enumerate(zip(stays.job, stays.start_s, stays.end_s, strict=True)):
            if (job, start_s) in left:
                origin[row] = shelved[left[job, start_s]]
            if (job, end_s) in anew:
                target[row], back[row] = shelved[anew[job, end_s]], True
        for name, share in SIZES.items():
            mine = size == name
            yield self._flights(f"coming {name}", share, stays.chosen(mine), origin[mine], ends[mine], leaving=False)
            out = mine & np.isfinite(stays.end_s)
            cross = np.where(back, layout.left_aisle_m, layout.right_aisle_m)
            yield self._flights(
                f"going {name}", share, stays.chosen(out), ends[out], target[out], leaving=True, cross_m=cross[out]
            )

    def _flights(
        self,
        name: str,
        share: float,
        stays: Stays,
        begin_m: NDArray[np.float64],
        end_m: NDArray[np.float64],
        *,
        leaving: bool,
        cross_m: NDArray[np.float64] | None = None,
    ) -> Movers:
        sets_off = stays.end_s if leaving else stays.start_s
        arrives = sets_off + self._way_s
        return timed_movers(
            name,
            _cube(CUBE_M * share),
            from_m=begin_m,
            to_m=end_m,
            cross_m=np.full(len(begin_m), self._layout.left_aisle_m) if cross_m is None else cross_m,
            time_s=(sets_off, arrives, arrives),
            window_s=self._window_s,
            color=_user_colors(stays.user),
        )

    def _loads(self, kind: NodeType, height_m: float, mine: NDArray[np.bool_]) -> Iterator[Movers]:
        """Yield the bars that tell how much of a node is used, and the plates over nodes that take no jobs."""
        spells = self._spells.chosen(mine[self._spells.node])
        share = spells.cores / self._cores[spells.node]
        if kind.gpus:
            share = np.maximum(share, spells.gpus / kind.gpus)
        level = np.ceil(share.clip(0, 1) * LEVELS - 1e-9)
        fit = np.isin(spells.condition, (Condition.UP, Condition.DRAINED))
        for number, color in enumerate(LOAD_COLORS, 1):
            long = BAR_M * number / LEVELS
            bar = plate(long, height_m * 0.5, (-0.215 + long / 2, -height_m * 0.06, 0.008), "#ffffff", glow=0.85)
            chosen = spells.chosen(fit & (level == number))
            yield self._on_nodes(
                f"load {kind.name} {number}", (bar,), chosen, np.full(len(chosen.node), _number(color))
            )
        cover = (
            plate(0.47, height_m * 0.86, (0, 0, 0.014), "#ffffff", glow=0.75),
            plate(0.49, height_m * 0.16, (0, 0, 0.018), "#101418"),
        )
        band = (plate(0.47, height_m * 0.2, (0, height_m * 0.4, 0.014), "#ffffff", glow=0.85),)
        for name, shape, conditions in (
            ("condition", cover, (Condition.DOWN, Condition.WAKING, Condition.ASLEEP)),
            ("drained", band, (Condition.DRAINED,)),
        ):
            chosen = spells.chosen(np.isin(spells.condition, conditions))
            colors = np.array([_number(CONDITION_COLORS[Condition(code)]) for code in chosen.condition], np.int64)
            yield self._on_nodes(f"{name} {kind.name}", shape, chosen, colors, chosen.condition == Condition.DOWN)

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

    def _cells(self, kind: NodeType, height_m: float, mine: NDArray[np.bool_]) -> Iterator[Movers]:
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
            f"cells {kind.name}",
            chip,
            from_m=at,
            to_m=at,
            cross_m=at[:, 0],
            time_s=(used.start_s, used.start_s, used.end_s),
            window_s=self._window_s,
            color=_user_colors(used.user),
        )

    def _labels(self) -> Iterator[Label]:
        layout, queues = self._layout, self._scenario.queues
        letters, color = 0.24, "#17324d"
        for queue, shelf in zip(queues, layout.shelves, strict=True):
            text = _joined(QUEUE, queue.label or _same(queue.name)) if self._scenario.partitions else QUEUE
            at = (shelf.x_m, shelf.rows * shelf.pitch_m + 0.62, shelf.z_m)
            yield Label(text, at, letters, 2.4, color)
        yield Label(SUBMIT, (layout.entrance_m[0], 2.1, layout.entrance_m[2]), letters, 2.0, "#2f6db3")
        yield Label(DONE, (layout.exit_m[0], 2.1, layout.exit_m[2]), letters, 2.0, "#12805c")
        above = CABINET_M[1] + 0.62
        for number, kind in enumerate(self._scenario.node_types):
            mine = [cabinet for cabinet in layout.cabinets if cabinet.node_type == number]
            row = [cabinet for cabinet in mine if cabinet.z_m == mine[0].z_m]
            at = (sum(cabinet.x_m for cabinet in row) / len(row), above, row[0].z_m)
            yield Label(kind.label or _same(kind.name), at, letters, max(1.8, 0.62 * len(row)), color)

    def _targets(self) -> Iterator[Target]:
        layout, places = self._layout, self._places
        names = [kind.label or _same(kind.name) for kind in self._scenario.node_types]
        first = np.searchsorted(self._type, np.arange(len(names)))
        racks: defaultdict[int, list[int]] = defaultdict(list)
        for number, cabinet in enumerate(layout.cabinets):
            racks[cabinet.rack].append(number)
        first_rack = np.cumsum([0, *(kind.racks for kind in self._scenario.node_types)])
        wide, high, deep = CABINET_M
        for rack, numbers in racks.items():
            mine = [
                layout.cabinets[number]
                for number in numbers
                if layout.cabinets[number].z_m == layout.cabinets[numbers[0]].z_m
            ]
            kind = mine[0].node_type
            yield Target(
                places.names[places.first_rack + rack],
                _joined(names[kind], _numbered(RACK, rack - int(first_rack[kind]) + 1)),
                (mine[0].x_m - wide / 2, 0.0, mine[0].z_m - deep / 2),
                (mine[-1].x_m + wide / 2, high, mine[0].z_m + deep / 2),
            )
        for node, (at, height) in enumerate(zip(layout.node_m.tolist(), layout.height_m.tolist(), strict=True)):
            kind = int(self._type[node])
            yield Target(
                places.names[node],
                _numbered(names[kind], node - int(first[kind]) + 1),
                (at[0] - 0.25, at[1] - height / 2, at[2] - 0.05),
                (at[0] + 0.25, at[1] + height / 2, at[2] + 0.03),
            )
        for number, (queue, shelf) in enumerate(zip(self._scenario.queues, layout.shelves, strict=True)):
            text = _joined(QUEUE, queue.label or _same(queue.name)) if self._scenario.partitions else QUEUE
            yield Target(
                places.names[places.first_queue + number],
                text,
                (shelf.x_m - shelf.width_m / 2, 0.0, shelf.z_m - 0.4),
                (shelf.x_m + shelf.width_m / 2, 0.2 + shelf.rows * shelf.pitch_m, shelf.z_m),
            )
        for number, (x, z) in enumerate(coolers_m(layout), 1):
            wide, high, deep = COOLERS_M
            low = (x - wide / 2, 0.0, z - deep / 2)
            yield Target(f"cooling.{number}", _numbered(COOLING, number), low, (x + wide / 2, high, z + deep / 2))


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


def _cube(side_m: float) -> tuple[Solid, ...]:
    return (Box((side_m, side_m, side_m), (0.0, 0.0, 0.0), "#ffffff", side_m * 0.12, glow=0.25),)


def _sizes(share: NDArray[np.float64]) -> NDArray[np.str_]:
    names = np.array(list(SIZES))
    chosen: NDArray[np.str_] = names[(share > SMALL).astype(int) + (share > LARGE)]
    return chosen


def _user_colors(user: NDArray[np.int64]) -> NDArray[np.int64]:
    colors: NDArray[np.int64] = np.array([_number(color) for color in USER_COLORS])[user % len(USER_COLORS)]
    return colors


def _number(color: str) -> int:
    return int(color.removeprefix("#"), 16)


def _same(name: str) -> Text:
    return Text(zh=name, en=name)


def _joined(one: Text, other: Text) -> Text:
    return Text(zh=f"{one.zh} {other.zh}", en=f"{one.en} {other.en}")


def _numbered(text: Text, number: int) -> Text:
    return Text(zh=f"{text.zh} {number}", en=f"{text.en} {number}")
