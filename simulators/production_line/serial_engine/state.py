"""The state of a compiled serial line.

Parts keep their order all along the line and are numbered in that order. So a buffer is a number of parts, and the next
part that a machine takes is the one after its last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from simulators.winner_tree import WinnerTree, new_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from simulators.distributions import Distribution
    from simulators.production_line.places import Places
    from simulators.production_line.scenario import ProductionLine
    from simulators.streams import Streams

    Draws = Callable[[int], NDArray[np.float64]]

__all__ = [
    "EMPTY",
    "FINISHED",
    "NONE",
    "UNLIMITED",
    "WORKING",
    "SerialLine",
    "Station",
    "built",
    "is_serial",
]

EMPTY, WORKING, FINISHED = range(3)  # what a machine holds: no part, an unfinished one, one that is finished
UNLIMITED = 1 << 62
NONE = -1

Station: TypeAlias = Any
"""A `STATION` record in compiled code."""

I8, F8, B1 = np.int64, np.float64, np.bool_

STATION = np.dtype(
    [
        ("left_s", F8), ("began_s", F8), ("ends_s", F8), ("life_s", F8), ("queued", I8), ("places", I8), ("part", I8),
        ("holds", I8), ("service", I8), ("up_time", I8), ("repair_time", I8), ("down", B1), ("wears", B1),
    ],
    align=True,
)  # fmt: skip
"""A station and its machine. ``part``: the one on the machine, or the last; ``service`` …: its streams; ``wears``:
whether only time of work counts until it fails, ``life_s`` being what is left."""

WORLD = np.dtype(
    [
        ("now_s", F8), ("scheduled", I8), ("released", I8), ("outside", I8), ("left", I8), ("most", I8),
        ("interval", I8), ("opening", B1),
    ],
    align=True,
)  # fmt: skip
"""The clock, events scheduled, parts that have been let in, wait outside and have left. ``most``: parts that may be in
the line; ``interval``: stream of arrivals, `NONE` where material is always there; ``opening``: whether the first
station is still to be filled."""


class SerialLine(NamedTuple):
    """A line of ``S`` stations.

    Parameters
    ----------
    world
        One `WORLD` record.
    stations
        ``(S,)`` `STATION` records.
    works
        By station, when the service on its machine ends, or wears it out; behind them the next arrival.
    fails
        By station, when its machine fails by the calendar, or, while it is down, when it is repaired.
    """

    world: Any
    stations: Any
    works: WinnerTree
    fails: WinnerTree


def is_serial(scenario: ProductionLine, places: Places) -> bool:
    """Return whether a line is one of single machines in a row that know services, buffers and failures only.

    One type of parts passes them all in order; it is let in by one release, saturated, by intervals or by constant WIP.
    """
    if len(scenario.types) != 1 or len(places.sources) != 1 or scenario.crews or scenario.shifts:
        return False
    if places.sources[0].release.kind not in {"saturated", "interval", "constant_wip"}:
        return False
    if [station for station, _ in places.routes[0]] != list(range(len(scenario.stations))):
        return False
    return all(
        station.machines == 1
        and station.service_skill is None
        and station.conveyor is None
        and scenario.cards(station) is None
        and station.setup is None
        and station.assembly is None
        and (station.failures is None or station.failures.skill is None)
        and station.maintenance is None
        and station.defect_probability == 0
        and station.inspection is None
        and station.shift is None
        for station in scenario.stations
    )


def built(scenario: ProductionLine, places: Places, streams: Streams) -> tuple[SerialLine, list[Draws], list[int]]:
    """Return a serial line before anything has happened, what draws from each stream, and how often that is likely."""
    draws: list[Draws] = []
    likely: list[int] = []

    def stream(name: str, distribution: Distribution, spacing_s: float) -> int:
        draws.append(streams.draws(name, distribution))
        likely.append(int(scenario.horizon_s / spacing_s) + 1 if spacing_s > 0 else 0)
        return len(draws) - 1

    slowest_s = max(service.mean_s for _, service in places.routes[0])
    (kind,) = scenario.types
    rows = []
    for number, station in enumerate(scenario.stations):
        name, own = f"station.{station.name}.1", kind.route[number].service
        service = f"{name}.service" if own is None else f"{name}.service.{kind.name}.{number + 1}"
        room = UNLIMITED if station.buffer_places is None else station.buffer_places
        time, up_time, repair_time = stream(service, own or station.service, slowest_s), NONE, NONE
        failures = station.failures
        if failures is not None:
            cycle_s = failures.up_time.mean_s + failures.repair_time.mean_s
            up_time = stream(f"{name}.up_time", failures.up_time, cycle_s)
            repair_time = stream(f"{name}.repair_time", failures.repair_time, cycle_s)
        wears = failures is not None and failures.clock == "operation"
        rows.append((0.0, 0.0, 0.0, np.inf, 0, room, NONE, EMPTY, time, up_time, repair_time, False, wears))
    stations = np.array(rows, STATION)  # far quicker than field by field
    world = np.zeros(1, WORLD)
    (source,) = places.sources
    world["interval"] = NONE
    world["most"] = source.release.parts if source.release.kind == "constant_wip" else UNLIMITED
    world["opening"] = True
    if source.release.kind == "interval":
        interval = source.release.interval
        world["interval"] = stream(f"{source.name}.interval", interval, interval.mean_s)
    return SerialLine(world, stations, new_tree(len(stations) + 1), new_tree(len(stations))), draws, likely
