"""The surface of a pond as triangles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.errors import OutlineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["cut_polygon"]


def cut_polygon(corners_m: Sequence[tuple[float, float]]) -> NDArray[np.int64]:
    """Cut a simple polygon into triangles by taking off one ear after the other.

    Parameters
    ----------
    corners_m
        ``N`` corners ``(x, z)``, in either sense.

    Returns
    -------
    ``(N - 2, 3)`` numbers of corners; each triangle is counter-clockwise seen from above, where z points down.

    Raises
    ------
    OutlineError
        The outline has less than three corners or crosses itself.

    Examples
    --------
    >>> cut_polygon([(0, 0), (4, 0), (4, 3), (0, 3)]).shape
    (2, 3)
    """
    points = np.asarray(corners_m, np.float64).reshape(-1, 2)
    if len(points) < 3 or _crosses_itself(points):
        raise OutlineError(len(points))
    x, z = points.T
    twice_area = float(x @ np.roll(z, -1) - z @ np.roll(x, -1))
    # Seen from above z points down, so that counter-clockwise is a negative area here.
    left = list(range(len(points))) if twice_area < 0 else list(range(len(points)))[::-1]
    ears: list[tuple[int, int, int]] = []
    while len(left) > 3:
        at = next((number for number in range(len(left)) if _is_ear(points, left, number)), None)
        if at is None:
            raise OutlineError(len(points))
        ears.append((left[at - 1], left[at], left[(at + 1) % len(left)]))
        del left[at]
    return np.array([*ears, (left[0], left[1], left[2])])


def _crosses_itself(points: NDArray[np.float64]) -> bool:
    """Tell whether two of the edges cross."""
    a, b = points, np.roll(points, -1, axis=0)
    of_a = np.stack([_turn(start, end, a) for start, end in zip(a, b, strict=True)])
    of_b = np.roll(of_a, -1, axis=1)
    parted = of_a * of_b < 0  # [i, j]: the ends of edge j lie on both sides of edge i
    return bool((parted & parted.T).any())


def _is_ear(points: NDArray[np.float64], left: Sequence[int], number: int) -> bool:
    """Tell whether the triangle at a corner lies wholly inside."""
    a, b, c = (points[left[(number + step) % len(left)]] for step in (-1, 0, 1))
    if _turn(a, b, c) > 0:
        return False
    others = points[left]
    inside = (_turn(a, b, others) <= 0) & (_turn(b, c, others) <= 0) & (_turn(c, a, others) <= 0)
    corner = (others[:, None] == np.stack([a, b, c])).all(axis=2).any(axis=1)
    return not (inside & ~corner).any()


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return twice the area of triangles in the plane of x and z."""
    turn: NDArray[np.float64] = (b[0] - a[0]) * (c[..., 1] - a[1]) - (b[1] - a[1]) * (c[..., 0] - a[0])
    return turn
