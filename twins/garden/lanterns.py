"""Red lanterns under the eaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, bars, joined, lattice
from twins.garden.plan import frame_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["lanterns"]

GLOWING, TASSEL = "#f2603a", "#c8402c"
BELOW_EAVES_M = 0.55


def lanterns(roofs: Sequence[tuple[Sequence[tuple[float, float]], float]]) -> Mesh:
    """Return a lantern under every corner of roofs, and along their long sides.

    Parameters
    ----------
    roofs
        Outline on the plan, and height of the eaves, in metres.
    """
    around = np.linspace(0, 2 * np.pi, 9)
    profile = np.array([(0.05, -0.26), (0.17, -0.18), (0.23, 0.0), (0.17, 0.18), (0.05, 0.26)])
    ball = np.concatenate([
        profile[:, None, :1] * np.stack((np.cos(around), np.sin(around)), axis=1)[None],
        np.broadcast_to(profile[:, None, 1:], (5, 9, 1)),
    ], axis=2)  # fmt: skip
    one = lattice(ball.transpose(1, 0, 2), GLOWING, around=False)
    one = joined([one, bars([(0, 0, -0.26)], [(0, 0, -0.55)], 0.05, TASSEL, sides=4)])
    found = []
    for polygon, eaves_m in roofs:
        frame = frame_of(polygon)
        long, deep = frame.half_m
        count = max(2, round(2 * long / 4.5))
        stops = np.linspace(-long, long, count) * 0.94
        plan = frame.outwards(
            np.concatenate([np.stack((stops, np.full(count, side * deep)), 1) for side in (-1.0, 1.0)])
        )
        found += [one.placed((x, y, eaves_m - BELOW_EAVES_M)) for x, y in plan.tolist()]
    return joined(found)
