"""The hall in which a cluster stands: raised floor, cabinets, cooling, cable trays, shelves, doors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.cluster_layout import CABINET_M, FOOT_M, SHELF_DEEP_M
from twins.copies import copies, plate
from twins.scene import Box, Cylinder, Patch, moved

if TYPE_CHECKING:
    from twins.cluster_layout import ClusterLayout, Shelf
    from twins.scene import Solid

__all__ = ["COOLERS_M", "cluster_hall", "coolers_m", "node_body"]

TILE, JOINT, GRILLE, COLD = "#d5dce1", "#b9c3ca", "#8fb7cc", "#5fb4e5"
WALL, BAND, FRAME, INSIDE, EDGE = "#eef2f5", "#2f6db3", "#20262c", "#12161a", "#3a444d"
SHADOW = "#9aa5ad"
COOLER, SLAT, DISPLAY = "#e9edf0", "#59646e", "#35b7d8"
COLD_PIPE, WARM_PIPE, TRAY = "#2f7fd0", "#d0503f", "#e3b52c"
WOOD, STEEL = "#5b7fa3", "#c9d1d8"
DOOR_IN, DOOR_OUT = "#2f6db3", "#12805c"

TILE_M = 0.6
WALL_M = 3.1
BACK_M, SIDE_M, FRONT_M = 2.6, 1.1, 2.4
"""From the rows to the back wall, and from doors to the edge of what is seen."""

COOLERS_M = (1.5, 2.05, 0.8)
"""Size of a cooling unit."""


def cluster_hall(layout: ClusterLayout) -> tuple[Solid, ...]:
    """Build all that stands still, but the nodes."""
    left, right = layout.entrance_m[0] - SIDE_M, layout.exit_m[0] + SIDE_M
    back = layout.rows_m[-1] - CABINET_M[2] / 2 - BACK_M
    front = layout.rows_m[0] + CABINET_M[2] / 2 + FRONT_M
    return (
        *_floor(left, right, back, front, layout),
        *_wall(left, right, back),
        *_cooling(layout, left, right, back),
        *_cabinets(layout),
        *_trays(layout, back),
        *(solid for shelf in layout.shelves for solid in _shelf(shelf)),
        *_door(layout.entrance_m, DOOR_IN),
        *_door(layout.exit_m, DOOR_OUT),
    )


def _floor(left: float, right: float, back: float, front: float, layout: ClusterLayout) -> tuple[Solid, ...]:
    middle_x, middle_z, long, deep = (left + right) / 2, (back + front) / 2, right - left, front - back
    across, along = np.arange(left + TILE_M, right, TILE_M), np.arange(back + TILE_M, front, TILE_M)
    joints = (
        *copies((Box((0.014, 0.002, deep), (0, 0, middle_z), JOINT),), _at(across, 0.0, 0.0)),
        *copies((Box((long, 0.002, 0.014), (middle_x, 0, 0), JOINT),), _at(0.0, 0.0, along)),
    )
    # Cold air comes up through grilles before every row.
    x = np.array([cabinet.x_m for cabinet in layout.cabinets])
    z = np.array([cabinet.front_m for cabinet in layout.cabinets])
    slits = tuple(Box((0.5, 0.004, 0.028), (0, 0.004, 0.075 * (number - 3)), COLD, glow=0.25) for number in range(7))
    return (
        Box((long, 0.3, deep), (middle_x, -0.151, middle_z), TILE),
        Box((long + 40, 0.02, deep + 40), (middle_x, -0.31, middle_z), "#c3ccd2"),
        *joints,
        *copies((Box((0.56, 0.004, 0.56), (0, 0.002, 0), GRILLE), *slits), _at(x, 0.0, z + 0.45)),
    )


def _at(x: object, y: object, z: object) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    return np.stack(np.broadcast_arrays(*(np.atleast_1d(np.asarray(axis, float)) for axis in (x, y, z))), axis=1)


def _wall(left: float, right: float, back: float) -> tuple[Solid, ...]:
    middle, long = (left + right) / 2, right - left
    panels = np.arange(left + 1.2, right, 1.2)
    lights = np.arange(left + 1.2, right - 0.5, 2.4)
    return (
        Box((long, WALL_M, 0.12), (middle, WALL_M / 2, back - 0.06), WALL),
        Box((long, 0.16, 0.03), (middle, 0.08, back + 0.01), "#8c99a5"),
        Box((long, 0.1, 0.02), (middle, WALL_M - 0.35, back + 0.01), BAND),
        *copies((Box((0.012, WALL_M, 0.01), (0, WALL_M / 2, back + 0.005), "#d3dbe1"),), _at(panels, 0.0, 0.0)),
        *copies((Box((1.5, 0.05, 0.05), (0, WALL_M - 0.12, back + 0.05), "#ffffff", glow=0.95),), _at(lights, 0, 0)),
    )


def coolers_m(layout: ClusterLayout) -> list[tuple[float, float]]:
    """Return x and z of the middles of the cooling units, along the back wall."""
    many = max(2, round(layout.width_m / 3.4))
    back = layout.rows_m[-1] - CABINET_M[2] / 2 - BACK_M
    pitch = max(layout.width_m, many * (COOLERS_M[0] + 0.3)) / many
    middle = layout.width_m / 2
    return [(middle + (number - (many - 1) / 2) * pitch, back + COOLERS_M[2] / 2 + 0.15) for number in range(many)]


def _cooling(layout: ClusterLayout, left: float, right: float, back: float) -> tuple[Solid, ...]:
    wide, high, deep = COOLERS_M
    face = deep / 2
    unit: list[Solid] = [
        Box((wide, high, deep), (0, high / 2, 0), COOLER, 0.03),
        Box((wide - 0.2, 0.6, 0.02), (0, 0.5, face), "#2b333a"),
        Box((0.34, 0.2, 0.02), (wide / 2 - 0.32, 1.86, face), DISPLAY, glow=0.8),
        Box((wide - 0.04, 0.05, 0.02), (0, 0.94, face), BAND),
    ]
    unit += [Box((wide - 0.24, 0.035, 0.03), (0, 0.26 + 0.08 * slat, face + 0.01), SLAT) for slat in range(7)]
    for side in (-0.36, 0.36):
        unit += [
            Cylinder(0.31, 0.03, (side, 1.38, face), "#aeb8c2", axis="z", sides=24),
            Cylinder(0.27, 0.03, (side, 1.38, face + 0.01), "#1d242a", axis="z", sides=24),
            Cylinder(0.08, 0.05, (side, 1.38, face + 0.02), SLAT, axis="z"),
            Box((0.5, 0.06, 0.02), (side, 1.38, face + 0.025), SLAT),
            Box((0.06, 0.5, 0.02), (side, 1.38, face + 0.025), SLAT),
        ]
    pipes: list[Solid] = []
    for height, color in ((2.42, COLD_PIPE), (2.58, WARM_PIPE)):
        pipes.append(Cylinder(0.055, right - left, ((left + right) / 2, height, back + 0.14), color, axis="x"))
    solids: list[Solid] = [*pipes]
    for x, z in coolers_m(layout):
        solids += moved(unit, (x, 0.0, z))
        solids.append(Patch((wide, deep), 0.3, (x, 0.003, z), SHADOW, TILE))
        for offset, height, color in ((-0.5, 2.42, COLD_PIPE), (-0.3, 2.58, WARM_PIPE)):
            solids.append(Cylinder(0.04, height - high, (x + offset, (height + high) / 2, back + 0.14), color))
    return tuple(solids)


def _cabinets(layout: ClusterLayout) -> tuple[Solid, ...]:
    wide, high, deep = CABINET_M
    front = deep / 2
    cabinet: list[Solid] = [
        Patch((wide, deep), 0.25, (0, 0.004, 0), SHADOW, TILE),
        Box((wide, high, deep - 0.08), (0, high / 2, -0.04), FRAME),
        Box((wide - 0.1, high - 0.2, 0.01), (0, high / 2, front - 0.075), INSIDE),
        Box((wide, 0.12, 0.1), (0, 0.06, front - 0.05), EDGE),
        Box((wide, 0.08, 0.1), (0, high - 0.04, front - 0.05), EDGE),
        Box((wide - 0.12, 0.02, 0.01), (0, high - 0.04, front + 0.002), "#4fb3ff", glow=0.9),
        Box((0.42, 0.02, 0.3), (0, high + 0.005, 0.15), "#39434c"),
        Box((0.42, 0.02, 0.3), (0, high + 0.005, -0.25), "#39434c"),
    ]
    cabinet += [
        Box((0.05, high - 0.2, 0.1), (side * (wide / 2 - 0.025), high / 2, front - 0.05), EDGE) for side in (-1, 1)
    ]
    at = np.array([(cabinet.x_m, 0.0, cabinet.z_m) for cabinet in layout.cabinets])
    return copies(cabinet, at)


def _trays(layout: ClusterLayout, back: float) -> tuple[Solid, ...]:
    """Build the yellow cable tray above each row, and the one that brings them together."""
    ends = np.array([(0.0, 0.0, z) for z in layout.rows_m] + [(layout.width_m, 0.0, z) for z in layout.rows_m])
    middle, long, height = layout.width_m / 2, layout.width_m + 0.5, 2.62
    row: list[Solid] = [Box((long, 0.02, 0.3), (middle, height, -0.2), TRAY)]
    row += [Box((long, 0.1, 0.02), (middle, height + 0.05, -0.2 + side * 0.15), TRAY) for side in (-1, 1)]
    row += [Cylinder(0.028, long, (middle, height + 0.04, z), color, axis="x", sides=8)
            for z, color in ((-0.29, "#2b6fb0"), (-0.2, "#3a444d"), (-0.11, "#d0682c"))]  # fmt: skip
    post = (Box((0.04, height - CABINET_M[1], 0.04), (0, (height + CABINET_M[1]) / 2, -0.2), STEEL),)
    main_x = -0.35
    front = layout.rows_m[0]
    return (
        *copies(row, np.array([(0.0, 0.0, z) for z in layout.rows_m])),
        *copies(post, ends + np.where(ends[:, :1] > 0, (-0.1, 0, 0), (0.1, 0, 0))),
        Box((0.3, 0.02, front - back), (main_x, 2.62, (front + back) / 2), TRAY),
        *(Box((0.02, 0.1, front - back), (main_x + side * 0.15, 2.67, (front + back) / 2), TRAY) for side in (-1, 1)),
    )


def node_body(height_m: float, gpus: int) -> tuple[Solid, ...]:
    """Return the front of a node around its middle.

    Parameters
    ----------
    height_m
        Its height.
    gpus
        How many GPUs it has; such nodes have gilded edges.
    """
    wide, trim = 0.49, "#b99b3a" if gpus else "#56626d"
    return (
        plate(wide, height_m, (0, 0, 0.0), "#2d353d"),
        plate(wide, height_m * 0.1, (0, height_m * 0.45, 0.003), trim),
        plate(0.012, height_m * 0.7, (-wide / 2 + 0.006, 0, 0.003), trim),
        plate(0.012, height_m * 0.7, (wide / 2 - 0.006, 0, 0.003), trim),
        plate(0.2, height_m * 0.56, (-0.115, -height_m * 0.06, 0.004), "#171c20"),
    )


def _shelf(shelf: Shelf) -> tuple[Solid, ...]:
    wide, high, deep = shelf.width_m, shelf.rows * shelf.pitch_m, SHELF_DEEP_M
    middle_y, z = FOOT_M + high / 2, shelf.z_m - deep / 2
    solids: list[Solid] = [
        Patch((wide + 0.1, deep), 0.25, (shelf.x_m, 0.004, z), SHADOW, TILE),
        Box((wide + 0.08, high + 0.06, 0.03), (shelf.x_m, middle_y, shelf.z_m - deep), "#e8eef3"),
        Box((wide + 0.1, 0.05, deep), (shelf.x_m, FOOT_M + high + 0.025, z), WOOD),
        Box((wide + 0.1, FOOT_M, deep), (shelf.x_m, FOOT_M / 2, z), WOOD),
    ]
    solids += [Box((0.04, high, deep), (shelf.x_m + side * (wide / 2 + 0.03), middle_y, z), WOOD) for side in (-1, 1)]
    rows = _at(shelf.x_m, FOOT_M + np.arange(1, shelf.rows) * shelf.pitch_m, z)
    columns = _at(shelf.x_m + (np.arange(1, shelf.columns) - shelf.columns / 2) * shelf.pitch_m, middle_y, z)
    return (
        *solids,
        *copies((Box((wide, 0.008, deep), (0, 0, 0), STEEL),), rows),
        *copies((Box((0.008, high, deep), (0, 0, 0), STEEL),), columns),
    )


def _door(at_m: tuple[float, float, float], color: str) -> tuple[Solid, ...]:
    """Build the gate through which jobs come and go."""
    x, _, z = at_m
    return (
        Box((0.12, 1.7, 0.12), (x, 0.85, z - 0.5), color),
        Box((0.12, 1.7, 0.12), (x, 0.85, z + 0.5), color),
        Box((0.12, 0.14, 1.12), (x, 1.7, z), color),
        Box((0.02, 0.06, 0.86), (x, 1.57, z), "#ffffff", glow=0.9),
        Box((0.9, 0.006, 0.86), (x, 0.004, z), color),
    )
