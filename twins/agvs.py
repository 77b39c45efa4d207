"""Automated guided vehicles: they carry parts along the line wherever no conveyor leads to the next station.

A vehicle carries along the loading lane, before the machines; empty, it waits on and drives along the parking lane
before that. The journal does not know vehicles: there are as many as the trips of a window need.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.hall import shade
from twins.machines import BELT_M
from twins.scene import Box, Cylinder
from twins.timing import timed_movers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from twins.scene import Movers, Solid

__all__ = ["AGV_M", "PARKING_M", "Trips", "agv_lanes", "agvs_in_motion", "dock"]

AGV_M = (0.62, 0.44)
"""Length and width of a vehicle."""

PARKING_M = 0.75
"""From the loading lane to the parking lane."""

CLEARS_S, FASTEST_M_S = 2.0, 4.0
"""How long a vehicle needs to leave the loading lane, and how fast it comes; simulated seconds."""

YELLOW, DARK, DECK, TAPE = "#f2b824", "#39434d", "#59646e", "#2f6db3"


@dataclass(frozen=True, eq=False)
class Trips:
    """``N`` ways of parts along the loading lane.

    Parameters
    ----------
    from_m, to_m
        ``(N,)`` x of their ends.
    start_s, end_s
        ``(N,)`` simulated time.
    """

    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    start_s: NDArray[np.float64]
    end_s: NDArray[np.float64]


def agv() -> tuple[Solid, ...]:
    """Return a vehicle around the middle of the part on its deck."""
    long, wide = AGV_M
    foot = -BELT_M
    solids: list[Solid] = [
        Box((long, 0.2, wide), (0, foot + 0.17, 0), YELLOW, 0.03),
        Box((long + 0.06, 0.07, wide - 0.06), (0, foot + 0.09, 0), DARK, 0.01),
        Box((0.34, 0.5, 0.26), (0, foot + 0.5, 0), "#e8edf1", 0.02),
        Box((long - 0.06, 0.06, wide - 0.04), (0, -0.06, 0), DECK, 0.015),
        Box((0.04, 0.05, wide - 0.1), (long / 2 - 0.01, foot + 0.19, 0), "#8fe3ff", glow=0.9),
        Box((0.04, 0.05, wide - 0.1), (-long / 2 + 0.01, foot + 0.19, 0), "#8fe3ff", glow=0.9),
        Cylinder(0.03, 0.08, (0.12, foot + 0.31, wide / 2 - 0.06), "#f59e0b", sides=10, glow=0.6),
    ]
    solids += [
        Cylinder(0.02, wide - 0.08, (x, -0.028, 0), "#aeb8c2", axis="z", sides=8) for x in (-0.2, -0.07, 0.07, 0.2)
    ]
    solids += [
        Cylinder(0.07, 0.05, (x, foot + 0.07, side * (wide / 2 - 0.02)), "#15191d", axis="z", sides=14)
        for x in (-0.2, 0.2)
        for side in (-1, 1)
    ]
    return tuple(solids)


def agv_lanes(begin_m: float, end_m: float, z_m: float) -> tuple[Solid, ...]:
    """Build both lanes on the floor: magnetic tape, and dashes at the edges.

    Parameters
    ----------
    begin_m, end_m
        Their ends along x.
    z_m
        Middle of the loading lane.
    """
    long, middle = end_m - begin_m + 1.0, (begin_m + end_m) / 2
    solids: list[Solid] = [
        Box((long, 0.004, PARKING_M + AGV_M[1] + 0.3), (middle, -0.001, z_m + PARKING_M / 2), "#cfd8dd"),
    ]
    solids += [Box((long, 0.004, 0.05), (middle, 0.003, z), TAPE) for z in (z_m, z_m + PARKING_M)]
    edges = (z_m - AGV_M[1] / 2 - 0.12, z_m + PARKING_M + AGV_M[1] / 2 + 0.12)
    for number in range(round(long / 0.7)):
        x = middle + long * ((number + 0.5) / round(long / 0.7) - 0.5)
        solids += [Box((0.36, 0.004, 0.05), (x, 0.003, z), "#f2c230") for z in edges]
    return tuple(solids)


def dock(x_m: float, from_m: float, to_m: float) -> tuple[Solid, ...]:
    """Build the stub of conveyor between the lane of a station and the loading lane, along z."""
    low, high = min(from_m, to_m), max(from_m, to_m)
    long, middle = high - low, (low + high) / 2
    solids: list[Solid] = [
        shade(x_m, middle, 0.4, long),
        Box((0.3, 0.03, long), (x_m, BELT_M - 0.06, middle), "#2d353d"),
    ]
    solids += [Box((0.035, 0.07, long), (x_m + side * 0.175, BELT_M - 0.055, middle), "#c3ccd4") for side in (-1, 1)]
    legs = max(2, round(long / 1.4) + 1)
    for number in range(legs):
        z = low + 0.08 + (long - 0.16) * number / (legs - 1)
        solids += [
            Box((0.05, BELT_M - 0.08, 0.05), (x_m + side * 0.15, (BELT_M - 0.08) / 2, z), "#8b97a3") for side in (-1, 1)
        ]
    return tuple(solids)


def agvs_in_motion(trips: Trips, lane_m: float, start_s: float, end_s: float) -> Movers:
    """Return the vehicles.

    Parameters
    ----------
    trips
        What is carried.
    lane_m
        z of the loading lane.
    start_s, end_s
        The window, simulated seconds.
    """
    rows = np.array([row for vehicle in _fleet(trips) for row in _moves(trips, vehicle, lane_m, start_s, end_s)])
    if not len(rows):
        rows = np.empty((0, 10))
    return timed_movers(
        "agvs",
        agv(),
        from_m=rows[:, 0:3],
        to_m=rows[:, 3:6],
        cross_m=rows[:, 6],
        time_s=(rows[:, 7], rows[:, 8], rows[:, 9]),
        window_s=(start_s, end_s),
    )


def _fleet(trips: Trips) -> list[list[int]]:
    """Share trips out: each goes to the vehicle that has the shortest way to it and comes in time, or to a new one."""
    fleet: list[list[int]] = []
    for trip in np.argsort(trips.start_s, kind="stable").tolist():
        best, shortest_m = -1, np.inf
        for number, vehicle in enumerate(fleet):
            way_m = abs(trips.to_m[vehicle[-1]] - trips.from_m[trip])
            time_s = trips.start_s[trip] - trips.end_s[vehicle[-1]]
            if time_s >= way_m / FASTEST_M_S and way_m < shortest_m:
                best, shortest_m = number, way_m
        if best < 0:
            fleet.append([trip])
        else:
            fleet[best].append(trip)
    return fleet


def _moves(
    trips: Trips, vehicle: list[int], lane_m: float, start_s: float, end_s: float
) -> Iterator[tuple[float, ...]]:
    """Yield from, to, x of the turn, and times of every move of one vehicle."""
    parking_m = lane_m + PARKING_M
    x_m, now_s = float(trips.from_m[vehicle[0]]), min(start_s, float(trips.start_s[vehicle[0]]) - CLEARS_S)
    z_m = parking_m
    for trip in vehicle:
        begin_s, stop_s = float(trips.start_s[trip]), float(trips.end_s[trip])
        pick_m, drop_m = float(trips.from_m[trip]), float(trips.to_m[trip])
        leaves_s = begin_s - max(CLEARS_S, abs(pick_m - x_m) / FASTEST_M_S)
        if z_m == lane_m and leaves_s - now_s >= CLEARS_S:
            yield x_m, BELT_M, lane_m, x_m, BELT_M, parking_m, x_m, now_s, now_s + CLEARS_S, leaves_s
            now_s, z_m = leaves_s, parking_m
        elif z_m == parking_m and leaves_s > now_s:
            yield x_m, BELT_M, parking_m, x_m, BELT_M, parking_m, x_m, now_s, now_s, leaves_s
            now_s = leaves_s
        yield x_m, BELT_M, z_m, pick_m, BELT_M, lane_m, pick_m, now_s, begin_s, begin_s
        yield pick_m, BELT_M, lane_m, drop_m, BELT_M, lane_m, drop_m, begin_s, stop_s, stop_s
        x_m, z_m, now_s = drop_m, lane_m, stop_s
    yield x_m, BELT_M, lane_m, x_m, BELT_M, parking_m, x_m, now_s, now_s + CLEARS_S, max(end_s, now_s) + 1e3
