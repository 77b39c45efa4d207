"""Many copies of standing things, cut into triangles once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.scene import Surface
from twins.shapes import rgb, triangles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from twins.scene import Solid, Vector

__all__ = ["copies", "plate"]


def plate(width_m: float, height_m: float, at_m: Vector, color: str, glow: float = 0.0) -> Surface:
    """Return an upright rectangle that is seen from the front, towards z, only: the cheapest thing there is.

    Parameters
    ----------
    width_m, height_m
        Its size.
    at_m
        Its middle.
    color, glow
        As for :class:`twins.scene.Box`.
    """
    x, y = width_m / 2, height_m / 2
    a, b, c, d = (-x, -y, 0.0), (x, -y, 0.0), (x, y, 0.0), (-x, y, 0.0)
    corners = np.array([(a, b, c), (a, c, d)])
    normal, paint = (np.broadcast_to(row, (2, 3, 3)) for row in ((0.0, 0.0, 1.0), rgb(color)))
    return Surface(corners, normal, paint, at_m, glow)


def copies(solids: Iterable[Solid], at_m: NDArray[np.float64]) -> tuple[Surface, ...]:
    """Return solids at ``N`` places.

    Parameters
    ----------
    solids
        Around the origin.
    at_m
        ``(N, 3)`` where they stand.

    Returns
    -------
    One surface for what shines by itself as much; nothing where there are no places.
    """
    if not len(at_m):
        return ()
    heap = triangles(solids)
    made = []
    for glow in np.unique(heap.paint[:, 3]):
        mine = heap.paint[:, 3] == glow
        position = heap.position_m[mine].astype(np.float64)[None] + np.asarray(at_m)[:, None]
        normal, paint = (
            np.tile(column[mine].astype(np.float64), (len(at_m), 1)) for column in (heap.normal, heap.paint)
        )
        corners = (-1, 3, 3)
        made.append(
            Surface(position.reshape(corners), normal.reshape(corners), paint[:, :3].reshape(corners), glow=float(glow))
        )
    return tuple(made)
