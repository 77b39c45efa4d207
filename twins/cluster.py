"""The 3-D scene of a compute cluster: a data hall, replayed from the journal of a run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from simulators import Text
from simulators.compute_cluster import Places
from twins.cluster_hall import COOLERS_M, cluster_hall, coolers_m, node_body
from twins.cluster_jobs import JobsInMotion
from twins.cluster_layout import CABINET_M, lay_out_cluster
from twins.cluster_motion import Story, story
from twins.cluster_nodes import NodesInUse
from twins.copies import copies
from twins.renderer import framing
from twins.scene import Label, Scene, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from simulators.compute_cluster import ComputeCluster
    from simulators.journal import Journal
    from twins.scene import Solid

__all__ = ["cluster_scene"]

LOOKING_FROM, LOOKING_DOWN_FROM = (-0.12, 0.5, 1.0), (-0.12, 0.78, 1.0)
"""Where the viewer stands before one row, and before several."""

ASPECT = 2.0

QUEUE, RACK = Text(zh="等待队列", en="Queue"), Text(zh="机柜", en="rack")
SUBMIT, DONE = Text(zh="提交", en="Submitted"), Text(zh="完成", en="Done")
COOLING = Text(zh="精密空调", en="Cooling unit")


def cluster_scene(
    scenario: ComputeCluster, journal: Journal, start_s: float, end_s: float, *, way_s: float | None = None
) -> Scene:
    """Build the scene of a window of a run.

    Parameters
    ----------
    scenario
        The cluster.
    journal
        What happened in it.
    start_s, end_s
        The window, in simulated seconds.
    way_s
        How long a job is seen to travel; 1/150 of the window unless given.

    Returns
    -------
    Solids, labels, targets, and as movers: ``queue SIZE``, ``coming SIZE``, ``going SIZE`` for jobs that wait, come to
    their nodes and go, and for every node type ``load TYPE LEVEL``, ``condition TYPE``, ``cells TYPE``.
    """
    return _ClusterScene(scenario, story(scenario, journal), start_s, end_s, way_s).scene()


class _ClusterScene:
    def __init__(
        self, scenario: ComputeCluster, told: Story, start_s: float, end_s: float, way_s: float | None
    ) -> None:
        self._scenario = scenario
        self._places = Places(scenario)
        self._window_s = start_s, end_s
        slot = told.waits.slots()
        lasting = (told.waits.end_s > told.waits.start_s) & (told.waits.end_s > start_s) & (told.waits.start_s < end_s)
        self._layout = lay_out_cluster(scenario)
        types = scenario.node_types
        self._type = np.repeat(np.arange(len(types)), [one.nodes for one in types])
        cores = sum(one.cores * one.nodes for one in types)
        stays = told.stays.within(start_s, end_s)
        waits = told.waits.chosen(lasting)
        jobs = JobsInMotion(self._layout, waits, slot[lasting], stays, cores, self._window_s, way_s)
        spells = told.spells.within(start_s, end_s)
        nodes = NodesInUse(scenario, self._layout, spells, stays, self._window_s)
        self._movers = (*jobs.queued(), *jobs.travelling(), *nodes.movers())

    def scene(self) -> Scene:
        layout, (start_s, end_s) = self._layout, self._window_s
        low = (layout.entrance_m[0] - 0.15, 0.0, layout.rows_m[-1] - CABINET_M[2] / 2)
        high = (layout.exit_m[0] + 0.15, CABINET_M[1] + 0.3, layout.exit_m[2] + 0.5)
        return Scene(
            solids=(*cluster_hall(layout), *self._nodes()),
            labels=tuple(self._labels()),
            movers=tuple(movers for movers in self._movers if len(movers)),
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


def _same(name: str) -> Text:
    return Text(zh=name, en=name)


def _joined(one: Text, other: Text) -> Text:
    return Text(zh=f"{one.zh} {other.zh}", en=f"{one.en} {other.en}")


def _numbered(text: Text, number: int) -> Text:
    return Text(zh=f"{text.zh} {number}", en=f"{text.en} {number}")
