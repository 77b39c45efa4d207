"""A roof over a gate in the outer wall, on two pairs of columns, with a step and a board for the garden's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, bars, blocks, joined
from twins.garden.palette import STONE, TIMBER
from twins.garden.plan import reached_m
from twins.garden.roofs import Slope, hip_and_gable_roof

if TYPE_CHECKING:
    from twins.garden.mesh import Numbers

__all__ = ["gatehouse"]

HALF_M = (3.2, 1.9)
EAVES_M, RIDGE_M = 4.7, 6.9
BOARD = "#3c4a40"


def gatehouse(wall: Numbers, at_m: float) -> Mesh:
    """Return a gatehouse.

    Parameters
    ----------
    wall
        ``(N, 2)`` line of the outer wall.
    at_m
        Where along it the gate is.
    """
    far = reached_m(wall)
    side = min(int(np.searchsorted(far, at_m, side="right")) - 1, len(wall) - 2)
    way = (wall[side + 1] - wall[side]) / (far[side + 1] - far[side])
    middle = wall[side] + way * (at_m - far[side])
    foot = np.array([(x, y, -0.4) for x in (-2.2, 2.2) for y in (-1.3, 1.3)])
    head = foot * (1, 1, 0) + (0, 0, EAVES_M + 0.2)
    parts = [
        hip_and_gable_roof(HALF_M, Slope(EAVES_M, RIDGE_M, HALF_M[1], lift_m=0.8, row_m=1.0)),
        bars(foot, head, 0.14, TIMBER, sides=6),
        blocks([(0, 0, EAVES_M + 0.05)], [(5.2, 3.0, 0.3)], TIMBER),
        blocks([(0, 0, -0.25)], [(5.4, 3.6, 0.56)], STONE),
        blocks([(0, y, 3.75) for y in (-0.3, 0.3)], [(2.0, 0.1, 0.6)] * 2, BOARD),
    ]
    return joined(parts).placed((*middle, 0.0), turn_rad=float(np.arctan2(way[1], way[0])))
