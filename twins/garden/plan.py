"""Plane geometry over many points at once; metres."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from simulators.heritage_garden.geometry import Point
    from twins.garden.mesh import Numbers

__all__ = [
    "Frame",
    "closed",
    "distance_m",
    "frame_of",
    "inside",
    "leftwards",
    "reached_m",
    "resampled",
    "ridge_m",
    "shore",
    "smoothstep",
]

MOST_AT_ONCE = 400_000
"""Pairs of a point and a side that are looked at together."""


@dataclass(frozen=True, eq=False)
class Frame:
    """A rectangle on the plan.

    Parameters
    ----------
    middle
        ``(2,)`` its centre.
    turn_rad
        Of its longer side from east.
    half_m
        Half its extents, the longer first.
    """

    middle: Numbers
    turn_rad: float
    half_m: tuple[float, float]

    def inwards(self, point: ArrayLike) -> Numbers:
        """Return points of the plan in the rectangle's own axes."""
        x, y = np.moveaxis(np.asarray(point, float) - self.middle, -1, 0)
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return np.stack((x * cos + y * sin, y * cos - x * sin), axis=-1)

    def outwards(self, point: ArrayLike) -> Numbers:
        """Return points in the rectangle's own axes on the plan."""
        x, y = np.moveaxis(np.asarray(point, float), -1, 0)
        cos, sin = np.cos(self.turn_rad), np.sin(self.turn_rad)
        return np.stack((x * cos - y * sin, x * sin + y * cos), axis=-1) + self.middle


def frame_of(polygon: Sequence[Point]) -> Frame:
    """Return the rectangle around a polygon that lies along its longest side."""
    corners = np.array(polygon, float)
    sides = np.roll(corners, -1, axis=0) - corners
    longest = sides[np.argmax(np.linalg.norm(sides, axis=1))]
    turn = float(np.arctan2(longest[1], longest[0]))
    along = Frame(np.zeros(2), turn, (0.0, 0.0)).inwards(corners)
    low, high = along.min(axis=0), along.max(axis=0)
    middle = Frame(np.zeros(2), turn, (0.0, 0.0)).outwards((low + high) / 2)
    half = (high - low) / 2
    if half[0] < half[1]:
        turn, half = turn + np.pi / 2, half[::-1]
    # A turn of half a circle changes nothing: keep it small, so that "south" stays south.
    turn = (turn + np.pi / 2) % np.pi - np.pi / 2
    return Frame(middle, turn, (float(half[0]), float(half[1])))


def closed(polygon: ArrayLike) -> Numbers:
    """Return a polygon's corners with the first again at the end."""
    corners = np.asarray(polygon, float)
    return np.concatenate((corners, corners[:1]))


def inside(points: Numbers, polygon: ArrayLike) -> NDArray[np.bool_]:
    """Return ``(N,)`` which points lie in a polygon, by the even-odd rule."""
    line = closed(polygon)
    (ax, ay), (bx, by) = line[:-1].T, line[1:].T
    x, y = points[:, :1], points[:, 1:2]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = ((ay > y) != (by > y)) & (x < (bx - ax) * (y - ay) / (by - ay) + ax)
    return np.asarray(crossed.sum(axis=1) % 2 == 1)


def distance_m(points: Numbers, line: ArrayLike) -> Numbers:
    """Return ``(N,)`` distances from points to a polyline."""
    corners = np.asarray(line, float)
    start, way = corners[:-1], np.diff(corners, axis=0)
    square = np.maximum((way**2).sum(axis=1), 1e-12)
    best = np.full(len(points), np.inf)
    many = max(1, MOST_AT_ONCE // max(1, len(points)))
    x, y = points[:, :1], points[:, 1:2]
    for first in range(0, len(start), many):
        some = slice(first, first + many)
        (from_x, from_y), (way_x, way_y) = start[some].T, way[some].T
        aside_x, aside_y = x - from_x, y - from_y
        share = (aside_x * way_x + aside_y * way_y) / square[some]
        np.minimum(np.maximum(share, 0.0, out=share), 1.0, out=share)
        aside_x -= share * way_x
        aside_y -= share * way_y
        best = np.minimum(best, (aside_x**2 + aside_y**2).min(axis=1))
    return np.asarray(np.sqrt(best))


def reached_m(line: Numbers) -> Numbers:
    """Return ``(N,)`` how far along a polyline its points lie."""
    return np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))))


def leftwards(line: Numbers) -> Numbers:
    """Return ``(N, 2)`` vectors of one metre to the left of a polyline, mitred at its corners."""
    way = np.diff(line, axis=0)
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    left = np.stack((-way[:, 1], way[:, 0]), axis=1)
    both = np.concatenate((left[:1], left)) + np.concatenate((left, left[-1:]))
    return np.asarray(both / np.maximum((both**2).sum(axis=1, keepdims=True), 0.8) * 2)


def resampled(line: ArrayLike, step_m: float, *, corners: bool = True) -> Numbers:
    """Return points along a polyline, at most a step apart; with its corners unless those are not wanted."""
    points = np.asarray(line, float)
    far = reached_m(points)
    if not corners:
        at = np.linspace(0.0, far[-1], max(2, int(np.ceil(far[-1] / step_m)) + 1))
    else:
        pieces = [
            np.linspace(a, b, max(1, int(np.ceil((b - a) / step_m))), endpoint=False) for a, b in pairwise(far.tolist())
        ]
        at = np.append(np.concatenate(pieces), far[-1])
    return np.stack([np.interp(at, far, points[:, axis]) for axis in range(points.shape[1])], axis=1)


def shore(polygon: ArrayLike) -> Numbers:
    """Return a polygon with its corners cut round, counter-clockwise (Chaikin's algorithm)."""
    line = np.asarray(polygon, float)
    for _ in range(2):
        after = np.roll(line, -1, axis=0)
        line = np.stack((0.75 * line + 0.25 * after, 0.25 * line + 0.75 * after), axis=1).reshape(-1, 2)
    after = np.roll(line, -1, axis=0)
    return line if (line[:, 0] * after[:, 1] - line[:, 1] * after[:, 0]).sum() > 0 else line[::-1]


def ridge_m(polygon: ArrayLike) -> Numbers:
    """Return ``(5, 2, 2)`` ends of the lines of a hipped roof over four corners: the hips, then the ridge."""
    corners = np.asarray(polygon, float)
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    a, b, c, d = np.roll(corners, -1, axis=0) if sides[0] < sides[1] else corners
    inset = 0.5 * float(min(sides)) / float(max(sides))
    left, right = (a + d) / 2, (b + c) / 2
    one, other = left + inset * (right - left), right - inset * (right - left)
    return np.array(((a, one), (d, one), (b, other), (c, other), (one, other)))


def smoothstep(low: float, high: float, value: ArrayLike) -> Numbers:
    """Return 0 below ``low``, 1 above ``high``, and a smooth passage between."""
    share = np.clip((np.asarray(value, float) - low) / (high - low), 0.0, 1.0)
    return share * share * (3 - 2 * share)
