"""Lattice windows, 漏窗: bars of tile and brick in a frame, in the patterns of Suzhou's garden walls."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from twins.garden.mesh import Mesh, Numbers, joined, quads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twins.garden.mesh import Paint
    from twins.garden.panels import Bay, Panels

__all__ = ["PATTERNS", "Pattern", "lattice_bars", "lattice_mesh"]

Pattern: TypeAlias = "Sequence[tuple[float, float, float, float]]"
"""Bars from ``(x, y)`` to ``(x, y)``, across and up, in a square from 0 to 1."""

GRID: Pattern = [
    (0.33, 0.0, 0.33, 1.0), (0.67, 0.0, 0.67, 1.0), (0.0, 0.33, 1.0, 0.33), (0.0, 0.67, 1.0, 0.67),
]  # fmt: skip
DIAMONDS: Pattern = [
    *((0.0, y, 1.0 - y, 1.0) for y in (0.0, 0.34, 0.67)), *((x, 0.0, 1.0, 1.0 - x) for x in (0.34, 0.67)),
    *((0.0, y, y, 0.0) for y in (0.33, 0.66, 1.0)), *((x, 1.0, 1.0, x) for x in (0.33, 0.66)),
]  # fmt: skip
ICE: Pattern = [
    (0.0, 0.42, 0.38, 0.55), (0.38, 0.55, 0.30, 1.0), (0.38, 0.55, 0.66, 0.36), (0.66, 0.36, 0.52, 0.0),
    (0.66, 0.36, 1.0, 0.48), (0.22, 0.49, 0.26, 0.0), (0.34, 0.76, 0.78, 0.82), (0.78, 0.82, 1.0, 0.72),
    (0.78, 0.82, 0.72, 1.0), (0.56, 0.43, 0.60, 0.79), (0.26, 0.2, 0.59, 0.15), (0.84, 0.42, 0.86, 0.0),
    (0.0, 0.78, 0.33, 0.82),
]  # fmt: skip
"""Cracked ice, 冰裂纹."""
SQUARES: Pattern = [
    (0.2, 0.2, 0.8, 0.2), (0.8, 0.2, 0.8, 0.8), (0.8, 0.8, 0.2, 0.8), (0.2, 0.8, 0.2, 0.2), (0.5, 0.0, 0.5, 0.2),
    (0.5, 0.8, 0.5, 1.0), (0.0, 0.5, 0.2, 0.5), (0.8, 0.5, 1.0, 0.5), (0.2, 0.5, 0.5, 0.8), (0.5, 0.8, 0.8, 0.5),
    (0.8, 0.5, 0.5, 0.2), (0.5, 0.2, 0.2, 0.5),
]  # fmt: skip

PATTERNS: Sequence[Pattern] = (GRID, DIAMONDS, ICE, SQUARES)

BAR_M = 0.05


def lattice_bars(
    panels: Panels,
    bay: Bay,
    along_m: tuple[float, float],
    height_m: tuple[float, float],
    pattern: Pattern,
    color: Paint,
) -> None:
    """Stand a pattern of upright and level bars in a bay."""
    (left, right), (low, high) = along_m, height_m
    for x0, y0, x1, y1 in pattern:
        across, up = sorted((x0, x1)), sorted((y0, y1))
        half_x, half_y = (BAR_M / 2, 0.0) if x0 == x1 else (0.0, BAR_M / 2)
        panels.add(
            bay,
            (left + across[0] * (right - left) - half_x, left + across[1] * (right - left) + half_x),
            (low + up[0] * (high - low) - half_y, low + up[1] * (high - low) + half_y),
            color,
            both=True,
        )


def lattice_mesh(
    middle_m: Numbers, way: Numbers, width_m: float, height_m: float, pattern: Pattern, color: Paint
) -> Mesh:
    """Return a pattern's bars as strips that are seen from either side.

    Parameters
    ----------
    middle_m
        ``(3,)`` the window's middle.
    way
        ``(2,)`` unit vector along the wall.
    width_m, height_m
        Of the window.
    pattern, color
        What to draw.
    """
    ends = np.array(pattern) - 0.5
    scale = np.array((width_m, height_m))
    start, end = ends[:, :2] * scale, ends[:, 2:] * scale
    along = end - start
    aside = np.stack((-along[:, 1], along[:, 0]), axis=1)
    aside *= BAR_M / 2 / np.linalg.norm(aside, axis=1, keepdims=True)
    flat = np.stack((start - aside, end - aside, end + aside, start + aside), axis=1)
    x = flat[..., :1] * way
    points = np.concatenate((x, flat[..., 1:]), axis=-1) + middle_m
    return joined([quads(points, color), quads(points[:, ::-1], color)])
