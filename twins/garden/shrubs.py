"""Low shrubs: dense balls of small leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, Numbers, joined
from twins.garden.trees import clumps, sprays
from twins.shapes import rgb

if TYPE_CHECKING:
    from twins.garden.season import Seasonal

__all__ = ["shrubs"]

LEAVES = 9


def shrubs(feet_m: Numbers, season: Seasonal, noise: np.random.Generator) -> Mesh:
    """Return shrubs at ``(N, 3)`` places, evergreen and others."""
    count = len(feet_m)
    if not count:
        return joined([])
    wide = noise.uniform(0.4, 0.95, count)
    size = np.stack((wide, wide, wide * noise.uniform(0.6, 0.95, count)), axis=1)
    middle = feet_m + np.stack((np.zeros(count), np.zeros(count), size[:, 2] * 0.55), axis=1)
    kinds = np.array([rgb(color) for form in ("evergreen", "broad") for color in season.leaves[form]])
    color = kinds[noise.integers(0, len(kinds), count)]
    which = np.repeat(np.arange(count), LEAVES)
    out = noise.normal(0, 1, (len(which), 3))
    out[:, 2] = abs(out[:, 2])
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    at = middle[which] + out * size[which] * 0.96
    tone = color[which] * ((0.78 + 0.3 * out[:, 2]) * noise.uniform(0.9, 1.1, len(which)))[:, None]
    leaves = sprays(at, out, 0.34 * noise.uniform(0.8, 1.4, len(which)), np.clip(tone, 0, 1), noise)
    return joined([clumps(middle, size * 0.86, color[:, None, None] * 0.92, noise), leaves])
