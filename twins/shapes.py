"""Solids as triangles: corners, normals and paint, ready for any renderer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.scene import Box, Cylinder, Patch, Prism, Surface

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from twins.scene import Solid, Vector

__all__ = ["Triangles", "rgb", "triangles"]


@dataclass(frozen=True, eq=False)
class Triangles:
    """A heap of triangles, three rows each, ``V`` rows in all.

    Parameters
    ----------
    position_m
        ``(V, 3)`` corners, counter-clockwise seen from outside.
    normal
        ``(V, 3)`` unit vectors outwards.
    paint
        ``(V, 4)`` red, green, blue and glow, each 0 to 1.
    """

    position_m: NDArray[np.float32]
    normal: NDArray[np.float32]
    paint: NDArray[np.float32]


def rgb(color: str) -> tuple[float, float, float]:
    """Return red, green and blue, 0 to 1, of ``#rrggbb``."""
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return red / 255, green / 255, blue / 255


def triangles(solids: Iterable[Solid]) -> Triangles:
    """Cut solids into triangles.

    Parameters
    ----------
    solids
        Any of the scene's solids.

    Returns
    -------
    All their triangles in one heap.
    """
    parts = [_cut(solid) for solid in solids]
    return Triangles(
        np.concatenate([part.position_m for part in parts]),
        np.concatenate([part.normal for part in parts]),
        np.concatenate([part.paint for part in parts]),
    )


def _cut(solid: Solid) -> Triangles:
    match solid:
        case Box():
            return _box(solid)
        case Cylinder():
            return _cylinder(solid)
        case Prism():
            return _prism(solid)
        case Patch():
            return _patch(solid)
        case Surface():
            return _surface(solid)


def _flat(
    corners: Sequence[Sequence[Vector]] | NDArray[np.float64], at_m: Vector, color: str, glow: float
) -> Triangles:
    """Return triangles ``(T, 3, 3)`` about ``at_m``, each lit flat."""
    points = np.asarray(corners, np.float64)
    normal = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    position = points.reshape(-1, 3) + at_m
    paint = np.tile([*rgb(color), glow], (len(position), 1))
    return Triangles(
        position.astype(np.float32), np.repeat(normal, 3, axis=0).astype(np.float32), paint.astype(np.float32)
    )


def _quads(corners: Iterable[Sequence[Vector]]) -> list[tuple[Vector, Vector, Vector]]:
    return [piece for a, b, c, d in corners for piece in ((a, b, c), (a, c, d))]


def _box(box: Box) -> Triangles:
    half = np.asarray(box.size_m) / 2
    bevel = min(box.bevel_m, *(half * 0.98)) if box.bevel_m else 0.0
    faces: list[NDArray[np.float64]] = []
    for axis in range(3):
        across, along = (axis + 1) % 3, (axis + 2) % 3
        for sign in (1.0, -1.0):
            corner = np.zeros((4, 3))
            corner[:, axis] = sign * half[axis]
            corner[:, across] = np.array([-1, 1, 1, -1]) * (half[across] - bevel)
            corner[:, along] = np.array([-1, -1, 1, 1]) * (half[along] - bevel)
            faces.append(corner if sign > 0 else corner[::-1])
            if not bevel:
                continue
            for other in (1.0, -1.0):  # the edge between this face and the next axis' face
                edge = np.zeros((4, 3))
                edge[:, axis] = sign * (half[axis] - np.array([0, bevel, bevel, 0]))
                edge[:, across] = other * (half[across] - np.array([bevel, 0, 0, bevel]))
                edge[:, along] = np.array([-1, -1, 1, 1]) * (half[along] - bevel)
                faces.append(edge if sign * other > 0 else edge[::-1])
    quads = np.stack(faces)
    cut = [quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]
    if bevel:
        cut.append(_corners(half, bevel))
    return _flat(np.concatenate(cut), box.at_m, box.color, box.glow)


def _corners(half: NDArray[np.float64], bevel: float) -> NDArray[np.float64]:
    """Return the eight triangles that close a bevelled box, ``(8, 3, 3)``."""
    inset = half - bevel + bevel * np.eye(3)
    signs = np.array([(x, y, z) for x in (1, -1) for y in (1, -1) for z in (1, -1)])
    corners = signs[:, None, :] * inset
    inside_out = signs.prod(axis=1) < 0
    corners[inside_out] = corners[inside_out, ::-1]
    return corners


def _cylinder(bar: Cylinder) -> Triangles:
    angle = np.linspace(0.0, 2 * np.pi, bar.sides + 1)
    ring = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    up = np.array([0.0, bar.length_m / 2, 0.0])
    low, high = ring * bar.radius_m - up, ring * bar.radius_m + up
    a, b, c, d = low[:-1], low[1:], high[1:], high[:-1]
    wall = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    left, right = ring[:-1], ring[1:]
    wall_normal = np.concatenate([np.stack([left, right, right], axis=1), np.stack([left, right, left], axis=1)])
    middle = np.zeros_like(a)
    caps = np.concatenate([np.stack([middle + up, d, c], axis=1), np.stack([middle - up, b, a], axis=1)])
    cap_normal = np.zeros_like(caps)
    cap_normal[: bar.sides, :, 1], cap_normal[bar.sides :, :, 1] = 1.0, -1.0
    # A cyclic swap of axes keeps the winding: y -> x or y -> z.
    order = {"y": [0, 1, 2], "x": [1, 2, 0], "z": [2, 0, 1]}[bar.axis]
    position = np.concatenate([wall, caps]).reshape(-1, 3)[:, order] + bar.at_m
    normal = np.concatenate([wall_normal, cap_normal]).reshape(-1, 3)[:, order]
    paint = np.tile([*rgb(bar.color), bar.glow], (len(position), 1))
    return Triangles(position.astype(np.float32), normal.astype(np.float32), paint.astype(np.float32))


def _prism(prism: Prism) -> Triangles:
    half = prism.length_m / 2
    right = [(half, y, z) for z, y in prism.outline_m]
    left = [(-half, y, z) for z, y in prism.outline_m]
    pieces = [(right[0], right[i + 1], right[i]) for i in range(1, len(right) - 1)]
    pieces += [(left[0], left[i], left[i + 1]) for i in range(1, len(left) - 1)]
    following = [*range(1, len(right)), 0]
    pieces += _quads((left[i], right[i], right[j], left[j]) for i, j in enumerate(following))
    return _flat(pieces, prism.at_m, prism.color, prism.glow)


def _patch(patch: Patch) -> Triangles:
    x, z = patch.size_m[0] / 2, patch.size_m[1] / 2
    inner = np.array([(-x, 0.0, -z), (-x, 0.0, z), (x, 0.0, z), (x, 0.0, -z)])
    outer = inner + np.sign(inner) * patch.fade_m
    full, edge = (*rgb(patch.color), 0.0), (*rgb(patch.edge_color), 0.0)
    corners = [inner[0], inner[1], inner[2], inner[0], inner[2], inner[3]]
    paint = [full] * 6
    for i in range(4):
        j = (i + 1) % 4
        corners += [outer[i], outer[j], inner[j], outer[i], inner[j], inner[i]]
        paint += [edge, edge, full, edge, full, full]
    position = np.array(corners) + patch.at_m
    normal = np.tile([0.0, 1.0, 0.0], (len(position), 1))
    return Triangles(position.astype(np.float32), normal.astype(np.float32), np.array(paint, np.float32))


def _surface(surface: Surface) -> Triangles:
    position = surface.position_m.reshape(-1, 3) + surface.at_m
    glow = np.full((len(position), 1), surface.glow)
    paint = np.concatenate([surface.rgb.reshape(-1, 3), glow], axis=1)
    normal = surface.normal.reshape(-1, 3)
    return Triangles(position.astype(np.float32), normal.astype(np.float32), paint.astype(np.float32))
