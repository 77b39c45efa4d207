"""What is plotted beside a scene: figures of a plant over a window, from its journal, for any toolkit to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from simulators import Text
from simulators.heritage_garden import Places as GardenPlaces
from simulators.heritage_garden import time_series
from simulators.production_line import Event, Places, State
from twins.cluster_motion import story
from twins.cluster_power import node_power_w
from twins.cluster_rows import Condition
from twins.motion import spells

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulators import Run
    from simulators.compute_cluster import ComputeCluster
    from simulators.heritage_garden import HeritageGarden
    from simulators.production_line import ProductionLine

    Times = NDArray[np.float64]

__all__ = ["SERIES", "Series", "cluster_series", "garden_series", "line_series"]

POINTS = 240
SECONDS_PER_HOUR = 3600.0
LEAST_RATE_S, RATE_SHARE = 300.0, 1 / 24
"""A rate is counted over this share of the window, and over no less than that."""

STATES = (
    ("在加工的设备", "machines working", State.WORKING),
    ("故障的设备", "machines down", State.DOWN),
    ("阻塞的设备", "machines blocked", State.BLOCKED),
)


@dataclass(frozen=True, eq=False)
class Series:
    """A figure over time.

    Parameters
    ----------
    name
        What it is called.
    unit
        Its unit, ``1`` for a ratio.
    time_s
        ``(N,)`` seconds from the window's start, increasing.
    value
        ``(N,)`` values.
    """

    name: Text
    unit: str
    time_s: NDArray[np.float64]
    value: NDArray[np.float64]


def line_series(run: Run, start_s: float, end_s: float, step_s: float | None = None) -> tuple[Series, ...]:
    """Return throughput, work in progress, and how machines spend their time.

    Parameters
    ----------
    run
        Of a production line, with its journal.
    start_s, end_s
        The window, simulated seconds.
    step_s
        From one value to the next, the last at the window's end; a 240th of the window unless given.
    """
    scenario, journal = cast("ProductionLine", run.scenario), run.journal
    time_s = _points(start_s, end_s, step_s)
    leaves = np.isin(journal.event, (Event.EXIT, Event.SCRAP, Event.ASSEMBLE))
    within = _level(journal.time_s, (journal.event == Event.RELEASE).astype(np.int64) - leaves, time_s)
    tracks = [spells(journal, place, start_s, end_s) for mine in Places(scenario).machines for place in mine]
    state, begin_s, until_s = (
        np.concatenate([getattr(track, column) for track in tracks]) for column in ("state", "start_s", "end_s")
    )
    made = [
        _series(
            "产出速度",
            "throughput",
            "parts/h",
            start_s,
            time_s,
            _rate(journal.time_s[journal.event == Event.EXIT], time_s),
        ),
        _series("在制品", "work in progress", "parts", start_s, time_s, within),
    ]
    for zh, en, wanted in STATES:
        mine = state == wanted
        if mine.any():
            share = _mean(begin_s[mine], until_s[mine], np.ones(int(mine.sum())), time_s) / len(tracks)
            made.append(_series(zh, en, "1", start_s, time_s, share))
    return tuple(made)


def cluster_series(run: Run, start_s: float, end_s: float, step_s: float | None = None) -> tuple[Series, ...]:
    """Return utilisation, jobs that wait and run, nodes that are down, and the power of all nodes where it is known.

    Parameters
    ----------
    run
        Of a compute cluster, with its journal.
    start_s, end_s
        The window, simulated seconds.
    step_s
        From one value to the next, the last at the window's end; a 240th of the window unless given.
    """
    scenario = cast("ComputeCluster", run.scenario)
    told, time_s = story(scenario, run.journal), _points(start_s, end_s, step_s)
    spells_, waits, runs = told.spells, told.waits, told.stays.chosen(told.stays.rank == 0)
    cores, gpus, nodes = (
        sum(amount * kind.nodes for amount, kind in zip(each, scenario.node_types, strict=True))
        for each in zip(*((kind.cores, kind.gpus, 1) for kind in scenario.node_types), strict=True)
    )
    used = _mean(spells_.start_s, spells_.end_s, spells_.cores, time_s) / cores
    made = [_series("核利用率", "cores in use", "1", start_s, time_s, used)]
    if gpus:
        used_gpus = _mean(spells_.start_s, spells_.end_s, spells_.gpus, time_s) / gpus
        made.append(_series("GPU 利用率", "GPUs in use", "1", start_s, time_s, used_gpus))
    for zh, en, rows in (("排队作业", "jobs waiting", waits), ("运行作业", "jobs running", runs)):
        made.append(_series(zh, en, "jobs", start_s, time_s, _present(rows.start_s, rows.end_s, time_s)))
    down = spells_.chosen(spells_.condition == Condition.DOWN)
    if len(down.node):
        share = _mean(down.start_s, down.end_s, np.ones(len(down.node)), time_s) / nodes
        made.append(_series("故障节点", "nodes down", "1", start_s, time_s, share))
    if any(kind.busy_w for kind in scenario.node_types):
        power_w = _mean(spells_.start_s, spells_.end_s, node_power_w(scenario, spells_), time_s)
        made.append(_series("节点功率", "power of the nodes", "W", start_s, time_s, power_w))
    return tuple(made)


def garden_series(run: Run, start_s: float, end_s: float, step_s: float | None = None) -> tuple[Series, ...]:
    """Return visitors inside and in queues, and how full the garden is.

    Parameters
    ----------
    run
        Of a heritage garden, with its journal.
    start_s, end_s
        The window, times of day in seconds.
    step_s
        From one value to the next, counted from midnight; a 240th of the window unless given.
    """
    scenario = cast("HeritageGarden", run.scenario)
    found = time_series(run.journal, scenario, step_s=step_s or (end_s - start_s) / POINTS)
    # Its steps begin at midnight; those of the window are picked.
    seen = (found.time_s >= start_s) & (found.time_s <= end_s)
    time_s, inside = found.time_s[seen], found.inside[seen].astype(np.float64)
    queued = found.visitors[seen, : GardenPlaces(scenario).scenes_from].sum(axis=1)
    capacity = scenario.garden.instantaneous_capacity
    return (
        _series("在园游人", "visitors inside", "visitors", start_s, time_s, inside),
        _series("门外排队", "in queues at the gates", "visitors", start_s, time_s, queued),
        _series("瞬时承载率", "share of the capacity", "1", start_s, time_s, inside / capacity),
    )


SERIES: dict[str, Callable[..., tuple[Series, ...]]] = {
    "compute_cluster": cluster_series,
    "heritage_garden": garden_series,
    "production_line": line_series,
}
"""For every kind of scenario, what is plotted over a window of a run, in steps of a length if one is given."""


def _series(zh: str, en: str, unit: str, start_s: float, time_s: Times, value: NDArray[np.generic]) -> Series:
    return Series(Text(zh=zh, en=en), unit, time_s - start_s, value.astype(np.float64))


def _points(start_s: float, end_s: float, step_s: float | None) -> Times:
    if step_s is None:
        return np.linspace(start_s, end_s, POINTS + 1)
    return np.append(np.arange(start_s, end_s, step_s), end_s)


def _level(event_s: Times, change: NDArray[np.integer], time_s: Times) -> NDArray[np.int64]:
    """Return the running sum of changes at times, all events of that instant having happened."""
    total: NDArray[np.int64] = np.concatenate(([0], np.cumsum(change)))
    return total[np.searchsorted(event_s, time_s, side="right")]


def _present(begin_s: Times, end_s: Times, time_s: Times) -> NDArray[np.int64]:
    """Return how many intervals hold each time."""
    begun = np.searchsorted(np.sort(begin_s), time_s, side="right")
    ended = np.searchsorted(np.sort(end_s), time_s, side="right")
    present: NDArray[np.int64] = begun - ended
    return present


def _mean(begin_s: Times, end_s: Times, amount: NDArray[np.number], time_s: Times) -> Times:
    """Return the mean of what intervals hold together, over the step before each time; at first, over the one after."""
    at = np.concatenate([begin_s, end_s]).clip(time_s[0], time_s[-1])
    change = np.concatenate([amount, -amount]).astype(np.float64)
    order = np.argsort(at, kind="stable")
    at = np.concatenate((time_s[:1], at[order], time_s[-1:]))
    level = np.concatenate(([0.0], np.cumsum(change[order])))
    area = np.interp(time_s, at, np.concatenate(([0.0], np.cumsum(level * np.diff(at)))))
    mean = np.diff(area) / np.diff(time_s)
    return np.append(mean[:1], mean)


def _rate(event_s: Times, time_s: Times) -> Times:
    """Return events an hour, counted over the time before each time, as far as the run goes back."""
    before_s = np.minimum(max(LEAST_RATE_S, RATE_SHARE * (time_s[-1] - time_s[0])), time_s)
    count = np.searchsorted(event_s, time_s, side="right") - np.searchsorted(event_s, time_s - before_s, side="right")
    rate: Times = np.divide(count * SECONDS_PER_HOUR, before_s, out=np.zeros(len(time_s)), where=before_s > 0)
    return rate
