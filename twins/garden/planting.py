"""Which plants and stones stand where, beside those that a garden's file names.

Willows by the water, bamboo before white walls, pines on the hills, stones along the shore.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import raised
from twins.garden.plan import closed, distance_m, frame_of, inside, leftwards, resampled
from twins.garden.species import form_of
from twins.garden.terrain import WATER_M
from twins.garden.trees import Growth

if TYPE_CHECKING:
    from collections.abc import Callable

    from twins.garden.mesh import Numbers
    from twins.garden.site import Site
    from twins.garden.species import Form

__all__ = ["Planting", "plant"]

SHORE_FORMS: tuple[tuple[Form, float, float], ...] = (
    ("willow", 7.5, 3.2), ("maple", 4.2, 2.0), ("flowering", 3.8, 1.9), ("pine", 5.5, 2.6), ("flowering", 3.4, 1.7),
    ("willow", 6.8, 2.9), ("flowering", 4.4, 2.2),
)  # fmt: skip
"""Forms by the water, with height and crown in metres."""
WOOD_FORMS: tuple[tuple[Form, float, float], ...] = (
    ("evergreen", 8.5, 3.4), ("broad", 9.5, 3.8), ("ginkgo", 10.5, 2.9), ("maple", 6.0, 2.6), ("evergreen", 7.0, 3.0),
)  # fmt: skip
HILL_FORMS: tuple[tuple[Form, float, float], ...] = (
    ("pine", 6.0, 2.6),
    ("maple", 5.0, 2.2),
    ("broad", 7.5, 3.0),
    ("flowering", 3.6, 1.8),
)
MOST_TREES = 54


@dataclass(frozen=True, eq=False)
class Planting:
    """What grows and lies where.

    Parameters
    ----------
    trees
        To grow.
    bamboo_m
        ``(N, 3)`` culms.
    shrubs_m
        ``(N, 3)`` their feet.
    boulders_m, boulder_sizes_m
        ``(N, 3)`` each.
    stones_m
        ``(N, 4)`` foot and height of Taihu stones.
    lotus_m
        ``(N, 2)`` a leaf each.
    """

    trees: tuple[Growth, ...]
    bamboo_m: Numbers
    shrubs_m: Numbers
    boulders_m: Numbers
    boulder_sizes_m: Numbers
    stones_m: Numbers
    lotus_m: Numbers


def plant(site: Site, share: Callable[[Numbers], Numbers], clear: Callable[[Numbers], Numbers],
          noise: Callable[[str], np.random.Generator]) -> Planting:  # fmt: skip
    """Return what grows and lies in a garden.

    Parameters
    ----------
    site
        Its plan.
    share
        ``(N, 2) -> (N,)`` how finely plants at a place are drawn, 0 to 1.
    clear
        ``(N, 2) -> (N,)`` whether a tree there would stand in the first view.
    noise
        A generator by name.
    """
    trees = _trees(site, share, clear, noise("trees"))
    feet = np.array([tree.foot_m[:2] for tree in trees]).reshape(-1, 2)
    boulders, sizes = _shore_stones(site, noise("boulders"))
    return Planting(
        tuple(trees),
        _bamboo(site, feet, share, noise("bamboo")),
        _shrubs(site, feet, noise("shrubs")),
        boulders,
        sizes,
        _stones(site, noise("stones")),
        _lotus(site, noise("lotus")),
    )


def _trees(site: Site, share: Callable[[Numbers], Numbers], clear: Callable[[Numbers], Numbers],
           noise: np.random.Generator) -> list[Growth]:  # fmt: skip
    garden, terrain = site.garden, site.terrain
    named = [(form_of(tree), tree.height_m, tree.crown_radius_m) for tree in garden.trees]
    named_at = np.array([tree.at_m for tree in garden.trees]).reshape(-1, 2)
    wanted: list[tuple[Form, float, float]] = []
    places: list[Numbers] = []
    for line in terrain.shores:
        at = resampled(closed(line), 7.5, corners=False)[:-1]
        out = -leftwards(resampled(closed(line), 7.5, corners=False))[:-1]
        places.append(at + out * noise.uniform(1.3, 3.2, (len(at), 1)))
        order = noise.integers(0, len(SHORE_FORMS), len(at))
        wanted += [SHORE_FORMS[number] for number in order]
    for corners, _ in terrain.hills:
        middle = corners.mean(axis=0)
        angle = noise.uniform(0, 2 * np.pi, 10)
        reach = np.linalg.norm(corners - middle, axis=1).max() + noise.uniform(0.6, 3.0, 10)
        places.append(middle + np.stack((np.cos(angle), np.sin(angle)), axis=1) * reach[:, None])
        wanted += [HILL_FORMS[number] for number in noise.integers(0, len(HILL_FORMS), 10)]
    low, high = np.array(garden.outline_m).min(axis=0), np.array(garden.outline_m).max(axis=0)
    wood = noise.uniform(low, high, (260, 2))
    places.append(wood)
    wanted += [WOOD_FORMS[number] for number in noise.integers(0, len(WOOD_FORMS), len(wood))]
    at = np.concatenate(places)
    size = np.array([(height, crown) for _, height, crown in wanted]) * noise.uniform(0.82, 1.15, (len(wanted), 1))
    fits = (site.room_m(at) > np.maximum(0.9, size[:, 1] * 0.42)) & (clear(at) > 0)
    rows = np.flatnonzero(fits)
    together = np.concatenate((named_at, at[rows]))
    apart = np.concatenate((np.zeros(len(named_at)), size[rows, 1] * 1.5 + 0.8))
    chosen = site.spaced(together, apart)
    found = [*named, *((wanted[row][0], float(size[row, 0]), float(size[row, 1])) for row in rows)]
    chosen = chosen[: max(MOST_TREES, len(named))]
    feet = together[chosen]
    level = terrain.height_m(feet) - 0.15
    detail = share(feet)
    return [
        Growth(found[row][0], np.array((*foot, height)), found[row][1], found[row][2], float(part))
        for row, foot, height, part in zip(chosen.tolist(), feet.tolist(), level.tolist(), detail, strict=True)
    ]


def _on_ground(site: Site, at: Numbers) -> Numbers:
    return np.concatenate((at, (site.terrain.height_m(at) - 0.05)[:, None]), axis=1)


def _bamboo(site: Site, trees: Numbers, share: Callable[[Numbers], Numbers], noise: np.random.Generator) -> Numbers:
    """Stand clumps of bamboo along the foot of walls."""
    found = []
    lines = [np.array(wall.line_m) for wall in site.garden.walls] + [closed(site.garden.outline_m)]
    for line in lines:
        at = resampled(line, 11.0, corners=False)
        aside = leftwards(at)
        for sign in (1.0, -1.0):
            found.append(at + sign * aside * 1.5 + noise.normal(0, 0.8, at.shape))
    middle = np.concatenate(found)
    middle = middle[(site.room_m(middle) > 0.55) & (share(middle) > 0.3)][:32]
    each = 10
    spread = noise.normal(0, 1, (len(middle), each, 2)) * 0.75
    at = (middle[:, None] + spread).reshape(-1, 2)
    at = at[site.room_m(at) > 0.2]
    if len(trees):
        at = at[((at[:, None] - trees[None]) ** 2).sum(axis=2).min(axis=1) > 1.0]
    return _on_ground(site, at)


def _shrubs(site: Site, trees: Numbers, noise: np.random.Generator) -> Numbers:
    """Scatter low shrubs along shores and at the feet of trees."""
    found = [line + -leftwards(closed(line))[:-1] * noise.uniform(0.6, 2.2, (len(line), 1)) for line in
             (resampled(closed(shore), 2.6, corners=False)[:-1] for shore in site.terrain.shores)]  # fmt: skip
    if len(trees):
        found.append((trees[:, None] + noise.normal(0, 1.1, (len(trees), 2, 2))).reshape(-1, 2))
    if not found:
        return np.empty((0, 3))
    at = np.concatenate(found)[:190]
    return _on_ground(site, at[site.room_m(at) > 0.35])


def _shore_stones(site: Site, noise: np.random.Generator) -> tuple[Numbers, Numbers]:
    """Line the water with stones, thicker here and there."""
    places, sizes = [], []
    for shore in site.terrain.shores:
        line = resampled(closed(shore), 1.3, corners=False)
        out = -leftwards(line)
        at = line + out * noise.normal(0.05, 0.16, (len(line), 1))
        size = noise.uniform((0.55, 0.55, 0.5), (1.05, 1.05, 1.0), (len(line), 3))
        swell = 1 + 0.7 * np.clip(np.sin(np.arange(len(line)) * 0.33 + noise.uniform(0, 6)), 0, 1) ** 3
        size[:, 2] *= swell
        places.append(np.concatenate((at, np.full((len(at), 1), WATER_M - 0.15)), axis=1))
        sizes.append(size)
    for scene in site.garden.scenes:
        if scene.kind == "rockery":  # at the feet of its peaks
            frame = frame_of(scene.polygon_m)
            heap = frame.outwards(noise.normal(0, 0.3, (34, 2)).clip(-0.62, 0.62) * frame.half_m)
            places.append(raised(_on_ground(site, heap), -0.15))
            sizes.append(noise.uniform((0.5, 0.5, 0.4), (1.25, 1.25, 1.1), (34, 3)))
    if not places:
        return np.empty((0, 3)), np.empty((0, 3))
    at, size = np.concatenate(places), np.concatenate(sizes)
    free = np.ones(len(at), np.bool_)
    for path in site.garden.paths:
        free &= distance_m(at[:, :2], path.line_m) > path.width_m / 2 + 0.75
    for scene in site.garden.scenes:
        if scene.kind != "rockery":
            free &= ~inside(at[:, :2], scene.polygon_m)
    low = size.copy()
    low[~free, 2] = 0.4  # under a bridge, or before a terrace: only a kerb
    return at, low


def _stones(site: Site, noise: np.random.Generator) -> Numbers:
    """Set Taihu stones: peaks in the rockeries, single ones by the water."""
    rows: list[Numbers] = []
    for scene in site.garden.scenes:
        if scene.kind != "rockery":
            continue
        corners = np.array(scene.polygon_m)
        middle, half = corners.mean(axis=0), (corners.max(axis=0) - corners.min(axis=0)) / 2
        angle = np.arange(13) * 2.39996 + noise.uniform(0, 6)
        away = 0.52 * np.sqrt(np.arange(13) / 13)
        at = middle + np.stack((np.cos(angle), np.sin(angle)), axis=1) * away[:, None] * half
        tall = np.concatenate(([6.2], noise.uniform(1.6, 3.8, 12)))
        rows.append(np.concatenate((_on_ground(site, at), tall[:, None]), axis=1))
    for shore in site.terrain.shores:
        line = resampled(closed(shore), 9.0, corners=False)[:-1]
        out = -leftwards(resampled(closed(shore), 9.0, corners=False))[:-1]
        at = line + out * noise.uniform(0.5, 1.5, (len(line), 1))
        at = at[site.room_m(at) > 0.3]
        tall = noise.uniform(1.0, 2.5, len(at))
        rows.append(np.concatenate((_on_ground(site, at), tall[:, None]), axis=1))
    return np.concatenate(rows) if rows else np.empty((0, 4))


def _lotus(site: Site, noise: np.random.Generator) -> Numbers:
    """Spread lotus in drifts, near the shore rather than in the middle, and beside bridges, not under them."""
    found = []
    for shore in site.terrain.shores:
        low, high = shore.min(axis=0), shore.max(axis=0)
        area = float(np.prod(high - low))
        drifts = noise.uniform(low, high, (max(4, int(area / 90)), 2))
        drifts = drifts[inside(drifts, shore)]
        at = (drifts[:, None] + noise.normal(0, 1, (len(drifts), 26, 2)) * (2.2, 1.3)).reshape(-1, 2)
        wet = np.where(inside(at, shore), distance_m(at, closed(shore)), 0.0)
        found.append(at[(wet > 0.9) & (wet < 7.5)])
    if not found:
        return np.empty((0, 2))
    at = np.concatenate(found)
    free = np.ones(len(at), np.bool_)
    for path in site.garden.paths:
        free &= distance_m(at, path.line_m) > path.width_m / 2 + 0.7
    for scene in site.garden.scenes:
        free &= ~inside(at, scene.polygon_m) & (distance_m(at, closed(scene.polygon_m)) > 0.8)
    at = at[free]
    return np.asarray(at[site.spaced(at, np.full(len(at), 0.48))][:360])
