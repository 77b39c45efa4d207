"""White walls under tiles, with moon gates, doors and lattice windows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.lattices import PATTERNS, lattice_mesh
from twins.garden.mesh import Mesh, Numbers, joined, lattice, quads, sweep
from twins.garden.palette import BRICK, LIME, MORTAR, RIDGE, SHADE, TILE
from twins.garden.plan import reached_m, resampled
from twins.shapes import rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from simulators.heritage_garden.parts import Opening

__all__ = ["Stretch", "build_wall"]

HALF_M = 0.19
SKIRT_M = 0.45
SHADED_M = 0.7
COPING_M, COPING_HEIGHT_M = 0.42, 0.42
WAVE_M, WAVE_LENGTH_M = 0.34, 9.0
CIRCLE = 28


@dataclass(frozen=True)
class Stretch:
    """A wall to be built.

    Parameters
    ----------
    line_m
        ``(N, 2)`` along it.
    ground_m
        ``(N,)`` height of the ground at each of its points.
    height_m
        Above the ground.
    openings
        In it, along the whole line.
    waves
        Whether it is a cloud wall, 云墙, with a coping that rises and falls.
    row_m
        From one row of the coping's tiles to the next.
    """

    line_m: Numbers
    ground_m: Numbers
    height_m: float
    openings: Sequence[Opening] = ()
    waves: bool = False
    row_m: float = 0.5


def build_wall(wall: Stretch) -> Mesh:
    """Return a wall with everything in it."""
    parts: list[Mesh] = []
    far = reached_m(wall.line_m)
    for number, (start, end) in enumerate(zip(wall.line_m, wall.line_m[1:], strict=False)):
        before, length = far[number], far[number + 1] - far[number]
        way = (end - start) / length
        base = float(wall.ground_m[number : number + 2].min())
        run = Run(start, way, base, base + wall.height_m)
        left = -HALF_M
        mine = [opening for opening in wall.openings if before <= opening.at_m < before + length]
        for order, opening in enumerate(sorted(mine, key=lambda opening: opening.at_m)):
            at = opening.at_m - before
            half = _half_m(opening, wall.height_m)
            parts += run.plain(left, at - half)
            parts += _opening(run, opening, at, half, wall.height_m, order)
            left = at + half
        parts += run.plain(left, length + HALF_M)
    parts.append(_coping(wall))
    return joined(parts)


@dataclass(frozen=True)
class Run:
    """A straight piece of wall."""

    start: Numbers
    way: Numbers
    base_m: float
    top_m: float

    def at(self, along: Numbers, out: Numbers | float, height: Numbers) -> Numbers:
        """Return points by their place along the wall, out of its middle plane to the right, and above its base."""
        aside = np.array((self.way[1], -self.way[0]))
        along, out, height = np.broadcast_arrays(along, out, height)
        plan = self.start + along[..., None] * self.way + out[..., None] * aside
        return np.concatenate((plan, (self.base_m + height)[..., None]), axis=-1)

    def piece(self, left: float, right: float, low: float, high: float) -> list[Mesh]:
        """Return both faces of a rectangle: skirt of ground brick, plaster, shade under the coping."""
        top = self.top_m - self.base_m
        stops = [low, *(stop for stop in (SKIRT_M, top - SHADED_M) if low < stop < high), high]
        if right - left < 1e-3:
            return []
        parts = []
        for bottom, upper in pairwise(stops):
            if upper - bottom < 1e-3:
                continue
            brick = upper <= SKIRT_M
            along, height = np.array((left, right, right, left)), np.array((bottom, bottom, upper, upper))
            out = HALF_M + (0.02 if brick else 0.0)
            front, back = self.at(along, out, height), self.at(along, -out, height)
            tone = np.array(rgb(BRICK))[None] if brick else self.tone(height)
            parts += [quads(front[None], tone[None]), quads(back[None, ::-1], tone[None, ::-1])]
        return parts

    def tone(self, height: Numbers) -> Numbers:
        """Return the plaster's colour at a height above the base."""
        top = self.top_m - self.base_m
        shade = np.clip((height - (top - SHADED_M)) / SHADED_M, 0.0, 1.0)
        return np.asarray((1.0 - 0.22 * shade)[..., None] * np.array(rgb(LIME)))

    def plain(self, left: float, right: float) -> list[Mesh]:
        """Return a piece without openings, its foot in the ground."""
        return self.piece(left, right, -1.0, self.top_m - self.base_m)


def _half_m(opening: Opening, height_m: float) -> float:
    """Return half the width of an opening; a moon gate is as wide as it is high."""
    if opening.kind != "moon_gate":
        return opening.width_m / 2
    return min(max(opening.width_m, opening.head_m) / 2 + 0.05, (height_m - 0.5) / 2)


def _opening(run: Run, opening: Opening, at: float, half: float, height_m: float, order: int) -> list[Mesh]:
    top = run.top_m - run.base_m
    match opening.kind:
        case "moon_gate":
            return _moon_gate(run, at, half, top)
        case "door":
            head = min(max(opening.head_m, 2.4), height_m - 0.3)
            return [*run.piece(at - half, at + half, head, top), *_reveal(run, at, half, 0.0, head)]
        case "window":
            low, high = opening.sill_m, opening.head_m
            pieces = [
                *run.piece(at - half, at + half, -1.0, low),
                *run.piece(at - half, at + half, high, top),
                *_reveal(run, at, half, low, high),
            ]
            middle = run.at(np.array(at), 0.0, np.array((low + high) / 2))
            pattern = PATTERNS[1 + order % (len(PATTERNS) - 1)]
            return [*pieces, lattice_mesh(middle, run.way, 2 * half, high - low, pattern, LIME)]


def _reveal(run: Run, at: float, half: float, low: float, high: float) -> list[Mesh]:
    """Return the frame of ground brick around a rectangular opening, and its depth."""
    x = np.array((-half, -half, half, half)) + at
    z = np.array((low, high, high, low))
    if low > 0.05:
        x, z = np.append(x, x[0]), np.append(z, z[0])
    out = HALF_M + 0.03
    inner = [run.at(x, sign * out, z) for sign in (1, -1)]
    grow = np.array((-1, -1, 1, 1, -1))[: len(x)], np.array((-1, 1, 1, -1, -1))[: len(x)]
    outer_z = z + 0.12 * (grow[1] if low > 0.05 else np.maximum(grow[1], 0))
    outer = [run.at(x + 0.12 * grow[0], sign * out, outer_z) for sign in (1, -1)]
    return _ring(inner, outer)


def _ring(inner: list[Numbers], outer: list[Numbers]) -> list[Mesh]:
    """Return depth and both faces of a frame; its lines run clockwise as seen from the right of the wall."""
    (front, back), (front_out, back_out) = inner, outer
    steps = slice(None, -1), slice(1, None)

    def band(a: Numbers, b: Numbers) -> Numbers:
        return np.stack((a[steps[0]], a[steps[1]], b[steps[1]], b[steps[0]]), axis=1)

    return [
        quads(band(front, front_out), BRICK),
        quads(band(back, back_out)[:, ::-1], BRICK),
        quads(band(front, back)[:, ::-1], "#6d7173"),
    ]


def _moon_gate(run: Run, at: float, half: float, top: float) -> list[Mesh]:
    """Return a round opening, 月洞门: its foot is cut off by the ground."""
    radius = half - 0.12
    centre = radius - 0.22
    x = np.concatenate(([-half], -radius * np.cos(np.linspace(0.0, np.pi, CIRCLE)), [half]))
    rise = np.sqrt(np.maximum(radius**2 - x**2, 0.0))
    shaded = np.full(len(x), top - SHADED_M)
    above = np.stack((centre + rise, np.maximum(centre + rise, shaded), np.full(len(x), top)), axis=1)
    below = np.stack((np.full(len(x), -0.1), np.maximum(centre - rise, -0.1)), axis=1)
    parts = []
    for sign in (1, -1):
        for rows in (above, below):
            points = run.at(at + x[:, None], float(sign * HALF_M), rows)
            parts.append(lattice(points[::sign], run.tone(rows)[::sign]))
    foot = np.arcsin(-centre / radius)
    angle = np.linspace(np.pi - foot, foot, CIRCLE)  # from the left foot, over the top, to the right one
    lines = [
        [run.at(at + size * np.cos(angle), sign * (HALF_M + 0.04), np.maximum(centre + size * np.sin(angle), 0.0))
         for sign in (1, -1)]
        for size in (radius, radius + 0.17)
    ]  # fmt: skip
    return [*parts, *_ring(*lines)]


def _coping(wall: Stretch) -> Mesh:
    """Return the little roof along the top."""
    line = np.concatenate((wall.line_m, wall.ground_m[:, None]), axis=1)
    line = _lengthened(line, HALF_M)
    points = resampled(line, wall.row_m / 2)
    far = reached_m(points[:, :2])
    top = points[:, 2] + wall.height_m
    if wall.waves:
        top = top + WAVE_M * (np.cos(2 * np.pi * far / WAVE_LENGTH_M) - 1) + WAVE_M
    way = np.gradient(points[:, :2], axis=0)
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    left = np.stack((-way[:, 1], way[:, 0]), axis=1)
    crest = (np.arange(len(points)) % 2)[:, None]
    across = np.array((1.0, 0.0, -1.0)) * COPING_M
    height = np.array((0.0, 0.75, 0.0)) * COPING_HEIGHT_M
    plan = points[:, None, :2] + left[:, None] * across[None, :, None]
    z = top[:, None] + height + 0.05 * crest
    skin = np.concatenate((plan, z[..., None]), axis=2)
    tone = np.where(crest, 1.08, 0.7)[..., None]
    tiles = lattice(skin[::-1], tone[::-1] * np.array(rgb(TILE)))
    edges = []
    for side, sign in ((0, 1), (2, -1)):
        edge = skin[:, side]
        inner = np.concatenate((points[:, :2] + left * sign * HALF_M * 0.9, (top - 0.06)[:, None]), axis=1)
        low = edge - (0, 0, 0.09)
        few = np.unique(np.r_[0 : len(points) : 4, len(points) - 1])
        inner, below = inner[few], low[few]
        order = [low[:-1], low[1:], edge[1:], edge[:-1]], [inner[:-1], inner[1:], below[1:], below[:-1]]
        turn = slice(None, None, -1) if sign > 0 else slice(None)
        edges += [quads(np.stack(order[0], 1)[:, turn], MORTAR), quads(np.stack(order[1], 1)[:, turn], SHADE)]
    ridge = np.concatenate((points[:, :2], (top + 0.6 * COPING_HEIGHT_M)[:, None]), axis=1)
    return joined([tiles, *edges, sweep(ridge[_bent(wall, len(ridge))], 0.24, 0.2, RIDGE)])


def _bent(wall: Stretch, count: int) -> NDArray[np.int64]:
    """Return at which of the coping's points its ridge must turn: few where it is level."""
    every = 4 if wall.waves else 16
    return np.unique(np.r_[0:count:every, count - 1])


def _lengthened(line: Numbers, by_m: float) -> Numbers:
    longer = line.copy()
    for end, next_to in ((0, 1), (-1, -2)):
        way = line[end] - line[next_to]
        longer[end] += by_m * way / np.linalg.norm(way[:2])
    return longer
