"""Heaps of triangles in the garden's own axes: x east, y north, z up; metres."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from twins.scene import Surface
from twins.shapes import rgb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Mesh",
    "Numbers",
    "Paint",
    "bars",
    "beams",
    "blocks",
    "cross",
    "joined",
    "lattice",
    "paint",
    "quads",
    "raised",
    "sweep",
    "triangles",
]

Numbers: TypeAlias = "NDArray[np.float64]"
Paint: TypeAlias = "str | ArrayLike"
"""``#rrggbb``, or red, green and blue, 0 to 1, for each of what is painted."""

THIN_M2 = 1e-9
DIRECTIONS, TONES = 48, 255


@dataclass(frozen=True, eq=False)
class Mesh:
    """``T`` triangles.

    Parameters
    ----------
    position_m
        ``(T, 3, 3)`` corners, counter-clockwise seen from outside.
    normal
        ``(T, 3, 3)`` unit vectors outwards at the corners.
    rgb
        ``(T, 3, 3)`` colours at the corners, 0 to 1.
    """

    position_m: Numbers
    normal: Numbers
    rgb: Numbers

    def __len__(self) -> int:
        """Return the number of triangles."""
        return len(self.position_m)

    def placed(self, at_m: ArrayLike = (0.0, 0.0, 0.0), *, turn_rad: float = 0.0, scale: ArrayLike = 1.0) -> Mesh:
        """Return it scaled, turned about the vertical axis, then shifted."""
        size = np.broadcast_to(np.asarray(scale, float), (3,))
        cos, sin = np.cos(turn_rad), np.sin(turn_rad)
        turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
        normal = (self.normal / size) @ turn
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        return Mesh((self.position_m * size) @ turn + np.asarray(at_m, float), normal, self.rgb)

    def painted(self, factor: ArrayLike) -> Mesh:
        """Return it with its colours multiplied."""
        return replace(self, rgb=np.clip(self.rgb * np.asarray(factor, float), 0.0, 1.0))

    def chosen(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> Mesh:
        """Return some of the triangles."""
        return Mesh(self.position_m[which], self.normal[which], self.rgb[which])

    def two_sided(self) -> Mesh:
        """Return it with every triangle a second time for those who look from behind; both lit alike."""
        back = [0, 2, 1]
        return joined([self, Mesh(self.position_m[:, back], self.normal[:, back], self.rgb[:, back])])

    def surface(self, glow: float = 0.0) -> Surface:
        """Return it in a scene's axes: y up, z to the south.

        Places are rounded to a millimetre, directions and colours to what the eye can tell, so that corners that are
        alike are equal, and a file holds each once.
        """
        normal = np.rint(self.normal * DIRECTIONS) / DIRECTIONS
        normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
        colors = np.rint(self.rgb * TONES) / TONES
        return Surface(_upright(self.position_m.round(3)), _upright(normal), colors, glow=glow)


def _upright(vector: Numbers) -> Numbers:
    return np.stack((vector[..., 0], vector[..., 2], -vector[..., 1]), axis=-1)


def joined(meshes: Iterable[Mesh]) -> Mesh:
    """Return all triangles in one heap; an empty one of none."""
    parts = [mesh for mesh in meshes if len(mesh)]
    if not parts:
        return Mesh(*(np.empty((0, 3, 3)) for _ in range(3)))
    return Mesh(
        np.concatenate([part.position_m for part in parts]),
        np.concatenate([part.normal for part in parts]),
        np.concatenate([part.rgb for part in parts]),
    )


def paint(color: Paint) -> Numbers:
    """Return a colour as numbers."""
    return np.array(rgb(color)) if isinstance(color, str) else np.asarray(color, float)


def triangles(corners: ArrayLike, color: Paint, normal: ArrayLike | None = None) -> Mesh:
    """Return triangles ``(T, 3, 3)``, lit flat unless their normals are given; those of no area are left out."""
    points = np.asarray(corners, float)
    across = cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    size = np.linalg.norm(across, axis=1)
    keep = size > THIN_M2
    if normal is None:
        outwards = np.repeat((across[keep] / size[keep, None])[:, None], 3, axis=1)
    else:
        outwards = np.broadcast_to(np.asarray(normal, float), points.shape)[keep]
    colors = paint(color)
    if colors.ndim == 2:
        colors = colors[:, None]
    return Mesh(points[keep], outwards.copy(), np.broadcast_to(colors, points.shape)[keep].copy())


def raised(points: Numbers, up_m: float) -> Numbers:
    """Return points that much higher."""
    return np.asarray(points + np.array((0.0, 0.0, up_m)))


def cross(one: Numbers, other: Numbers) -> Numbers:
    """Return the cross products of vectors; NumPy's own takes twice as long."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(one, -1, 0), np.moveaxis(other, -1, 0)
    return np.stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), axis=-1)


def quads(corners: ArrayLike, color: Paint) -> Mesh:
    """Return flat quadrangles ``(Q, 4, 3)``; the paint is one colour, ``(Q, 3)`` or ``(Q, 4, 3)``."""
    points = np.asarray(corners, float).reshape(-1, 4, 3)
    colors = paint(color)
    if colors.ndim == 2:
        colors = colors[:, None]
    colors = np.broadcast_to(colors, points.shape)
    order = [[0, 1, 2], [0, 2, 3]]
    return triangles(points[:, order].reshape(-1, 3, 3), colors[:, order].reshape(-1, 3, 3))


def lattice(points: Numbers, color: Paint, *, around: bool = False) -> Mesh:
    """Return a smooth skin over a lattice of points.

    Parameters
    ----------
    points
        ``(M, N, 3)``; outside is where, of the way from row to row and the way from column to column, the cross
        product points.
    color
        One colour, ``(M, N, 3)``, or what broadcasts to it.
    around
        Whether the first column is the last again, so that light passes smoothly over the seam.
    """
    down, along = _steps(points, 0, around=False), _steps(points, 1, around=around)
    normal = cross(down, along)
    length = np.linalg.norm(normal, axis=-1, keepdims=True)
    normal = np.where(length > THIN_M2, normal / np.maximum(length, THIN_M2), (0.0, 0.0, 1.0))
    colors = np.broadcast_to(paint(color), points.shape)
    return triangles(_cells(points), _cells(colors), _cells(normal))


def _steps(points: Numbers, axis: int, *, around: bool) -> Numbers:
    if not around:
        return np.asarray(np.gradient(points, axis=axis))
    turned = np.moveaxis(points, axis, 0)
    ring = turned[:-1]
    step = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    return np.moveaxis(np.concatenate((step, step[:1])), 0, axis)


def _cells(values: Numbers) -> Numbers:
    a, b, c, d = values[:-1, :-1], values[1:, :-1], values[1:, 1:], values[:-1, 1:]
    pair = np.stack((np.stack((a, b, c), axis=2), np.stack((a, c, d), axis=2)), axis=2)
    return pair.reshape(-1, 3, values.shape[-1])


BOX = np.array(
    [
        [(1, -1, -1), (1, 1, -1), (1, 1, 1), (1, -1, 1)],
        [(-1, 1, -1), (-1, -1, -1), (-1, -1, 1), (-1, 1, 1)],
        [(1, 1, -1), (-1, 1, -1), (-1, 1, 1), (1, 1, 1)],
        [(-1, -1, -1), (1, -1, -1), (1, -1, 1), (-1, -1, 1)],
        [(-1, -1, 1), (1, -1, 1), (1, 1, 1), (-1, 1, 1)],
        [(-1, 1, -1), (1, 1, -1), (1, -1, -1), (-1, -1, -1)],
    ],
    float,
)
"""Faces of a block, the last one underneath."""


def blocks(middle_m: ArrayLike, size_m: ArrayLike, color: Paint, turn_rad: ArrayLike = 0.0) -> Mesh:
    """Return ``N`` upright blocks without undersides.

    Parameters
    ----------
    middle_m, size_m
        ``(N, 3)`` centres and extents.
    color
        One colour, or ``(N, 3)``.
    turn_rad
        ``(N,)`` turns about the vertical axis.
    """
    middle = np.atleast_2d(np.asarray(middle_m, float))
    half = np.broadcast_to(np.asarray(size_m, float) / 2, middle.shape)
    turn = np.broadcast_to(np.asarray(turn_rad, float), len(middle))
    corners = BOX[None, :5] * half[:, None, None]
    cos, sin = np.cos(turn)[:, None, None], np.sin(turn)[:, None, None]
    x, y = corners[..., 0] * cos - corners[..., 1] * sin, corners[..., 0] * sin + corners[..., 1] * cos
    points = np.stack((x, y, corners[..., 2]), axis=-1) + middle[:, None, None]
    return quads(points.reshape(-1, 4, 3), _each(color, 5))


def _each(color: Paint, times: int) -> Numbers:
    colors = paint(color)
    return np.repeat(colors, times, axis=0) if colors.ndim == 2 else colors


def bars(
    start_m: ArrayLike, end_m: ArrayLike, radius_m: ArrayLike, color: Paint, *, sides: int = 6, taper: float = 1.0
) -> Mesh:
    """Return ``N`` round bars without ends, such as posts, culms and branches.

    Parameters
    ----------
    start_m, end_m
        ``(N, 3)``.
    radius_m
        ``(N,)`` at the start.
    color
        One colour, or ``(N, 3)``.
    sides
        Facets around.
    taper
        Radius at the end over that at the start.
    """
    start, end = np.atleast_2d(np.asarray(start_m, float)), np.atleast_2d(np.asarray(end_m, float))
    way = end - start
    way = way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), THIN_M2)
    aside = np.where(abs(way[:, 2:]) > 0.9, (1.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    one = np.cross(way, aside)
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    two = np.cross(way, one)
    angle = np.linspace(0.0, 2 * np.pi, sides + 1)
    out = one[:, None] * np.cos(angle)[:, None] + two[:, None] * np.sin(angle)[:, None]
    radius = np.broadcast_to(np.asarray(radius_m, float), len(start))[:, None, None]
    low, high = start[:, None] + out * radius, end[:, None] + out * radius * taper
    ring = (slice(None), slice(None, -1)), (slice(None), slice(1, None))
    a, b, c, d = low[ring[0]], low[ring[1]], high[ring[1]], high[ring[0]]
    normal_a, normal_b = out[ring[0]], out[ring[1]]
    corners = np.stack((np.stack((a, b, c), 2), np.stack((a, c, d), 2)), 2).reshape(-1, 3, 3)
    normal = np.stack((np.stack((normal_a, normal_b, normal_b), 2), np.stack((normal_a, normal_b, normal_a), 2)), 2)
    return triangles(corners, _each(color, 2 * sides), normal.reshape(-1, 3, 3))


def sweep(line_m: ArrayLike, width_m: ArrayLike, height_m: ArrayLike, color: Paint) -> Mesh:
    """Return a bar of rectangular section that follows a line, which runs along the middle of its underside.

    Parameters
    ----------
    line_m
        ``(N, 3)``.
    width_m, height_m
        Of the section, one for all or ``(N,)``.
    color
        One colour.
    """
    line = np.asarray(line_m, float)
    way = np.gradient(line, axis=0)
    left = np.stack((-way[:, 1], way[:, 0]), axis=1)
    left /= np.maximum(np.linalg.norm(left, axis=1, keepdims=True), THIN_M2)
    half = np.broadcast_to(np.asarray(width_m, float) / 2, len(line))[:, None]
    up = np.stack((np.zeros(len(line)), np.zeros(len(line)), np.broadcast_to(height_m, len(line))), axis=1)
    aside = np.concatenate((left * half, np.zeros((len(line), 1))), axis=1)
    a, b, c, d = line - aside, line - aside + up, line + aside + up, line + aside
    sides = [np.stack((one[:-1], one[1:], two[1:], two[:-1]), axis=1) for one, two in ((a, b), (b, c), (c, d), (d, a))]
    ends = np.array([(a[0], b[0], c[0], d[0]), (d[-1], c[-1], b[-1], a[-1])])
    return quads(np.concatenate((*sides, ends)), color)


def beams(start_m: ArrayLike, end_m: ArrayLike, width_m: float, height_m: float, color: Paint) -> Mesh:
    """Return ``N`` straight bars of rectangular section without ends, such as rails and lintels.

    Parameters
    ----------
    start_m, end_m
        ``(N, 3)`` middle of their undersides.
    width_m, height_m
        Of the section.
    color
        One colour.
    """
    start, end = np.asarray(start_m, float), np.asarray(end_m, float)
    way = end - start
    aside = np.stack((-way[:, 1], way[:, 0], np.zeros(len(way))), axis=1)
    aside *= width_m / 2 / np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), THIN_M2)
    up = np.array((0.0, 0.0, height_m))
    ring = -aside, -aside + up, aside + up, aside
    faces = [
        np.stack((start + one, end + one, end + two, start + two), axis=1)
        for one, two in zip(ring, (*ring[1:], ring[0]), strict=True)
    ]
    return quads(np.concatenate(faces), color)
