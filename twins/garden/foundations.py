"""What a building stands on: a base of stone, columns, a step before each door."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import bars, blocks, joined, paint, raised, triangles
from twins.garden.palette import PLINTH, STONE, TIMBER
from twins.garden.panels import Bay, Panels

if TYPE_CHECKING:
    from twins.garden.mesh import Mesh, Numbers

__all__ = ["BASE_M", "base", "columns", "steps"]

BASE_M = 0.42
"""Height of the floor above the ground."""

COLUMN_M = 0.13


def columns(plan: Numbers, head_m: float) -> Mesh:
    """Return columns of a height on the corners of a plan, each on its drum."""
    foot = np.concatenate((plan, np.full((len(plan), 1), BASE_M)), axis=1)
    drum = raised(foot, 0.11)
    top = np.concatenate((plan, np.full((len(plan), 1), head_m)), axis=1)
    return joined([bars(foot, top, COLUMN_M, TIMBER, sides=7), bars(foot, drum, 0.21, STONE, sides=8, taper=0.8)])


def base(plan: Numbers) -> Mesh:
    """Return a stone base: it reaches down into hillsides and water."""
    edge = np.concatenate((plan, plan[:1]))
    panels = Panels()
    for a, b in zip(edge[:-1].tolist(), edge[1:].tolist(), strict=True):
        bay = Bay(tuple(a), tuple(b))
        panels.add(bay, (0, bay.width_m), (BASE_M - 0.14, BASE_M), STONE, out_m=0.06)
        panels.add(bay, (0, bay.width_m), (-0.3, BASE_M - 0.14), PLINTH, shade=(0.72, 0.95))
        panels.add(bay, (0, bay.width_m), (-1.8, -0.3), PLINTH, shade=(0.5, 0.72))
    middle = plan.mean(axis=0)
    out = plan + 0.06 * (plan - middle) / np.linalg.norm(plan - middle, axis=1, keepdims=True)
    corners = np.concatenate((out, np.full((len(out), 1), BASE_M)), axis=1)
    centre = np.array((*middle, BASE_M))
    after = np.roll(corners, -1, axis=0)
    fan = np.stack((np.broadcast_to(centre, corners.shape), corners, after), axis=1)
    tone = np.array((0.68, 1.0, 1.0))[None, :, None] * paint(STONE)
    return joined([panels.mesh(), triangles(fan, np.broadcast_to(tone, fan.shape))])


def steps(doors: Numbers, half: tuple[float, float]) -> Mesh:
    """Return a step of stone before each door of a hall, both seen from its middle."""
    if not len(doors):
        return joined([])
    edge = np.array((half[0] + 0.85, half[1] + 0.85))
    out = abs(doors) / edge
    side = (out[:, 1] > out[:, 0])[:, None]
    at = np.where(side, np.stack((doors[:, 0], np.sign(doors[:, 1]) * (edge[1] + 0.25)), 1),
                  np.stack((np.sign(doors[:, 0]) * (edge[0] + 0.25), doors[:, 1]), 1))  # fmt: skip
    at = np.clip(at, -edge - 0.25, edge + 0.25)
    size = np.where(side, (2.2, 0.5, 0.6), (0.5, 2.2, 0.6))
    return blocks(np.concatenate((at, np.full((len(at), 1), -0.08)), axis=1), size, STONE)
