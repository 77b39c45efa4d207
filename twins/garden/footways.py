"""Paths as lines in space, from either end: what visitors walk along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.bridges import bridge_heights_m
from twins.garden.plan import leftwards, reached_m, resampled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.heritage_garden import Garden
    from twins.garden.mesh import Numbers
    from twins.garden.terrain import Terrain

__all__ = ["Footways", "footways"]

STEP_M = 3.0
LEVEL_M = 0.12
"""A path that keeps this close to a straight slope needs no points between its corners."""
PAVED_M, FLOOR_M = 0.05, 0.09
"""How high above the ground one walks on paving, and in a corridor."""


@dataclass(frozen=True, eq=False)
class Footways:
    """``W`` ways, path ``p`` from its start as number ``2 p`` and from its end as ``2 p + 1``; ``K`` points in all.

    Parameters
    ----------
    first, count
        ``(W,)`` number of a way's first point, and how many it has.
    point_m
        ``(K, 3)``.
    left
        ``(K, 2)`` vectors of a metre to the left.
    reached_m
        ``(K,)`` distance from the way's first point.
    half_m
        ``(W,)`` how far from the middle one may walk.
    """

    first: NDArray[np.int64]
    count: NDArray[np.int64]
    point_m: Numbers
    left: Numbers
    reached_m: Numbers
    half_m: Numbers


def footways(garden: Garden, terrain: Terrain) -> Footways:
    """Return all ways of a garden."""
    points, lefts, reach, halves = [], [], [], []
    for path in garden.paths:
        line = np.array(path.line_m, float)
        fine = resampled(line, STEP_M)
        far = reached_m(fine)
        if path.kind in ("bridge", "zigzag_bridge"):
            height = bridge_heights_m(fine, far, terrain, arched=path.kind == "bridge")
        else:
            height = terrain.height_m(fine) + (FLOOR_M if path.kind == "covered_corridor" else PAVED_M)
        corner = reached_m(line)
        if abs(height - np.interp(far, corner, np.interp(corner, far, height))).max() < LEVEL_M:
            fine, height = line, np.interp(corner, far, height)
        way = np.concatenate((fine, height[:, None]), axis=1)
        for one in (way, way[::-1]):
            points.append(one)
            lefts.append(leftwards(one[:, :2]))
            reach.append(reached_m(one[:, :2]))
            halves.append(max(0.0, path.width_m / 2 - 0.35))
    count = np.array([len(one) for one in points])
    return Footways(
        np.concatenate(([0], np.cumsum(count)[:-1])), count, np.concatenate(points), np.concatenate(lefts),
        np.concatenate(reach), np.array(halves),
    )  # fmt: skip
