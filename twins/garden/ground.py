"""The ground: moss, earth and paving in one skin that leaves out the ponds; shade and shadow painted into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import Delaunay

from twins.garden.mesh import Mesh, Numbers, cross, lattice, quads, triangles
from twins.garden.plan import closed, distance_m, frame_of, inside, leftwards, resampled, smoothstep
from twins.shapes import rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twins.garden.season import Seasonal
    from twins.garden.terrain import Terrain

__all__ = ["Shadow", "Way", "build_ground", "build_way", "normals"]

COARSE_M, FINE_M = 6.0, 2.2
NEAR_M = 4.0
"""Within this distance of what stands on it, the ground is fine."""
SHORE_M = 1.0
WAY_STEP_M = 1.7
WAY_ABOVE_M = 0.05


@dataclass(frozen=True, eq=False)
class Shadow:
    """Something that takes light from the ground.

    Parameters
    ----------
    outline_m
        ``(C, 2)`` polygon of its foot, or of its crown.
    height_m
        From where its shadow is thrown, above the ground.
    depth
        Share of the light that it takes, 0 to 1.
    """

    outline_m: Numbers
    height_m: float
    depth: float = 0.4


@dataclass(frozen=True, eq=False)
class Way:
    """A paved way.

    Parameters
    ----------
    line_m
        ``(N, 2)`` its middle.
    width_m
        Its width.
    """

    line_m: Numbers
    width_m: float


def build_ground(
    outline: Numbers,
    terrain: Terrain,
    ways: Sequence[Way],
    courts: Sequence[Numbers],
    lawns: Sequence[Numbers],
    shadows: Sequence[Shadow],
    sun: Numbers,
    season: Seasonal,
    noise: np.random.Generator,
) -> Mesh:
    """Return the ground.

    Parameters
    ----------
    outline
        ``(C, 2)`` its edge.
    terrain
        Its height, and the ponds to leave out.
    ways, courts, lawns
        What is worn, paved or grown over, as lines and polygons.
    shadows
        What stands on it.
    sun
        ``(3,)`` unit vector towards the sun.
    season
        Its colours.
    noise
        Spots of colour.
    """
    points = _points(outline, terrain, ways, shadows, noise)
    mesh = Delaunay(points)
    corners = mesh.simplices
    middle = points[corners].mean(axis=1)
    wet = np.zeros(len(middle), np.bool_)
    for line in terrain.shores:
        wet |= inside(middle, line)
    corners = corners[~wet]
    a, b, c = points[corners].transpose(1, 0, 2)
    turned = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) < (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    corners[turned] = corners[turned][:, ::-1]
    place = np.concatenate((points, terrain.height_m(points)[:, None]), axis=1)
    colors = _colors(points, terrain, ways, courts, lawns, season, noise) * _light(points, shadows, sun)[:, None]
    return triangles(place[corners], colors[corners], normals(place, corners)[corners])


def normals(points: Numbers, corners: np.ndarray[tuple[int, int], np.dtype[np.int32]]) -> Numbers:
    """Return ``(N, 3)`` unit normals at the points of a skin, given its triangles ``(T, 3)``."""
    a, b, c = points[corners].transpose(1, 0, 2)
    across = cross(b - a, c - a)
    total = np.zeros_like(points)
    for corner in range(3):
        np.add.at(total, corners[:, corner], across)
    return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-12))


def _points(
    outline: Numbers, terrain: Terrain, ways: Sequence[Way], shadows: Sequence[Shadow], noise: np.random.Generator
) -> Numbers:
    """Return the skin's points: sparse where nothing is, dense around what stands there, and along all edges."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    sets = [resampled(closed(outline), COARSE_M)[:-1]]
    coarse = _grid(low, high, COARSE_M)
    fine = _grid(low, high, FINE_M)
    shores = [resampled(closed(line), SHORE_M)[:-1] for line in terrain.shores]
    lines = [closed(shadow.outline_m) for shadow in shadows] + [closed(corners) for corners, _ in terrain.hills]
    near = np.zeros(len(fine), np.bool_)
    for line in [*lines, *(closed(shore) for shore in terrain.shores)]:
        box = ((fine > line.min(axis=0) - NEAR_M) & (fine < line.max(axis=0) + NEAR_M)).all(axis=1)
        rows = np.flatnonzero(box & ~near)
        near[rows] = distance_m(fine[rows], line) < NEAR_M
    cells = set(map(tuple, np.floor((fine[near] - low) / COARSE_M).astype(int).tolist()))
    keep = [tuple(cell) not in cells for cell in np.floor((coarse - low) / COARSE_M).astype(int).tolist()]
    grid = np.concatenate((coarse[keep], fine[near]))
    grid = grid + noise.uniform(-0.28, 0.28, grid.shape)
    edges = [_edges(way) for way in ways]
    clear = inside(grid, outline) & (distance_m(grid, closed(outline)) > 0.8)
    for line in terrain.shores:
        clear &= distance_m(grid, closed(line)) > 0.55 * SHORE_M
    for way in ways:
        box = ((grid > way.line_m.min(axis=0) - way.width_m) & (grid < way.line_m.max(axis=0) + way.width_m)).all(
            axis=1
        )
        rows = np.flatnonzero(box & clear)
        clear[rows] = abs(distance_m(grid[rows], way.line_m) - way.width_m / 2) > 0.45
    points = np.concatenate((*sets, *shores, *edges, grid[clear]))
    return np.unique(points.round(3), axis=0)


def _grid(low: Numbers, high: Numbers, step: float) -> Numbers:
    axes = [np.arange(a + step / 2, b, step) for a, b in zip(low, high, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 2)


def _edges(way: Way) -> Numbers:
    line = resampled(way.line_m, 2 * WAY_STEP_M)
    left = leftwards(line) * way.width_m / 2
    return np.concatenate((line + left, line - left))


def _colors(
    points: Numbers,
    terrain: Terrain,
    ways: Sequence[Way],
    courts: Sequence[Numbers],
    lawns: Sequence[Numbers],
    season: Seasonal,
    noise: np.random.Generator,
) -> Numbers:
    moss, grass, earth, stone = (
        np.array(rgb(color)) for color in (season.moss, season.grass, season.earth, season.paving)
    )
    waves = noise.uniform(0, 2 * np.pi, (5, 3))
    spots = sum(
        np.sin(points @ (np.array((np.cos(turn), np.sin(turn))) * (0.10 + 0.09 * number)) + phase)
        for number, (turn, phase, _) in enumerate(waves)
    )
    mix = 0.7 * smoothstep(-0.6, 3.2, spots)[:, None]
    colors = moss * (1 - mix) + earth * mix
    colors = colors * (1 + 0.05 * noise.standard_normal((len(points), 1)))
    for lawn in lawns:
        colors[inside(points, lawn)] = grass * (1 + 0.04 * noise.standard_normal())
    for court in courts:
        colors[inside(points, court)] = stone * 0.96
    bank = smoothstep(-1.8, -0.1, terrain.wet(points))[:, None] * 0.55
    return np.asarray(np.clip(colors * (1 - bank) + np.array(rgb("#7d7c6c")) * bank, 0, 1))


def _light(points: Numbers, shadows: Sequence[Shadow], sun: Numbers) -> Numbers:
    """Return ``(N,)`` what share of the light reaches the ground: less beside what stands on it, and in its shadow."""
    light = np.ones(len(points))
    for shadow in shadows:
        throw = -sun[:2] / max(float(sun[2]), 0.35) * shadow.height_m
        low, high = shadow.outline_m.min(axis=0), shadow.outline_m.max(axis=0)
        reach = max(2.0, 0.5 * shadow.height_m)
        box = ((points > np.minimum(low, low + throw) - reach) & (points < np.maximum(high, high + throw) + reach)).all(
            axis=1
        )
        rows = np.flatnonzero(box)
        if not len(rows):
            continue
        mine = points[rows]
        line = closed(shadow.outline_m)
        signed = np.where(inside(mine, shadow.outline_m), -1.0, 1.0) * distance_m(mine, line)
        contact = 1 - 0.3 * (1 - smoothstep(0.0, reach, signed))
        thrown = np.ones(len(mine))
        for share in (0.35, 0.7, 1.0):  # a shadow drawn out: the outline at some places along the way
            back = mine - throw * share
            away = np.where(inside(back, shadow.outline_m), -1.0, 1.0) * distance_m(back, line)
            thrown = np.minimum(thrown, 1 - shadow.depth * (1 - smoothstep(-1.1, 0.7, away)))
        light[rows] = np.minimum(light[rows], contact * thrown)
    return light


def build_way(way: Way, terrain: Terrain, shadows: Sequence[Shadow], sun: Numbers, color: str) -> Mesh:
    """Return the paving of a way, a little above the ground."""
    line = resampled(way.line_m, WAY_STEP_M)
    left = leftwards(line) * way.width_m / 2
    across = np.array((1.0, 0.84, -0.84, -1.0))
    plan = line[:, None] + left[:, None] * across[None, :, None]
    flat = plan.reshape(-1, 2)
    height = terrain.height_m(flat) + WAY_ABOVE_M
    shape = plan.shape[:2]
    rise = np.where(abs(across) > 0.9, -0.07, 0.0)
    points = np.concatenate((plan, (height.reshape(shape) + rise)[..., None]), axis=2)
    # Slabs: every other step a shade lighter, kerbs darker.
    slab = 0.965 + 0.07 * ((np.arange(len(line)) * 0.61803) % 1.0)
    tone = slab[:, None] * np.where(abs(across) > 0.9, 0.86, 1.0)[None]
    light = _light(flat, shadows, sun).reshape(shape)
    return lattice(points[:, ::-1], (tone * light)[:, ::-1, None] * np.array(rgb(color)))


def build_court(corners: Numbers, terrain: Terrain, shadows: Sequence[Shadow], sun: Numbers, color: str) -> Mesh:
    """Return the paving of a court, 花街铺地: squares in two tones within a border."""
    frame = frame_of(corners.tolist())
    long, deep = frame.half_m
    stops = [np.linspace(-half, half, max(2, round(half / 0.8)) + 1) for half in (long, deep)]
    x, y = np.meshgrid(*stops, indexing="ij")
    flat = frame.outwards(np.stack((x, y), axis=-1).reshape(-1, 2))
    height = terrain.height_m(flat) + WAY_ABOVE_M
    points = np.concatenate((flat, height[:, None]), axis=1).reshape(*x.shape, 3)
    light = _light(flat, shadows, sun).reshape(x.shape)
    a, b, c, d = points[:-1, :-1], points[1:, :-1], points[1:, 1:], points[:-1, 1:]
    row, column = np.indices(a.shape[:2])
    border = (row == 0) | (column == 0) | (row == a.shape[0] - 1) | (column == a.shape[1] - 1)
    tone = np.where(border, 0.82, np.where((row + column) % 2 == 0, 1.0, 0.93))
    shade = np.stack((light[:-1, :-1], light[1:, :-1], light[1:, 1:], light[:-1, 1:]), axis=2) * tone[..., None]
    return quads(np.stack((a, b, c, d), axis=2), (shade[..., None] * np.array(rgb(color))).reshape(-1, 4, 3))


def build_bank(shore: Numbers) -> Mesh:
    """Return the bank between the ground and the pond's bed."""
    line = closed(shore)
    rows = [np.concatenate((line, np.full((len(line), 1), height)), axis=1) for height in (-0.2, -1.4)]
    return lattice(np.stack(rows, axis=1), np.array((0.9, 0.5))[None, :, None] * np.array(rgb("#7b776a")))
