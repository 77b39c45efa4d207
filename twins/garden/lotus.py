"""Lotus: round leaves on the water and above it, and flowers among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, bars, joined, triangles
from twins.garden.terrain import WATER_M
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.season import Seasonal

__all__ = ["lotus"]

SIDES = 8
PETALS = ("#e9a9b6", "#f2c6cd", "#f5e3e4")


def lotus(at_m: Numbers, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return lotus at places on the water.

    Parameters
    ----------
    at_m
        ``(N, 2)`` one leaf each.
    season
        How far they have grown.
    noise
        Their sizes.
    """
    if season.lotus == 0.0:
        stalks = at_m[::3]
        foot = np.concatenate((stalks, np.full((len(stalks), 1), WATER_M - 0.1)), axis=1)
        bent = foot + np.concatenate(
            (noise.normal(0, 0.25, (len(stalks), 2)), noise.uniform(0.2, 0.6, (len(stalks), 1))), 1
        )
        return bars(foot, bent, 0.018, "#6f6245", sides=3)
    count = len(at_m)
    size = noise.uniform(0.28, 0.55, count) * (0.5 + 0.5 * season.lotus)
    high = np.where(noise.uniform(0, 1, count) < 0.45, 0.03, noise.uniform(0.2, 0.75, count)) * season.lotus + 0.03
    middle = np.concatenate((at_m, (WATER_M + high)[:, None]), axis=1)
    angle = np.linspace(0, 2 * np.pi, SIDES + 1)[:-1] + noise.uniform(0, 6, count)[:, None]
    tilt = noise.normal(0, 0.16, (count, 2)) * (high > 0.1)[:, None]
    ring = np.stack((np.cos(angle), np.sin(angle)), axis=-1) * size[:, None, None]
    cup = np.where(high > 0.1, 0.13, 0.02)[:, None] * size[:, None] + np.einsum("nkd,nd->nk", ring, tilt)
    ring = middle[:, None] + np.concatenate((ring, cup[..., None]), axis=2)
    after = np.roll(ring, -1, axis=1)
    corners = np.stack((np.broadcast_to(middle[:, None], ring.shape), ring, after), axis=2).reshape(-1, 3, 3)
    tone = noise.uniform(0.82, 1.12, (count, 1)) * np.array(rgb(season.lotus_leaf))
    tone = np.repeat(tone, SIDES, axis=0)
    colors = np.clip(np.stack((tone * 0.86, tone, tone), axis=1), 0, 1)
    leaves = triangles(corners, colors, (0.0, 0.0, 1.0))
    stems = bars(middle[high > 0.1] - (0, 0, 0.9), middle[high > 0.1], 0.014, "#6f7f4c", sides=3)
    parts = [leaves, stems]
    if season.lotus_flowers:
        parts.append(_flowers(at_m[noise.uniform(0, 1, count) < 0.14], noise))
    return joined(parts)


def _flowers(at_m: Numbers, noise: np.random.Generator) -> Mesh:
    """Return flowers: two rings of petals in pale pink."""
    count = len(at_m)
    middle = np.concatenate(
        (at_m + noise.normal(0, 0.15, at_m.shape), noise.uniform(0.55, 1.0, (count, 1)) + WATER_M), 1
    )
    parts = [bars(middle - (0, 0, 0.8), middle, 0.014, "#6f7f4c", sides=3)]
    for number, (reach, up, petals) in enumerate(((0.2, 0.12, 6), (0.11, 0.2, 5))):
        angle = 2 * np.pi * np.arange(petals) / petals + 0.5 * number
        out = np.stack((np.cos(angle), np.sin(angle), np.zeros(petals)), axis=1)
        side = np.stack((-out[:, 1], out[:, 0], np.zeros(petals)), axis=1)
        tip, left, right = out * reach + (0, 0, up), out * reach * 0.55 + side * 0.06 + (0, 0, up * 0.4), None
        right = out * reach * 0.55 - side * 0.06 + (0, 0, up * 0.4)
        heel = np.zeros_like(tip)
        shape = np.concatenate((np.stack((heel, right, tip), 1), np.stack((heel, tip, left), 1)))
        corners = (middle[:, None, None] + shape[None]).reshape(-1, 3, 3)
        kinds = np.array([rgb(color) for color in PETALS])
        colors = np.repeat(kinds[noise.integers(0, len(kinds), count)], len(shape), axis=0)
        parts.append(triangles(corners, colors, (0.0, 0.0, 1.0)).two_sided())
    return joined(parts)
