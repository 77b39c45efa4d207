"""Where there is room: what is already planned for every place of a garden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.plan import closed, distance_m, inside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.heritage_garden import Garden
    from twins.garden.mesh import Numbers
    from twins.garden.terrain import Terrain

__all__ = ["Site"]


@dataclass(frozen=True, eq=False)
class Site:
    """A garden's plan, asked for room.

    Parameters
    ----------
    garden
        Its plan.
    terrain
        Its ground.
    """

    garden: Garden
    terrain: Terrain

    def room_m(self, points: Numbers) -> Numbers:
        """Return ``(N,)`` the distance from points to the nearest path, wall, scene, water or edge; 0 within one."""
        garden = self.garden
        room = np.where(inside(points, garden.outline_m), distance_m(points, closed(garden.outline_m)), 0.0)
        for path in garden.paths:
            cover = 0.9 if path.kind == "covered_corridor" else 0.0
            room = np.minimum(room, distance_m(points, path.line_m) - path.width_m / 2 - cover)
        for wall in garden.walls:
            room = np.minimum(room, distance_m(points, wall.line_m) - 0.4)
        for scene in garden.scenes:
            away = np.where(inside(points, scene.polygon_m), 0.0, distance_m(points, closed(scene.polygon_m)))
            room = np.minimum(room, away - (0.8 if scene.sheltered else 0.0))
        return np.asarray(np.maximum(np.minimum(room, -self.terrain.wet(points)), 0.0))

    def spaced(self, points: Numbers, apart_m: Sequence[float] | Numbers) -> Numbers:
        """Return which points, by number, can stand together, the first ones first."""
        chosen: list[int] = []
        for number, (point, apart) in enumerate(zip(points, apart_m, strict=True)):
            others = points[chosen]
            if not chosen or float(((others - point) ** 2).sum(axis=1).min()) > apart**2:
                chosen.append(number)
        return np.array(chosen, int)
