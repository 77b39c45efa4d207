"""What fills the bays between a building's columns: plaster, windows, lattice doors, fretwork, benches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from twins.garden.foundations import BASE_M
from twins.garden.lattices import PATTERNS, lattice_bars
from twins.garden.palette import BRICK, LACQUER, LIME, PAPER, SHADE, TIMBER
from twins.garden.panels import Bay
from twins.garden.plan import distance_m

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twins.garden.mesh import Numbers
    from twins.garden.panels import Panels

__all__ = ["DOOR_M", "Fill", "bays_of", "fill_bay", "open_bays"]

Fill: TypeAlias = Literal["open", "bench", "doors", "wall", "window"]

DOOR_M = 1.0
"""How near to a path every bay is left open; the nearest is anyway."""


def bays_of(plan: Numbers, width_m: float) -> list[Bay]:
    """Divide the sides of an outline into bays."""
    found = []
    for a, b in zip(plan, np.roll(plan, -1, axis=0), strict=True):
        length = float(np.linalg.norm(b - a))
        count = max(1, round(length / width_m))
        stops = a + (b - a) * np.linspace(0, 1, count + 1)[:, None]
        found += [Bay(tuple(p), tuple(q)) for p, q in zip(stops[:-1].tolist(), stops[1:].tolist(), strict=True)]
    return found


def open_bays(bays: Sequence[Bay], doors: Numbers) -> set[Bay]:
    """Return the bays that paths come to: to each path the nearest, and those right before it."""
    away = np.array([distance_m(doors, np.array((bay.start_m, bay.end_m))) for bay in bays]).reshape(len(bays), -1)
    near = (away < DOOR_M) | (away == away.min(axis=0))
    return {bay for bay, opens in zip(bays, near.any(axis=1), strict=True) if opens}


def fill_bay(
    panels: Panels, lit: Panels, bay: Bay, kind: Fill, head_m: float, base: float = BASE_M, *, near: bool = True
) -> None:
    """Stand in a bay what fills it, from its floor to the beam."""
    width = bay.width_m
    whole = (0.0, width)
    beam = head_m - 0.32
    panels.add(bay, whole, (beam, head_m), TIMBER, shade=(0.85, 0.6), both=True, out_m=0.02)
    match kind:
        case "wall":
            _plaster(panels, bay, whole, (base, beam))
        case "window":
            middle, half, low, high = width / 2, min(0.62, width * 0.3), base + 0.95, base + 2.0
            high = min(high, beam - 0.3)
            _plaster(panels, bay, (0.0, middle - half), (base, beam))
            _plaster(panels, bay, (middle + half, width), (base, beam))
            _plaster(panels, bay, (middle - half, middle + half), (base, low))
            _plaster(panels, bay, (middle - half, middle + half), (high, beam))
            panels.frame(bay, (middle - half - 0.09, middle + half + 0.09), (low - 0.09, high + 0.09), 0.11, BRICK,
                         out_m=0.03)  # fmt: skip
            lattice_bars(panels, bay, (middle - half, middle + half), (low, high), PATTERNS[0], LIME)
        case "doors":
            _doors(panels, lit, bay, (base, beam), near=near)
        case "open" | "bench":
            if near:
                _fretwork(panels, bay, beam)
            if kind == "bench":
                _bench(panels, bay, base, near=near)


def _plaster(panels: Panels, bay: Bay, along: tuple[float, float], height: tuple[float, float]) -> None:
    low, high = height
    skirt = low + 0.35 if along[0] == 0.0 or high - low > 2.0 else low
    if skirt > low:
        panels.add(bay, along, (low, skirt), BRICK, out_m=0.01, shade=(0.8, 1.0))
    mid = max(skirt, high - 0.9)
    panels.add(bay, along, (skirt, mid), LIME, shade=(0.96, 1.0))
    panels.add(bay, along, (mid, high), LIME, shade=(1.0, 0.74))
    panels.add(bay, along, (low, high), LIME, shade=(0.62, 0.48), back=True, out_m=-0.12)


def _doors(panels: Panels, lit: Panels, bay: Bay, height: tuple[float, float], *, near: bool) -> None:
    """Return lattice doors, 隔扇: paper behind bars above, boards below."""
    low, high = height
    leaves = max(2, round(bay.width_m / 0.85))
    leaf = bay.width_m / leaves
    waist = low + 0.34 * (high - low)
    panels.add(bay, (0.0, bay.width_m), (low, waist), LACQUER, shade=(0.62, 0.8), out_m=-0.04)
    lit.add(bay, (0.0, bay.width_m), (waist, high), PAPER, shade=(0.82, 0.6), out_m=-0.05)
    panels.add(bay, (0.0, bay.width_m), (low, high), SHADE, shade=(0.9, 0.7), back=True, out_m=-0.1)
    posts = [(leaf * number, 0.075) for number in range(leaves + 1)]
    rails = [(low, 0.1), (waist, 0.1), (high, 0.1)]
    if near:
        posts += [(leaf * (number + 0.5), 0.036) for number in range(leaves)]
        rails += [(waist + share * (high - waist), 0.036) for share in (0.25, 0.5, 0.75)]
    for x, wide in posts:
        foot = waist if wide < 0.05 else low
        panels.add(bay, (max(0.0, x - wide / 2), min(bay.width_m, x + wide / 2)), (foot, high), TIMBER)
    for z, wide in rails:
        panels.add(bay, (0.0, bay.width_m), (max(low, z - wide / 2), min(high, z + wide / 2)), TIMBER, out_m=-0.01)


def _fretwork(panels: Panels, bay: Bay, beam_m: float) -> None:
    """Hang fretwork, 挂落, under a beam."""
    low, high, width = beam_m - 0.42, beam_m, bay.width_m
    for z in (low + 0.14, low + 0.28):
        panels.add(bay, (0.1, width - 0.1), (z - 0.02, z + 0.02), LACQUER, both=True)
    count = max(3, round(width / 0.45))
    for number in range(count + 1):
        x = 0.12 + (width - 0.24) * number / count
        drop = low - 0.22 if number in (0, count) else low + 0.12 * (number % 2)
        panels.add(bay, (x - 0.025, x + 0.025), (drop, high), LACQUER, both=True)


def _bench(panels: Panels, bay: Bay, base_m: float, *, near: bool) -> None:
    """Stand a bench with a leaning back, 吴王靠, between columns."""
    width = bay.width_m
    panels.add(bay, (0.0, width), (base_m, base_m + 0.44), LACQUER, shade=(0.55, 0.75), both=True)
    panels.add(bay, (0.0, width), (base_m + 0.40, base_m + 0.47), TIMBER, out_m=0.05, both=True)
    panels.add(bay, (0.0, width), (base_m + 0.88, base_m + 0.95), TIMBER, out_m=0.26, both=True)
    count = max(4, round(width / 0.32)) if near else 1
    for number in range(count + 1):
        x = width * number / count
        panels.add(bay, (max(0.0, x - 0.02), min(width, x + 0.02)), (base_m + 0.46, base_m + 0.9), LACQUER, out_m=0.17,
                   both=True)  # fmt: skip
