"""Stone bridges over the water: zigzag ones, 九曲桥, of level slabs, others a little arched; railings on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, beams, blocks, joined, lattice, raised
from twins.garden.plan import leftwards, reached_m, resampled
from twins.garden.terrain import WATER_M
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.terrain import Terrain

__all__ = ["bridge_heights_m", "build_bridge"]

SLAB_M = 0.26
CLEAR_M = 0.55
"""Height of a slab's upper side above the water, at least."""
RAIL_M = 0.62
POST_M = 2.4
STONE, WORN = "#b4b1a6", "#c4c0b3"


def bridge_heights_m(line: Numbers, far: Numbers, terrain: Terrain, *, arched: bool) -> Numbers:
    """Return the height of a bridge's walk at points of its line, given how far along it they lie."""
    ends = terrain.height_m(line[[0, -1]])
    share = far / far[-1]
    level = np.maximum(ends[0] * (1 - share) + ends[1] * share, WATER_M + CLEAR_M) + 0.12
    if arched:
        level = level + min(0.9, 0.05 * far[-1]) * 4 * share * (1 - share)
    return np.asarray(level)


def build_bridge(line: Numbers, width_m: float, terrain: Terrain, *, arched: bool, share: float = 1.0) -> Mesh:
    """Return a bridge.

    Parameters
    ----------
    line
        ``(N, 2)`` its middle.
    width_m
        Clear width.
    terrain
        What it starts from, and the water.
    arched
        Whether it rises to its middle.
    share
        How finely it is drawn, 0 to 1.
    """
    points = resampled(line, 1.9)
    far = reached_m(points)
    height = bridge_heights_m(points, far, terrain, arched=arched)
    half = width_m / 2 + 0.12
    aside = leftwards(points) * half
    across = np.array((1.0, -1.0))
    plan = points[:, None] + aside[:, None] * across[None, :, None]
    top = np.concatenate((plan, np.broadcast_to(height[:, None, None], (len(points), 2, 1))), axis=2)
    tone = (0.96 + 0.08 * ((np.arange(len(points)) * 0.618) % 1.0))[:, None, None]
    parts = [lattice(top[:, ::-1], tone * np.array(rgb(WORN)))]
    for side in (0, 1):
        edge = top[:, side]
        skirt = np.stack((edge, edge - (0, 0, SLAB_M)), axis=1)
        parts.append(
            lattice(skirt if side == 0 else skirt[:, ::-1], np.array((1.0, 0.62))[None, :, None] * np.array(rgb(STONE)))
        )
    under = top - (0, 0, SLAB_M)
    parts.append(lattice(under, "#5e5d56"))
    parts += _piers(points, aside, height)
    for sign in (1.0, -1.0):
        parts += _railing(points + sign * aside * (1 - 0.1 / half), far, height, POST_M / max(share, 0.5))
    return joined(parts)


def _piers(points: Numbers, aside: Numbers, height: Numbers) -> list[Mesh]:
    chosen = np.arange(0, len(points), 2)
    parts = []
    for sign in (0.62, -0.62):
        at = points[chosen] + sign * aside[chosen]
        low = WATER_M - 0.9
        middle = np.concatenate((at, ((height[chosen] - SLAB_M + low) / 2)[:, None]), axis=1)
        size = np.stack((np.full(len(at), 0.26), np.full(len(at), 0.26), height[chosen] - SLAB_M - low), axis=1)
        parts.append(blocks(middle, size, "#85837a"))
    return parts


def _railing(line: Numbers, far: Numbers, height: Numbers, post_m: float) -> list[Mesh]:
    """Return a low stone railing: posts with caps, a rail along their heads and one between."""
    count = max(1, round(far[-1] / post_m))
    at = np.linspace(0.0, far[-1], count + 1)
    corners = np.unique(np.concatenate((at, far)).round(6))
    post = np.stack([np.interp(at, far, line[:, axis]) for axis in (0, 1)], axis=1)
    level = np.interp(at, far, height)
    foot = np.concatenate((post, level[:, None]), axis=1)
    posts = blocks(raised(foot, (RAIL_M + 0.14) / 2), (0.17, 0.17, RAIL_M + 0.14), STONE)
    rail = np.stack([np.interp(corners, far, line[:, axis]) for axis in (0, 1)]
                    + [np.interp(corners, far, height)], axis=1)  # fmt: skip
    rails = [beams(raised(rail[:-1], up), raised(rail[1:], up), 0.1, 0.1, STONE) for up in (0.2, RAIL_M - 0.12)]
    return [posts, *rails]
