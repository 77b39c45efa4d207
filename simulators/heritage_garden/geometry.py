"""Plane geometry in metres: what crosses what, and how large it is."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Point",
    "area_m2",
    "centroid",
    "crosses",
    "crossing_at",
    "distance_m",
    "distance_to_polygon_m",
    "edges",
    "inside",
    "length_m",
    "self_crossing",
]

Point: TypeAlias = tuple[float, float]
Segment: TypeAlias = tuple[Point, Point]

TOUCH_M = 1e-9


def edges(polygon: Sequence[Point]) -> list[Segment]:
    """Return the sides of a polygon, the last back to the first corner."""
    return list(zip(polygon, [*polygon[1:], polygon[0]], strict=True))


def area_m2(polygon: Sequence[Point]) -> float:
    """Return the area of a simple polygon, by the shoelace formula.

    Examples
    --------
    >>> area_m2([(0, 0), (4, 0), (4, 3), (0, 3)])
    12.0
    """
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in edges(polygon))) / 2


def centroid(polygon: Sequence[Point]) -> Point:
    """Return the centre of mass of a simple polygon."""
    twice, x, y = 0.0, 0.0, 0.0
    for a, b in edges(polygon):
        cross = a[0] * b[1] - b[0] * a[1]
        twice += cross
        x += (a[0] + b[0]) * cross
        y += (a[1] + b[1]) * cross
    if abs(twice) < TOUCH_M:
        return (sum(p[0] for p in polygon) / len(polygon), sum(p[1] for p in polygon) / len(polygon))
    return (x / (3 * twice), y / (3 * twice))


def length_m(line: Sequence[Point]) -> float:
    """Return the length of a polyline."""
    return math.fsum(math.dist(a, b) for a, b in pairwise(line))


def inside(point: Point, polygon: Sequence[Point]) -> bool:
    """Return whether a point lies in a polygon, by the even-odd rule."""
    x, y = point
    within = False
    for (ax, ay), (bx, by) in edges(polygon):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            within = not within
    return within


def distance_m(point: Point, segment: Segment) -> float:
    """Return the distance from a point to a segment."""
    (ax, ay), (bx, by) = segment
    dx, dy = bx - ax, by - ay
    square = dx * dx + dy * dy
    along = 0.0 if square == 0 else ((point[0] - ax) * dx + (point[1] - ay) * dy) / square
    along = min(1.0, max(0.0, along))
    return math.dist(point, (ax + along * dx, ay + along * dy))


def distance_to_polygon_m(point: Point, polygon: Sequence[Point]) -> float:
    """Return the distance from a point to a polygon, 0 inside."""
    return 0.0 if inside(point, polygon) else min(distance_m(point, side) for side in edges(polygon))


def crossing_at(one: Segment, other: Segment) -> float | None:
    """Return how far along ``one``, from 0 to 1, the other segment crosses it, or None where it does not.

    Touching with an end counts; lying on one another does not.
    """
    (px, py), (qx, qy) = one
    (ax, ay), (bx, by) = other
    rx, ry, sx, sy = qx - px, qy - py, bx - ax, by - ay
    cross = rx * sy - ry * sx
    if abs(cross) < TOUCH_M:
        return None
    along_one = ((ax - px) * sy - (ay - py) * sx) / cross
    along_other = ((ax - px) * ry - (ay - py) * rx) / cross
    return along_one if 0 <= along_one <= 1 and 0 <= along_other <= 1 else None


def crosses(one: Segment, other: Segment) -> bool:
    """Return whether two segments cross or touch."""
    return crossing_at(one, other) is not None


def self_crossing(polygon: Sequence[Point]) -> tuple[int, int] | None:
    """Return the numbers, from 1, of two sides of a polygon that cross or touch, or None where it is simple."""
    sides = edges(polygon)
    for first, one in enumerate(sides):
        for second in range(first + 1, len(sides)):
            other = sides[second]
            if second == first + 1:
                bad = distance_m(other[1], one) < TOUCH_M or distance_m(one[0], other) < TOUCH_M  # folds back
            elif first == 0 and second == len(sides) - 1:
                bad = distance_m(other[0], one) < TOUCH_M or distance_m(one[1], other) < TOUCH_M
            else:
                bad = crosses(one, other) or any(distance_m(end, one) < TOUCH_M for end in other)
            if bad:
                return first + 1, second + 1
    return None
