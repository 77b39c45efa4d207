"""Roofs: concave slopes of tile rows, eaves that turn up at the corners, ridges.

The slope rises more steeply the further up, as the carpenters' 提栈 makes it (Yao Chengzu, Yingzao fayuan 营造法原,
chapter 5). Corners rise and reach out (发戗) where the hip's tip is set steeply on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, joined, lattice, quads, sweep
from twins.garden.palette import LIME, MORTAR, RIDGE, SHADE, TILE
from twins.shapes import rgb

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["Slope", "gable_roof", "hip_and_gable_roof", "pyramid_roof", "waist_roof"]

STEEPNESS = 0.6
"""Gradient at the eaves over the mean gradient; at the ridge it is that much over 1."""
THICK_M = 0.16
ROW_HEIGHT_M = 0.07
VALLEY, CREST = 0.68, 1.08


@dataclass(frozen=True)
class Slope:
    """A roof's section.

    Parameters
    ----------
    eaves_m, ridge_m
        Heights.
    depth_m
        From the eaves to the ridge, on the plan.
    lift_m
        How much higher corners are than the middle of the eaves.
    row_m
        From one row of tiles to the next.
    levels
        Lines across the slope from the eaves to the ridge.
    """

    eaves_m: float
    ridge_m: float
    depth_m: float
    lift_m: float = 0.9
    row_m: float = 0.42
    levels: int = 4

    def height_m(self, inwards_m: ArrayLike) -> Numbers:
        """Return the height at a distance from the eaves."""
        share = np.clip(np.asarray(inwards_m, float) / self.depth_m, 0.0, 1.0)
        return self.eaves_m + (self.ridge_m - self.eaves_m) * (STEEPNESS * share + (1 - STEEPNESS) * share**2)

    def turned_up(self, points: Numbers, corners: Numbers) -> Numbers:
        """Return points of the roof near its corners moved up and outwards."""
        reach = min(3.6, 1.1 * self.depth_m)
        moved = points.copy()
        for corner in corners:
            near = np.clip(1 - np.linalg.norm(points[..., :2] - corner, axis=-1) / reach, 0.0, None) ** 2
            moved[..., 2] += self.lift_m * near
            moved[..., :2] += 0.32 * self.lift_m * near[..., None] * corner / np.linalg.norm(corner)
        return moved


@dataclass(frozen=True)
class Side:
    """One of a roof's faces: its eaves run along ``along`` about ``middle``, and it climbs towards ``inwards``."""

    middle: Numbers
    along: Numbers
    inwards: Numbers

    def points(self, along_m: Numbers, inwards_m: Numbers, slope: Slope) -> Numbers:
        plan = self.middle + along_m[..., None] * self.along + inwards_m[..., None] * self.inwards
        return np.concatenate((plan, slope.height_m(inwards_m)[..., None]), axis=-1)


def _face(
    side: Side, stops: Numbers, reach_m: Numbers, slope: Slope, corners: Numbers, *, underside: bool = True
) -> list[Mesh]:
    """Return tiles, underside and eaves of a face.

    ``stops`` are places along the eaves, ``reach_m`` how far inwards the face goes there.
    """
    share = np.linspace(0.0, 1.0, slope.levels)
    inwards = reach_m[:, None] * share
    along = np.broadcast_to(stops[:, None], inwards.shape)
    points = slope.turned_up(side.points(along, inwards, slope), corners)
    crest = np.arange(len(stops)) % 2 == 1
    points[..., 2] += np.where(crest, ROW_HEIGHT_M, 0.0)[:, None] * (reach_m > 0.05)[:, None]
    tone = np.where(crest, CREST, VALLEY)[:, None] * (0.94 + 0.10 * inwards / slope.depth_m)
    tiles = lattice(points, np.array(rgb(TILE)) * tone[..., None])
    edge = points[:, 0]
    low = edge - (0.0, 0.0, THICK_M)
    rim = quads(np.stack((low[:-1], low[1:], edge[1:], edge[:-1]), axis=1), MORTAR)
    if not underside:
        return [tiles, rim]
    coarse = np.unique(np.clip(np.round(np.linspace(0, len(stops) - 1, 9)).astype(int), 0, len(stops) - 1))
    below = points[coarse - coarse % 2][:, [0, 1, -1]] - (0.0, 0.0, 0.03)
    return [tiles, rim, lattice(below[::-1], SHADE)]


def _stops(half_m: float, row_m: float, *breaks_m: float) -> Numbers:
    """Return places along eaves, a valley and a crest a row, and a pair at each break, where the face jumps."""
    count = max(2, round(half_m / (row_m / 2)))
    even = np.linspace(-half_m, half_m, 2 * count + 1)
    pairs = [sign * (brk + step) for brk in breaks_m for sign in (-1, 1) for step in (-1e-4, 1e-4)]
    return np.sort(np.concatenate((even, pairs)))


def pyramid_roof(sides: int, radius_m: float, slope: Slope, stretch: float = 1.0) -> Mesh:
    """Return a pointed roof, 攒尖, with its knob.

    Parameters
    ----------
    sides
        Number of faces; the first lies to the south.
    radius_m
        From the middle to the middle of the eaves.
    slope
        Its section.
    stretch
        Extent east to west over that from south to north.
    """
    half = radius_m * np.tan(np.pi / sides)
    angle = -np.pi / 2 + 2 * np.pi * np.arange(sides) / sides
    corner = angle + np.pi / sides
    corners = np.stack((np.cos(corner), np.sin(corner)), axis=1) * radius_m / np.cos(np.pi / sides)
    stops = _stops(half, slope.row_m)
    reach = radius_m * (1 - abs(stops) / half)
    parts: list[Mesh] = []
    for turn in angle:
        out = np.array((np.cos(turn), np.sin(turn)))
        side = Side(out * radius_m, np.array((-out[1], out[0])), -out)
        parts += _face(side, stops, reach, slope, corners)
    for turn, at in zip(corner, corners, strict=True):
        inwards = np.linspace(radius_m, 0.0, 7)
        line = np.concatenate((at * (1 - inwards / radius_m)[:, None], slope.height_m(inwards)[:, None]), axis=1)
        parts.append(_hip(line, np.array((np.cos(turn), np.sin(turn))), slope, corners))
    parts.append(_knob(slope.ridge_m))
    return joined(parts).placed(scale=(stretch, 1.0, 1.0))


def hip_and_gable_roof(half_m: tuple[float, float], slope: Slope) -> Mesh:
    """Return a hip-and-gable roof, 歇山, its ridge running east to west.

    Parameters
    ----------
    half_m
        Half its extents at the eaves, the longer one first.
    slope
        Its section; as deep as the second of them.
    """
    long, deep = half_m
    inset = min(0.62 * deep, 2.9)
    gable = long - inset
    corners = np.array([(x, y) for x in (-long, long) for y in (-deep, deep)])
    parts: list[Mesh] = []
    stops = _stops(long, slope.row_m, gable)
    reach = np.where(abs(stops) <= gable, deep, long - abs(stops))
    ends = _stops(deep, slope.row_m)
    end_reach = np.minimum(inset, deep - abs(ends))
    for sign in (1.0, -1.0):
        parts += _face(Side(np.array((0, -sign * deep)), np.array((sign, 0)), np.array((0, sign))), stops, reach,
                       slope, corners)  # fmt: skip
        parts += _face(Side(np.array((sign * long, 0)), np.array((0, sign)), np.array((-sign, 0))), ends, end_reach,
                       slope, corners)  # fmt: skip
        parts += [*_gable(sign * (gable - 0.02), deep - inset, slope), *_hips(sign, half_m, inset, slope, corners)]
    parts.append(_main_ridge(gable + 0.1, slope.ridge_m))
    return joined(parts)


def _gable(x: float, half_m: float, slope: Slope) -> list[Mesh]:
    """Return the upright triangle of white plaster between the slopes, both sides of its line."""
    y = np.linspace(-half_m, half_m, 9)
    low = np.full(9, float(slope.height_m(slope.depth_m - half_m)) - 0.05)
    high = slope.height_m(slope.depth_m - abs(y)) + 0.02
    out = np.sign(x)
    bottom, top = np.stack((np.full(9, x), y, low), 1), np.stack((np.full(9, x), y, high), 1)
    order = [bottom[:-1], bottom[1:], top[1:], top[:-1]]
    return [quads(np.stack(order if out > 0 else order[::-1], axis=1), LIME)]


def _hips(sign: float, half_m: tuple[float, float], inset_m: float, slope: Slope, corners: Numbers) -> list[Mesh]:
    """Return the ridges along the gable and from its foot to the corners."""
    long, deep = half_m
    gable = long - inset_m
    parts = []
    for other in (-1.0, 1.0):
        down = np.linspace(deep, inset_m, 5)
        x = np.full(len(down), sign * gable)
        line = np.stack((x, other * (deep - down), slope.height_m(down)), axis=1)
        parts.append(sweep(line, 0.24, 0.26, RIDGE))
        inwards = np.linspace(inset_m, 0.0, 6)
        line = np.stack((sign * (long - inwards), other * (deep - inwards), slope.height_m(inwards)), axis=1)
        parts.append(_hip(line, np.array((sign, other)) / np.sqrt(2), slope, corners))
    return parts


def _hip(line: Numbers, out: Numbers, slope: Slope, corners: Numbers) -> Mesh:
    """Return a hip's ridge, down along a line and up again into its horn."""
    line = slope.turned_up(line, corners)
    tip = line[-1]
    horn = [tip + np.array((*(out * reach), rise)) for reach, rise in ((0.25, 0.14), (0.45, 0.36), (0.56, 0.66))]
    size = np.concatenate((np.full(len(line), 0.2), (0.16, 0.12, 0.05)))
    return sweep(np.concatenate((line, horn)), size, size * 1.15, RIDGE)


def _main_ridge(half_m: float, height_m: float) -> Mesh:
    """Return the main ridge, 正脊, with its ends curled up."""
    x = np.concatenate((half_m * np.array((0.0, 0.45, 0.7, 0.87, 1.0)), half_m + np.array((0.22, 0.30))))
    rise = 0.25 * (np.clip(x / half_m, 0, 1)) ** 4 + np.concatenate((np.zeros(5), (0.22, 0.55)))
    height = np.concatenate((0.36 + rise[:5], (0.40, 0.16)))
    x = np.concatenate((-x[:0:-1], x))
    base = np.concatenate((np.zeros(5), (0.42, 0.85)))
    base, height = (np.concatenate((side[:0:-1], side)) for side in (base, height))
    line = np.stack((x, np.zeros(len(x)), height_m - 0.1 + base), axis=1)
    cap = line + np.stack((np.zeros(len(x)), np.zeros(len(x)), height), axis=1)
    return joined([sweep(line, 0.22, height, RIDGE), sweep(cap, 0.32, 0.07, MORTAR)])


def _knob(height_m: float) -> Mesh:
    """Return the knob, 宝顶, on a pointed roof."""
    profile = np.array([(0.34, -0.15), (0.30, 0.10), (0.16, 0.20), (0.27, 0.42), (0.24, 0.66), (0.08, 0.84), (0, 1.0)])
    angle = np.linspace(0, 2 * np.pi, 9)
    ring = np.stack((np.cos(angle), np.sin(angle)), axis=1)
    points = np.concatenate(
        (profile[:, None, :1] * ring[None], np.broadcast_to(profile[:, None, 1:] + height_m, (7, 9, 1))), axis=2
    )
    return lattice(points.transpose(1, 0, 2), RIDGE)


def gable_roof(half_m: tuple[float, float], slope: Slope) -> Mesh:
    """Return a roof between gable walls, 硬山, its ridge running east to west."""
    long, deep = half_m
    stops = _stops(long, slope.row_m)
    reach = np.full(len(stops), deep)
    nowhere = np.empty((0, 2))
    parts: list[Mesh] = []
    for sign in (1.0, -1.0):
        side = Side(np.array((0, -sign * deep)), np.array((sign, 0)), np.array((0, sign)))
        parts += _face(side, stops, reach, slope, nowhere)
        for x in (-long, long):
            down = np.linspace(deep, 0.0, 6)
            line = np.stack((np.full(6, x), sign * (deep - down), slope.height_m(down)), axis=1)
            parts.append(sweep(line, 0.24, 0.18, RIDGE))
    return joined([*parts, _main_ridge(long, slope.ridge_m)])


def waist_roof(inner_m: tuple[float, float], slope: Slope) -> Mesh:
    """Return the eaves around a lower storey, 腰檐, that lean on a block of the given half extents."""
    long, deep = inner_m[0] + slope.depth_m, inner_m[1] + slope.depth_m
    corners = np.array([(x, y) for x in (-long, long) for y in (-deep, deep)])
    parts: list[Mesh] = []
    for half, other, along in ((long, deep, (1.0, 0.0)), (deep, long, (0.0, 1.0))):
        stops = _stops(half, slope.row_m)
        reach = np.minimum(slope.depth_m, half - abs(stops))
        for sign in (1.0, -1.0):
            way = sign * np.array(along)
            inwards = np.array((-way[1], way[0]))
            parts += _face(Side(-inwards * other, way, inwards), stops, reach, slope, corners)
    for corner in corners:
        out = np.sign(corner)
        inwards = np.linspace(slope.depth_m, 0.0, 6)
        line = np.concatenate((corner - out * inwards[:, None], slope.height_m(inwards)[:, None]), axis=1)
        parts.append(_hip(line, out / np.sqrt(2), slope, corners))
    return joined(parts)
