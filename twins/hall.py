"""The hall in which a line stands: floor, walkways, wall, and the shade under things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twins.scene import Box, Patch

if TYPE_CHECKING:
    from twins.scene import Solid

__all__ = ["FLOOR", "hall", "shade"]

FLOOR = "#dfe5e8"
SHADE = "#aab4bb"
WALKWAY, YELLOW, WALL, BAND, PANE = "#b9d3c6", "#f2c230", "#f4f7f9", "#3f7fbf", "#d4ebfa"

AISLE_M = 1.0
WALL_M = 3.2


def hall(low_m: float, high_m: float, depth_m: float, ahead_m: float = 0.0) -> tuple[Solid, ...]:
    """Build the hall around a line.

    Parameters
    ----------
    low_m, high_m
        Ends of the line along x.
    depth_m
        Half of the line's depth along z.
    ahead_m
        Room for vehicles before the line.
    """
    middle, length = (low_m + high_m) / 2, high_m - low_m
    back, front = -(depth_m + 1.5), depth_m + 0.75 + ahead_m
    wide = length + 30.0
    solids: list[Solid] = [
        Box((length + 60, 0.02, 60 + 2 * depth_m), (middle, -0.02, 0), FLOOR),
        Box((wide, 0.004, AISLE_M), (middle, 0.0, front + AISLE_M / 2), WALKWAY),
        Box((wide, 0.006, 0.07), (middle, 0.0, front), YELLOW),
        Box((wide, 0.006, 0.07), (middle, 0.0, front + AISLE_M), YELLOW),
        Box((wide, 0.006, 0.07), (middle, 0.0, back + 0.55), YELLOW),
        Box((wide, WALL_M, 0.12), (middle, WALL_M / 2, back - 0.1), WALL),
        Box((wide, 0.16, 0.02), (middle, 0.95, back - 0.03), BAND),
        Box((wide, 0.1, 0.18), (middle, WALL_M + 0.02, back - 0.1), "#9aa9b5"),
        Box((wide, 0.12, 0.02), (middle, 0.06, back - 0.03), "#8c99a5"),
    ]
    panes = max(2, round(wide / 2.2))
    for number in range(panes):
        x = middle + wide * ((number + 0.5) / panes - 0.5)
        solids.append(Box((wide / panes - 0.5, 1.2, 0.02), (x, 2.2, back - 0.035), "#b8c6d0"))
        for side in (-1, 1):
            solids.append(
                Box(
                    (wide / panes / 2 - 0.32, 1.1, 0.02),
                    (x + side * (wide / panes - 0.5) / 4, 2.2, back - 0.025),
                    PANE,
                    glow=0.4,
                )
            )
    return tuple(solids)


def shade(x_m: float, z_m: float, length_m: float, depth_m: float) -> Patch:
    """Return the baked shade under a thing with this footprint."""
    return Patch((length_m - 0.1, depth_m - 0.1), 0.35, (x_m, -0.005, z_m), SHADE, FLOOR)
