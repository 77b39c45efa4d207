"""How high the ground is: hills under what paths climb to, and the pond's water below it all."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.plan import closed, distance_m, inside, shore, smoothstep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulators.heritage_garden import Garden
    from twins.garden.mesh import Numbers

__all__ = ["WATER_M", "Terrain", "node_heights_m"]

WATER_M = -0.6
"""Height of the water."""

BANK_M = 1.6
LEVEL_M = 0.1
FAR_M = 4.0
FOOT_A_METRE = 2.6
"""How far a hill's foot lies out, for each metre of its height."""


@dataclass(frozen=True, eq=False)
class Terrain:
    """The ground of a garden.

    Parameters
    ----------
    hills
        Outlines of what lies higher, ``(C, 2)``, and how high.
    flats
        Outlines of what lies on the level ground.
    shores
        The ponds' outlines, counter-clockwise.
    """

    hills: tuple[tuple[Numbers, float], ...]
    flats: tuple[Numbers, ...]
    shores: tuple[Numbers, ...]

    @classmethod
    def of(cls, garden: Garden) -> Terrain:
        """Return a garden's ground."""
        heights = node_heights_m(garden)
        scenes = [(np.array(scene.polygon_m), heights.get(scene.name, 0.0)) for scene in garden.scenes]
        return cls(
            tuple((corners, height) for corners, height in scenes if height > LEVEL_M),
            tuple(corners for corners, height in scenes if height <= LEVEL_M),
            tuple(shore(pond.polygon_m) for pond in garden.ponds),
        )

    def wet(self, points: Numbers) -> Numbers:
        """Return ``(N,)`` how far points lie inside a pond, in metres; negative on land, where 4 m or more are 4."""
        best = np.full(len(points), -FAR_M)
        for line in self.shores:
            rows = _within(points, line, FAR_M)
            away = distance_m(points[rows], closed(line))
            best[rows] = np.maximum(best[rows], np.where(inside(points[rows], line), away, -away))
        return best

    def height_m(self, points: Numbers) -> Numbers:
        """Return ``(N,)`` heights of the ground at points of the plan, in metres."""
        points = np.asarray(points, float)
        height = np.zeros(len(points))
        for corners, top in self.hills:
            foot = max(2.5, FOOT_A_METRE * top)
            rows = _within(points, corners, foot)
            away = np.where(inside(points[rows], corners), 0.0, distance_m(points[rows], closed(corners)))
            height[rows] = np.maximum(height[rows], top * (1 - smoothstep(0.6, foot, away)))
        for corners in self.flats:
            rows = _within(points, corners, 2.5)
            away = np.where(inside(points[rows], corners), 0.0, distance_m(points[rows], closed(corners)))
            height[rows] *= smoothstep(0.0, 2.5, away)
        wet = self.wet(points)
        height = height * smoothstep(0.0, 3.0, -wet)
        return height - 0.25 * smoothstep(-BANK_M, 0.0, wet)


def _within(points: Numbers, line: Numbers, reach_m: float) -> NDArray[np.int64]:
    """Return which points, by number, lie in the box around a line or near it."""
    return np.flatnonzero(((points > line.min(axis=0) - reach_m) & (points < line.max(axis=0) + reach_m)).all(axis=1))


def node_heights_m(garden: Garden) -> dict[str, float]:
    """Return how high gates, scenes and junctions lie: what paths with a rise say, from those without upwards."""
    rises: dict[str, list[tuple[str, float]]] = {}
    flat: set[str] = {gate.name for gate in garden.gates}
    for path in garden.paths:
        if path.rise_m:
            rises.setdefault(path.start, []).append((path.end, path.rise_m))
            rises.setdefault(path.end, []).append((path.start, -path.rise_m))
    climbing = [path for path in garden.paths if path.rise_m]
    # What a stair starts from lies on the ground, unless another stair leads down from it.
    low = {path.start if path.rise_m > 0 else path.end for path in climbing}
    high = {path.end if path.rise_m > 0 else path.start for path in climbing}
    heights = dict.fromkeys(sorted(flat | (low - high)), 0.0)
    waiting = deque(heights)
    while waiting:
        name = waiting.popleft()
        for other, rise in rises.get(name, ()):
            if other not in heights:
                heights[other] = max(0.0, heights[name] + rise)
                waiting.append(other)
    return heights
