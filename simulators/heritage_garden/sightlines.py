"""Which scenes are seen from which: straight lines of sight over the garden's walls and through their openings.

People stand in the middle of a scene and look at the middle of another at the height of their eyes. A wall lower than
that hides nothing; in a higher one a door, a moon gate or a window frames the view where the line passes through it.
Trees, rocks and roofs hide nothing here, for the garden's files know too little of them.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from simulators.heritage_garden.geometry import centroid, crossing_at, length_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.heritage_garden.geometry import Point
    from simulators.heritage_garden.parts import Opening, Scene, Wall

__all__ = ["EYES_M", "FARTHEST_M", "View", "outlooks", "views_of"]

EYES_M = 1.6
FARTHEST_M = 100.0
"""How far a pavilion is still something to look at; an assumption."""


class View(NamedTuple):
    """One scene seen from another.

    Parameters
    ----------
    here, there
        Names of the two.
    frames
        Kinds of the openings that the line of sight passes through, on its way.
    """

    here: str
    there: str
    frames: tuple[str, ...]


def views_of(scenes: Sequence[Scene], walls: Sequence[Wall]) -> tuple[View, ...]:
    """Return all views, by the scene in which one stands and then by the one that one sees."""
    middles = [centroid(scene.polygon_m) for scene in scenes]
    found = []
    for here, from_m in zip(scenes, middles, strict=True):
        for there, to_m in zip(scenes, middles, strict=True):
            if here is there or math.dist(from_m, to_m) > FARTHEST_M:
                continue
            frames = _frames(from_m, to_m, walls)
            if frames is not None:
                found.append(View(here.name, there.name, frames))
    return tuple(found)


def outlooks(scenes: Sequence[Scene], walls: Sequence[Wall]) -> tuple[tuple[int, float], ...]:
    """Return for each scene how many others are seen from it, and how attractive they are together."""
    attractiveness = {scene.name: scene.attractiveness for scene in scenes}
    seen: dict[str, list[float]] = {scene.name: [] for scene in scenes}
    for view in views_of(scenes, walls):
        seen[view.here].append(attractiveness[view.there])
    return tuple((len(others), sum(others)) for others in seen.values())


def _frames(from_m: Point, to_m: Point, walls: Sequence[Wall]) -> tuple[str, ...] | None:
    """Return the openings on a line of sight in their order, None where a wall hides what is behind."""
    found: list[tuple[float, str]] = []
    for wall in walls:
        if wall.height_m <= EYES_M:
            continue
        before_m = 0.0
        for side in pairwise(wall.line_m):
            long_m = length_m(side)
            share = crossing_at(side, (from_m, to_m))
            if share is not None:
                opening = _opening_at(wall, before_m + share * long_m)
                if opening is None:
                    return None
                found.append((crossing_at((from_m, to_m), side) or 0.0, opening.kind))
            before_m += long_m
    return tuple(kind for _, kind in sorted(found))


def _opening_at(wall: Wall, at_m: float) -> Opening | None:
    for opening in wall.openings:
        if abs(at_m - opening.at_m) <= opening.width_m / 2 and opening.sill_m < EYES_M < opening.head_m:
            return opening
    return None
