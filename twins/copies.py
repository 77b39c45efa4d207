"""Many copies of standing things, cut into triangles once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.scene import Surface
from twins.shapes import triangles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from twins.scene import Solid

__all__ = ["copies"]


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
        normal, rgb = (np.tile(column[mine].astype(np.float64), (len(at_m), 1)) for column in (heap.normal, heap.paint))
        corners = (-1, 3, 3)
        made.append(
            Surface(position.reshape(corners), normal.reshape(corners), rgb[:, :3].reshape(corners), glow=float(glow))
        )
    return tuple(made)
