"""Covered corridors, 廊: a tiled roof on posts along a path, with low rails between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, bars, beams, joined, lattice, quads, raised, sweep
from twins.garden.palette import LACQUER, MORTAR, RIDGE, SHADE, STONE, TILE, TIMBER
from twins.garden.plan import distance_m, leftwards, reached_m, resampled
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.terrain import Terrain

__all__ = ["build_corridor"]

POST_EVERY_M = 2.7
EAVES_M, RIDGE_M = 2.75, 3.85
REACH_M = 0.75
"""From a corridor's posts to its eaves."""
DOOR_M = 1.4
ROW_M = 1.05


def build_corridor(line: Numbers, width_m: float, terrain: Terrain, openings: Numbers, *, share: float = 1.0) -> Mesh:
    """Return a covered corridor.

    Parameters
    ----------
    line
        ``(N, 2)`` its middle.
    width_m
        Clear width.
    terrain
        What it stands on.
    openings
        ``(K, 2)`` where other paths come to it, so that no rail stands in their way.
    share
        How finely it is drawn, 0 to 1.
    """
    points = resampled(line, ROW_M / 2 / max(share, 0.45))
    ground = terrain.height_m(points)
    ground = np.convolve(np.pad(ground, 6, mode="edge"), np.full(13, 1 / 13), mode="valid")
    half = width_m / 2 + 0.15
    parts = [_roof(points, ground, half), *_frame(line, ground, points, half, openings)]
    return joined(parts)


def _roof(points: Numbers, ground: Numbers, half_m: float) -> Mesh:
    aside = leftwards(points)
    wide = half_m + REACH_M
    across = np.array((1.0, 0.5, 0.0, -0.5, -1.0)) * wide
    share = 1 - abs(across) / wide
    rise = (RIDGE_M - EAVES_M) * (0.65 * share + 0.35 * share**2)
    crest = (np.arange(len(points)) % 2)[:, None]
    plan = points[:, None] + aside[:, None] * across[None, :, None]
    height = ground[:, None] + EAVES_M + rise + 0.06 * crest
    skin = np.concatenate((plan, height[..., None]), axis=2)
    tone = np.where(crest, 1.08, 0.7)[..., None] * np.array(rgb(TILE))
    tiles = lattice(skin[:, ::-1], tone)
    few = np.unique(np.r_[0 : len(skin) : 6, len(skin) - 1])
    below = (skin - 0.06 * crest[..., None] * (0, 0, 1))[few][:, [0, 2, 4]] - (0, 0, 0.03)
    parts = [tiles, lattice(below, SHADE)]
    for side, sign in ((0, 1), (4, -1)):
        edge = skin[:, side]
        low = edge - (0, 0, 0.13)
        order = np.stack((low[:-1], low[1:], edge[1:], edge[:-1]), axis=1)
        parts.append(quads(order[:, ::-1] if sign > 0 else order, MORTAR))
    ridge = np.concatenate((points, (ground + RIDGE_M - 0.04)[:, None]), axis=1)
    every = ridge[np.unique(np.r_[0 : len(ridge) : 4, len(ridge) - 1])]
    every[[0, -1], 2] += 0.12
    return joined([*parts, sweep(every, 0.2, 0.24, RIDGE)])


def _frame(line: Numbers, ground: Numbers, points: Numbers, half_m: float, openings: Numbers) -> list[Mesh]:
    """Return posts, beams, rails and fretwork on both sides."""
    stops = resampled(line, POST_EVERY_M)
    far = np.linalg.norm(stops[:, None] - points[None], axis=2).argmin(axis=1)
    level = ground[far]
    aside = leftwards(stops) * half_m
    parts = []
    for sign in (1.0, -1.0):
        at = stops + sign * aside
        foot = np.concatenate((at, (level - 0.1)[:, None]), axis=1)
        head = np.concatenate((at, (level + EAVES_M + 0.25)[:, None]), axis=1)
        parts.append(bars(foot, head, 0.085, TIMBER, sides=5))
        beam = np.concatenate((at, (level + EAVES_M - 0.08)[:, None]), axis=1)
        parts += [beams(beam[:-1], beam[1:], 0.1, 0.2, TIMBER),
                  beams(beam[:-1] - (0, 0, 0.2), beam[1:] - (0, 0, 0.2), 0.04, 0.05, LACQUER)]  # fmt: skip
        parts += _rails(at, level, openings)
    edge = resampled(line, 1.6)
    floor = np.interp(reached_m(edge), reached_m(points), ground) + 0.09
    side = leftwards(edge) * (half_m + 0.12)
    deck = np.stack([np.concatenate((edge + sign * side, floor[:, None]), axis=1) for sign in (-1.0, 1.0)], axis=1)
    shade = np.array(rgb(STONE)) * 0.72
    parts.append(lattice(deck, shade))
    for column, flip in ((0, False), (1, True)):
        kerb = np.stack((deck[:, column] - (0, 0, 0.5), deck[:, column]), axis=1)
        parts.append(lattice(kerb[:, ::-1] if flip else kerb, STONE))
    return parts


def _rails(at: Numbers, level: Numbers, openings: Numbers) -> list[Mesh]:
    """Return rails between posts, but where a path comes."""
    foot = np.concatenate((at, level[:, None]), axis=1)
    start, end = foot[:-1], foot[1:]
    if len(openings):
        shut = np.array(
            [(distance_m(openings, np.stack((a, b))[:, :2]) >= DOOR_M).all() for a, b in zip(start, end, strict=True)]
        )
        start, end = start[shut], end[shut]
    return [beams(raised(start, 0.42), raised(end, 0.42), 0.26, 0.06, TIMBER),
            beams(raised(start, 0.08), raised(end, 0.08), 0.1, 0.34, LACQUER)]  # fmt: skip
