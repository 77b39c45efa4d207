"""What lies around a garden: the low white houses of the old town, in the haze."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, blocks, joined, quads, triangles
from twins.garden.plan import closed, distance_m, inside
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.season import Seasonal

__all__ = ["surroundings"]

REACH_M = 900.0
STREET_M = 11.0
TOWN_M = 110.0
LOW_M = -0.3


def surroundings(outline: Numbers, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return the land outside a garden's walls, with houses."""
    low, high = outline.min(axis=0), outline.max(axis=0)
    middle = (low + high) / 2
    # A frame around the garden: within its walls the ground is its own, and ponds lie lower.
    inner = outline if _turns_left(outline) else outline[::-1]
    way = inner - middle
    outer = middle + way / np.abs(way).max(axis=1, keepdims=True) * REACH_M
    near, far = (
        np.concatenate((line, np.full((len(line), 1), LOW_M)), axis=1) for line in (closed(inner), closed(outer))
    )
    land = quads(np.stack((near[1:], near[:-1], far[:-1], far[1:]), axis=1), np.array(rgb(season.earth)) * 0.92)
    wanted = noise.uniform(low - TOWN_M, high + TOWN_M, (1500, 2))
    away = distance_m(wanted, closed(outline))
    wanted = wanted[(away > STREET_M) & (away < TOWN_M) & ~inside(wanted, outline)]
    chosen: list[Numbers] = []
    for at in wanted:
        if len(chosen) < 150 and all(abs(at - other)[0] > 15 or abs(at - other)[1] > 10 for other in chosen):
            chosen.append(at)
    at = np.array(chosen).reshape(-1, 2)
    if not len(at):
        return land
    size = np.stack(
        (noise.uniform(9, 14, len(at)), noise.uniform(6, 8.5, len(at)), noise.uniform(3.4, 6.2, len(at))), 1
    )
    walls = blocks(np.concatenate((at, size[:, 2:] / 2 + LOW_M), axis=1), size, "#ecebe6")
    return joined([land, walls, _roofs(at, size)])


def _turns_left(outline: Numbers) -> bool:
    after = np.roll(outline, -1, axis=0)
    return bool((outline[:, 0] * after[:, 1] - outline[:, 1] * after[:, 0]).sum() > 0)


def _roofs(at: Numbers, size: Numbers) -> Mesh:
    x, y, z = size[:, 0] / 2 + 0.3, size[:, 1] / 2 + 0.6, size[:, 2] + LOW_M
    base = np.concatenate((at, z[:, None]), axis=1)[:, None]
    nothing = np.zeros_like(x)
    top = 0.30 * size[:, 1] + 0.4
    a, b, c, d, e, f = (
        np.stack(corner, axis=1)[:, None]
        for corner in ((-x, -y, nothing - 0.1), (x, -y, nothing - 0.1), (x, y, nothing - 0.1), (-x, y, nothing - 0.1),
                       (-x, nothing, top), (x, nothing, top))
    )  # fmt: skip
    slopes = [(a, b, f), (a, f, e), (c, d, e), (c, e, f)]
    gables = [(b, c, f), (d, a, e)]
    tiles = np.concatenate([np.concatenate(face, axis=1) + base for face in slopes])
    ends = np.concatenate([np.concatenate(face, axis=1) + base for face in gables])
    return joined([triangles(tiles, "#585d62"), triangles(ends, "#ecebe6")])
