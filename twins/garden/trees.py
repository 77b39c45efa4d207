"""Trees: trunk, branches, and a crown of leaves that hang where light reaches, each form in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, bars, cross, joined, triangles
from twins.garden.palette import BARK
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.season import Seasonal
    from twins.garden.species import Form

__all__ = ["Growth", "bamboo_grove", "clumps", "grow", "sprays"]

LEAVES_A_M2 = 5.2
"""Sprays of leaves for each square metre of a crown's skin."""
MOST_LEAVES = 175
SPRAY = 3
"""Leaves of a spray."""
BLOSSOMS = {"flowering": ("#f0c9d2", "#f6dde2", "#e8b4c2"), "wisteria": ("#b79bd0", "#c9b2dc", "#a688c4")}


@dataclass(frozen=True)
class Growth:
    """A tree to grow.

    Parameters
    ----------
    form
        How it looks.
    foot_m
        ``(3,)`` where it stands.
    height_m, crown_m
        Its height and the radius of its crown.
    share
        Of the usual number of leaves; less for those far away.
    """

    form: Form
    foot_m: Numbers
    height_m: float
    crown_m: float
    share: float = 1.0


def grow(tree: Growth, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return a tree in its season."""
    match tree.form:
        case "bamboo":
            count = int(14 + 5 * tree.crown_m)
            return bamboo_grove(tree.foot_m + _disc(count, 0.8 * tree.crown_m, noise), tree.height_m, season, noise)
        case "pine":
            return _pine(tree, season, noise)
        case "willow":
            return _willow(tree, season, noise)
        case _:
            return _broadleaf(tree, season, noise)


def _disc(count: int, radius_m: float, noise: np.random.Generator) -> Numbers:
    angle, away = noise.uniform(0, 2 * np.pi, count), radius_m * np.sqrt(noise.uniform(0, 1, count))
    return np.stack((away * np.cos(angle), away * np.sin(angle), np.zeros(count)), axis=1)


def _limbs(tree: Growth, ends: Numbers, fork: float, noise: np.random.Generator, lean_m: float = 0.25) -> Mesh:
    """Return a trunk that forks into branches to ``ends``, ``(B, 3)``."""
    foot = tree.foot_m
    size = 0.022 * tree.height_m + 0.05
    sway = noise.normal(0, lean_m, (3, 2))
    sway[0] = 0
    level = np.array((0.0, 0.5, 1.0)) * fork * tree.height_m
    trunk = foot + np.concatenate((sway * np.array((0, 0.6, 1.0))[:, None], level[:, None]), axis=1)
    parts = [bars(trunk[:-1], trunk[1:], np.array((size, size * 0.8)), BARK, sides=6, taper=0.82)]
    middle = (trunk[-1] + ends) / 2 + noise.normal(0, 0.12 * tree.crown_m, ends.shape)
    start = np.broadcast_to(trunk[-1], ends.shape)
    parts += [
        bars(start, middle, size * 0.5, BARK, sides=5, taper=0.7),
        bars(middle, ends, size * 0.35, BARK, sides=4, taper=0.4),
    ]
    return joined(parts)


def _broadleaf(tree: Growth, season: Seasonal, noise: np.random.Generator) -> Mesh:
    crown, height = tree.crown_m, tree.height_m
    count = 7 if tree.form != "flowering" else 6
    low = 0.36 * height if tree.form not in ("flowering", "maple") else 0.3 * height
    deep = (height - low) / 2
    angle = np.arange(count) * 2.39996 + noise.uniform(0, 6.28)
    away = np.sqrt((np.arange(count) + 0.3) / count) * crown * 0.66
    if tree.form == "ginkgo":  # a tall cone
        away = crown * 0.62 * np.linspace(1.0, 0.05, count)
        up = low + 2 * deep * np.linspace(0.1, 0.86, count)
    else:
        up = low + deep * (0.9 + 0.75 * np.cos(away / crown * 3.4)) + noise.normal(0, 0.1 * deep, count)
    middle = tree.foot_m + np.stack((away * np.cos(angle), away * np.sin(angle), up), axis=1)
    radius = crown * noise.uniform(0.38, 0.52, count)
    size = np.stack((radius, radius, np.minimum(radius * 0.86, 0.6 * deep)), axis=1)
    limbs = _limbs(tree, middle, 0.34 if tree.form != "maple" else 0.24, noise)
    evergreen = tree.form == "evergreen"
    fullness = 1.0 if evergreen else season.fullness
    if fullness == 0.0:
        return joined([limbs, _twigs(middle, size, noise)])
    leaves = _leaves(tree, middle, size, fullness, season, noise)
    return joined([limbs, leaves])


def _twigs(middle: Numbers, size: Numbers, noise: np.random.Generator) -> Mesh:
    """Return bare branches that fill a crown."""
    way = noise.normal(0, 1, (len(middle), 7, 3))
    way[..., 2] = abs(way[..., 2]) * 0.9
    way /= np.linalg.norm(way, axis=2, keepdims=True)
    start = np.repeat(middle[:, None], 7, axis=1)
    end = start + way * size[:, None] * 1.15
    fork = start + (end - start) * 0.45
    second = fork + (end - start) * 0.5 + noise.normal(0, 0.18, end.shape) * size[:, None]
    return joined([
        bars(start.reshape(-1, 3), end.reshape(-1, 3), 0.045, "#6b5a4a", sides=3, taper=0.3),
        bars(fork.reshape(-1, 3), second.reshape(-1, 3), 0.028, "#75644f", sides=3, taper=0.3),
    ])  # fmt: skip


def _leaves(
    tree: Growth, middle: Numbers, size: Numbers, fullness: float, season: Seasonal, noise: np.random.Generator
) -> Mesh:
    """Return sprays of leaves over clumps; dark where the crown shades itself."""
    skin = 4 * np.pi * (size[:, 0] ** 2)
    wanted = skin * LEAVES_A_M2 * fullness * tree.share
    wanted *= min(1.0, MOST_LEAVES * tree.share / wanted.sum())
    which = np.repeat(np.arange(len(middle)), np.maximum(8, wanted.astype(int)))
    out = noise.normal(0, 1, (len(which), 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    out[:, 2] = np.where(out[:, 2] < -0.55, -out[:, 2], out[:, 2])
    at = middle[which] + out * size[which] * noise.uniform(0.8, 1.08, (len(which), 1))
    centre = middle.mean(axis=0)
    facing = 0.6 * out + 0.6 * (at - centre) / np.linalg.norm(at - centre, axis=1, keepdims=True)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    spray = 0.31 * tree.crown_m**0.45 * tree.share**-0.25 * noise.uniform(0.75, 1.3, len(which))
    colors = _colors(tree, out, at, spray, season, noise)
    inside = np.array(rgb(season.leaves[tree.form][1])) * 0.82
    if tree.form in BLOSSOMS:
        share = 0.7 * season.blossom
        inside = inside * (1 - share) + np.array(rgb(BLOSSOMS[tree.form][2])) * 0.9 * share
    core = clumps(middle, size * 0.8, inside, noise)
    return joined([core, sprays(at, facing, spray, colors, noise)])


def _colors(
    tree: Growth, out: Numbers, at: Numbers, spray: Numbers, season: Seasonal, noise: np.random.Generator
) -> Numbers:
    """Return ``(N, 3)``: lighter towards the sky and the outside; some are blossom, whose sprays are made small."""
    kinds = np.array([rgb(color) for color in season.leaves[tree.form]])
    colors = kinds[noise.integers(0, len(kinds), len(at))]
    if tree.form in BLOSSOMS and season.blossom:
        flowers = np.array([rgb(color) for color in BLOSSOMS[tree.form]])
        chosen = noise.uniform(0, 1, len(at)) < season.blossom
        spray[chosen] *= 0.75
        colors[chosen] = flowers[noise.integers(0, len(flowers), int(chosen.sum()))]
    low, high = at[:, 2].min(), at[:, 2].max()
    sky = 0.72 + 0.34 * (at[:, 2] - low) / max(high - low, 1e-6) + 0.12 * out[:, 2]
    return np.asarray(np.clip(colors * (sky * noise.uniform(0.9, 1.08, len(at)))[:, None], 0, 1))


def sprays(at: Numbers, facing: Numbers, size: Numbers, colors: Numbers, noise: np.random.Generator) -> Mesh:
    """Return at every place three leaves that spread outwards from it, lit as the crown is there."""
    way = noise.normal(0, 1, at.shape)
    way -= np.einsum("ij,ij->i", way, facing)[:, None] * facing
    way /= np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-6)
    aside = cross(facing, way)
    tips: list[Numbers] = []
    heels: list[Numbers] = []
    for number in range(SPRAY):
        for turn, reach, points in ((0.0, 0.85, tips), (0.5, 0.3, heels)):
            angle = 2 * np.pi * (number + turn) / SPRAY
            out = way * np.cos(angle) + aside * np.sin(angle)
            points.append(at + (out * reach + facing * (0.12 - turn * 0.4)) * size[:, None])
    # Neighbouring leaves share the points between them, which keeps files small.
    corners = np.concatenate([
        np.stack((tip, heels[number], heels[number - 1]), axis=1) for number, tip in enumerate(tips)
    ])  # fmt: skip
    tones = np.stack((colors * 1.04, colors * 0.9, colors * 0.9), axis=1)
    normal = np.tile(facing, (SPRAY, 1))[:, None]
    return triangles(corners, np.clip(np.tile(tones, (SPRAY, 1, 1)), 0, 1), np.broadcast_to(normal, corners.shape))


def _ball() -> Numbers:
    """Return ``(20, 3, 3)`` triangles of an icosahedron."""
    golden = (1 + np.sqrt(5)) / 2
    points = np.array([(x, y * golden, 0) for x in (-1, 1) for y in (-1, 1)])
    points = np.concatenate([np.roll(points, shift, axis=1) for shift in range(3)]) / np.hypot(1, golden)
    faces = []
    for i in range(12):
        for j in range(i + 1, 12):
            for k in range(j + 1, 12):
                a, b, c = points[[i, j, k]]
                if max(np.linalg.norm(a - b), np.linalg.norm(b - c), np.linalg.norm(a - c)) < 1.2:
                    faces.append((a, b, c) if np.dot(np.cross(b - a, c - a), a) > 0 else (a, c, b))
    return np.array(faces)


BALL = _ball()


def clumps(middle: Numbers, size: Numbers, color: Numbers, noise: np.random.Generator) -> Mesh:
    """Return the dark, uneven inside of clumps; one colour, or one for each as ``(N, 1, 1, 3)``."""
    way, phase = noise.normal(0, 2.2, (len(middle), 3)), noise.uniform(0, 2 * np.pi, len(middle))
    lumps = 1 + 0.2 * np.sin(np.einsum("tcd,nd->ntc", BALL, way) + phase[:, None, None])
    points = (BALL[None] * lumps[..., None] * size[:, None, None] + middle[:, None, None]).reshape(-1, 3, 3)
    normal = np.broadcast_to(BALL[None], (len(middle), *BALL.shape)).reshape(-1, 3, 3)
    shade = 0.8 + 0.26 * BALL[..., 2:]
    colors = np.broadcast_to(color * shade, (len(middle), *BALL.shape)) * (0.55 + 0.45 * lumps[..., None])
    return triangles(points, np.clip(colors, 0, 1).reshape(-1, 3, 3), normal)


def _pine(tree: Growth, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return a pine: a crooked trunk with flat cushions of needles, the uppermost smallest."""
    height, crown = tree.height_m, tree.crown_m
    count = 7
    share = np.linspace(0.42, 0.97, count)
    sway = np.cumsum(noise.normal(0, 0.055 * height, (count, 2)), axis=0) * 0.6
    angle = np.arange(count) * 2.6 + noise.uniform(0, 6.28)
    reach = crown * (1.02 - share) * 1.35 * noise.uniform(0.8, 1.1, count)
    trunk = np.concatenate((sway, (share * height)[:, None]), axis=1) + tree.foot_m
    joints = np.concatenate((tree.foot_m[None], trunk))
    size = np.linspace(0.024 * height + 0.05, 0.05, len(joints))
    middle = trunk + np.stack((reach * np.cos(angle), reach * np.sin(angle), np.full(count, 0.02 * height)), axis=1)
    spread = crown * np.linspace(0.56, 0.34, count)
    parts = [bars(joints[:-1], joints[1:], size[:-1], "#5f4638", sides=6, taper=0.85),
             bars(trunk, middle, 0.07, "#5f4638", sides=4, taper=0.5)]  # fmt: skip
    flat = np.stack((spread, spread, spread * 0.22), axis=1)
    flat_leaves = Growth("pine", tree.foot_m, height, crown, tree.share)
    which = np.repeat(np.arange(count), max(10, int(34 * tree.share)))
    out = noise.normal(0, 1, (len(which), 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    out[:, 2] = abs(out[:, 2])
    at = middle[which] + out * flat[which]
    facing = out * (0.5, 0.5, 1.2)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    spray = crown * 0.15 * noise.uniform(0.8, 1.3, len(which)) + 0.08
    colors = _colors(flat_leaves, out, at, spray, season, noise)
    core = clumps(middle, flat * 0.9, np.array(rgb(season.leaves["pine"][0])) * 0.7, noise)
    return joined([*parts, core, sprays(at, facing, spray, colors, noise)])


def _willow(tree: Growth, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return a weeping willow: strands that hang from high branches."""
    height, crown = tree.height_m, tree.crown_m
    count = 9
    angle = np.arange(count) * 2.4 + noise.uniform(0, 6.28)
    away = crown * 0.62 * np.sqrt((np.arange(count) + 0.4) / count)
    ends = tree.foot_m + np.stack(
        (away * np.cos(angle), away * np.sin(angle), height * noise.uniform(0.74, 0.95, count)), axis=1
    )
    limbs = _limbs(tree, ends, 0.42, noise, lean_m=0.4)
    strands = int(95 * tree.share)
    which = noise.integers(0, count, strands)
    start = ends[which] + noise.normal(0, 0.2 * crown, (strands, 3)) * (1, 1, 0.35)
    out = start - tree.foot_m
    out[:, 2] = 0
    out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), 1e-6)
    length = np.minimum(start[:, 2] - tree.foot_m[2] - 0.8, height * noise.uniform(0.35, 0.7, strands))
    share = np.array((0.0, 0.35, 0.7, 1.0))
    line = start[:, None] + out[:, None] * (0.55 * share**0.6)[None, :, None]
    line[..., 2] -= length[:, None] * share
    if season.fullness == 0.0:
        thin = [bars(line[:, step], line[:, step + 1], 0.018, "#8c7f5a", sides=3) for step in range(3)]
        return joined([limbs, *thin])
    kinds = np.array([rgb(color) for color in season.leaves["willow"]])
    colors = kinds[noise.integers(0, len(kinds), strands)] * noise.uniform(0.85, 1.08, (strands, 1))
    side = np.stack((-out[:, 1], out[:, 0], np.zeros(strands)), axis=1)
    wide = np.array((0.10, 0.2, 0.17, 0.02))
    left = line + side[:, None] * wide[None, :, None]
    right = line - side[:, None] * wide[None, :, None]
    corners = np.concatenate([
        np.stack((left[:, :-1], left[:, 1:], right[:, 1:]), 2).reshape(-1, 3, 3),
        np.stack((left[:, :-1], right[:, 1:], right[:, :-1]), 2).reshape(-1, 3, 3),
    ])  # fmt: skip
    facing = out * 0.8 + (0, 0, 0.6)
    normal = np.tile(np.repeat(facing / np.linalg.norm(facing, axis=1, keepdims=True), 3, axis=0), (2, 1))[:, None]
    shade = np.tile(np.repeat(colors, 3, axis=0) * np.tile((1.05, 0.95, 0.85), strands)[:, None], (2, 1))
    hanging = triangles(corners, np.clip(shade, 0, 1), np.broadcast_to(normal, corners.shape)).two_sided()
    crown_leaves = _leaves(
        Growth("willow", tree.foot_m, height, crown, 0.35 * tree.share), ends, np.full((count, 3), 0.24 * crown),
        season.fullness, season, noise,
    )  # fmt: skip
    return joined([limbs, hanging, crown_leaves])


def bamboo_grove(feet_m: Numbers, height_m: float, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return culms of bamboo, bending under their leaves.

    Parameters
    ----------
    feet_m
        ``(N, 3)`` where they stand.
    height_m
        Of the tallest.
    season
        Its colours.
    noise
        Their bending.
    """
    count = len(feet_m)
    tall = height_m * noise.uniform(0.62, 1.0, count)
    bend = noise.normal(0, 1, (count, 2)) * 0.06 * tall[:, None]
    knee = feet_m + np.concatenate((bend * 0.3, (0.6 * tall)[:, None]), axis=1)
    tip = feet_m + np.concatenate((bend * 1.6, (0.97 * tall)[:, None]), axis=1)
    green = np.array([rgb("#7c9450"), rgb("#8a9f58"), rgb("#6f8a4a")])[noise.integers(0, 3, count)]
    culms = [
        bars(feet_m, knee, 0.045, green * 0.85, sides=3, taper=0.8),
        bars(knee, tip, 0.036, green, sides=3, taper=0.3),
    ]
    each = 13
    share = noise.uniform(0.42, 1.02, (count, each))
    along = np.where(share[..., None] < 0.6, feet_m[:, None] + (knee - feet_m)[:, None] * share[..., None] / 0.6,
                     knee[:, None] + (tip - knee)[:, None] * (share[..., None] - 0.6) / 0.4)  # fmt: skip
    out = noise.normal(0, 1, (count, each, 3)) * (1, 1, 0.15)
    out /= np.linalg.norm(out, axis=2, keepdims=True)
    start = (along + out * 0.08).reshape(-1, 3)
    out = out.reshape(-1, 3)
    length = noise.uniform(0.55, 1.05, len(start))[:, None]
    tips = start + out * length - (0, 0, 0.35) * length
    side = np.cross(out, (0.0, 0.0, 1.0))
    side /= np.maximum(np.linalg.norm(side, axis=1, keepdims=True), 1e-6)
    middle = (start + tips) / 2 + (0, 0, 0.10)
    corners = np.stack((start, middle - side * 0.26, tips), axis=1)
    kinds = np.array([rgb(color) for color in season.leaves["bamboo"]])
    colors = kinds[noise.integers(0, len(kinds), len(start))]
    colors = colors * (0.7 + 0.42 * share.reshape(-1, 1)) * noise.uniform(0.9, 1.08, (len(start), 1))
    facing = out * 0.5 + (0, 0, 0.85)
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    leaves = triangles(corners, np.clip(colors, 0, 1), np.broadcast_to(facing[:, None], corners.shape))
    return joined([*culms, leaves.two_sided()])
