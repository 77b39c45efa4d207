"""Halls, pavilions, waterside rooms and towers: what they are put together from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.foundations import BASE_M, base, columns, steps
from twins.garden.joinery import DOOR_M, Fill, bays_of, fill_bay, open_bays
from twins.garden.mesh import Mesh, Numbers, blocks, joined
from twins.garden.palette import LIME, STONE
from twins.garden.panels import Bay, Panels
from twins.garden.plan import Frame, distance_m, frame_of
from twins.garden.roofs import Slope, gable_roof, hip_and_gable_roof, pyramid_roof, waist_roof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.heritage_garden.geometry import Point

__all__ = ["Building", "Parts", "build", "terrace"]

ROW_M = 0.68
NEAR = 0.72
INSET_M = 0.55
"""From a building's outline to its columns; the eaves reach beyond the outline."""
EAVES_OUT_M = 1.15
BAY_M = 3.3
DOORHEAD_M = 3.2
DEEPEST_M = 17.0
"""A deeper building stands under several roofs side by side."""
TOWER_M = 5.8
"""Eaves from which on there are two storeys."""


@dataclass(frozen=True)
class Building:
    """What is to be built.

    Parameters
    ----------
    polygon_m
        Outline on the plan.
    kind
        Of its scene.
    ground_m
        Height of the ground there.
    eaves_m, ridge_m
        Heights of the roof above the ground.
    doors_m
        Where paths come to it.
    water_m
        The nearest water.
    share
        How finely it is drawn, 0 to 1.
    """

    polygon_m: Sequence[Point]
    kind: str
    ground_m: float
    eaves_m: float
    ridge_m: float
    doors_m: Numbers
    water_m: Numbers | None
    share: float = 1.0

    @property
    def row_m(self) -> float:
        """From one row of tiles to the next, as drawn."""
        return ROW_M / max(self.share, 0.4)

    @property
    def near(self) -> bool:
        """Whether it is seen from so near that its joinery counts."""
        return self.share > NEAR

    @property
    def levels(self) -> int:
        """Lines across a slope, as drawn."""
        return 4 if self.near else 3


@dataclass(frozen=True)
class Parts:
    """A building as meshes: what stands, and windows that shine when lamps are lit."""

    still: Mesh
    lit: Mesh


def build(building: Building) -> Parts:
    """Return a building."""
    frame = frame_of(building.polygon_m)
    long, deep = frame.half_m
    square = long < 1.16 * deep
    if deep * 2 > DEEPEST_M:
        return _ranges(building, frame)
    if building.kind == "pavilion" and square:
        return _pavilion(building, frame, 6)
    if building.kind in ("pavilion", "viewpoint") and square and building.eaves_m < TOWER_M:
        return _pavilion(building, frame, 4)
    return _hall(building, frame)


def terrace(building: Building) -> Parts:
    """Return an open terrace of stone with a low railing."""
    frame = frame_of(building.polygon_m)
    long, deep = frame.half_m
    plan = _rectangle((long - 0.2, deep - 0.2))
    doors = frame.inwards(building.doors_m)
    panels = Panels()
    posts = []
    bays = bays_of(plan, 2.2)
    doorways = open_bays(bays, doors)
    for bay in bays:
        posts.append(bay.start_m)
        if bay in doorways:
            continue
        for low, high in ((0.12, 0.2), (0.48, 0.6)):
            panels.add(
                bay, (0, bay.width_m), (BASE_M + low, BASE_M + high), STONE, shade=(0.85, 1.0), both=True, out_m=0.06
            )
            panels.add(
                bay, (0, bay.width_m), (BASE_M + low, BASE_M + high), STONE, shade=(0.85, 1.0), both=True, out_m=-0.06
            )
    middle = np.concatenate((np.array(posts), np.full((len(posts), 1), BASE_M + 0.38)), axis=1)
    parts = [
        base(plan),
        panels.mesh(),
        blocks(middle, (0.18, 0.18, 0.76), STONE),
        steps(frame.inwards(building.doors_m), (long, deep)),
    ]
    return _placed(building, frame, parts, Panels())


def _pavilion(building: Building, frame: Frame, sides: int) -> Parts:
    """Return an open pavilion under a pointed roof."""
    long, deep = frame.half_m
    radius, stretch = deep - INSET_M, (long - INSET_M) / (deep - INSET_M)
    slope = Slope(
        building.eaves_m,
        building.ridge_m,
        radius + EAVES_OUT_M,
        lift_m=1.15,
        row_m=building.row_m,
        levels=building.levels,
    )
    angle = -np.pi / 2 - np.pi / sides + 2 * np.pi * np.arange(sides) / sides
    plan = np.stack((np.cos(angle) * stretch, np.sin(angle)), axis=1) * radius / np.cos(np.pi / sides)
    head = float(slope.height_m(EAVES_OUT_M)) - 0.3
    parts = [pyramid_roof(sides, radius + EAVES_OUT_M, slope, stretch).placed((0, 0, 0))]
    parts.append(base(plan * 1.16))
    doors = frame.inwards(building.doors_m)
    panels, lit = Panels(), Panels()
    bays = bays_of(plan, 5.4)
    doorways = open_bays(bays, doors)
    for bay in bays:
        kind: Fill = "open" if bay in doorways else "bench"
        fill_bay(panels, lit, bay, kind, head, near=building.near)
    parts += [panels.mesh(), columns(plan, head)]
    return _placed(building, frame, parts, lit)


def _hall(building: Building, frame: Frame) -> Parts:
    """Return a hall, a waterside room or a tower under hip-and-gable roofs."""
    half = (frame.half_m[0] - INSET_M, frame.half_m[1] - INSET_M)
    reach = half[1] + EAVES_OUT_M
    tower = building.eaves_m >= TOWER_M
    water = None if building.water_m is None else frame.inwards(building.water_m)
    slope = Slope(building.eaves_m, building.ridge_m, reach, lift_m=0.95, row_m=building.row_m, levels=building.levels)
    parts: list[Mesh] = [hip_and_gable_roof((half[0] + EAVES_OUT_M, reach), slope)]
    panels, lit = Panels(), Panels()
    head = float(slope.height_m(EAVES_OUT_M)) - 0.3
    plan = _rectangle(half)
    storey = head
    if tower:
        storey = 0.5 * building.eaves_m
        around = Slope(storey - 0.15, storey + 0.75, 1.35, lift_m=0.7, row_m=building.row_m, levels=building.levels)
        parts.append(waist_roof(half, around))
        for bay in bays_of(plan, BAY_M):
            fill_bay(panels, lit, bay, "window" if _side(bay, half) else "doors", head, base=storey + 0.55,
                  near=building.near)  # fmt: skip
    bays = bays_of(plan, BAY_M)
    doorways = open_bays(bays, frame.inwards(building.doors_m))
    for bay in bays:
        fill: Fill = "open" if bay in doorways else _choice(building, bay, half, water)
        fill_bay(panels, lit, bay, fill, storey, near=building.near)
    corners = np.array([bay.start_m for bay in bays])
    parts += [panels.mesh(), columns(corners, head), base(_rectangle((half[0] + 0.85, half[1] + 0.85)))]
    parts.append(steps(frame.inwards(building.doors_m), half))
    return _placed(building, frame, parts, lit)


def _ranges(building: Building, frame: Frame) -> Parts:
    """Return deep halls as ranges side by side, each between gable walls."""
    long, deep = frame.half_m
    count = int(np.ceil(2 * deep / DEEPEST_M)) + 1
    depth = 2 * deep / count
    doors = frame.inwards(building.doors_m)
    parts: list[Mesh] = []
    slope = Slope(building.eaves_m, building.ridge_m, depth / 2 - 0.35, row_m=2 * building.row_m, levels=3)
    bays: list[Bay] = []
    for number in range(count):
        y = -deep + depth * (number + 0.5)
        parts.append(gable_roof((long - 0.5, depth / 2 - 0.35), slope).placed((0, y, 0)))
        for x in (-long, long):
            end = np.array([(x, y - depth / 2), (x, y + depth / 2)])
            foot_m = DOORHEAD_M if len(doors) and (distance_m(doors, end) < DOOR_M).any() else 0.0
            parts.append(_fire_wall(x - 0.5 * np.sign(x), y, depth / 2 - 0.3, building, foot_m))
        bays += bays_of(_rectangle((long - 0.6, depth / 2 - 1.0)) + np.array((0.0, y)), 4.6)
    panels, lit = Panels(), Panels()
    doorways = open_bays(bays, doors)
    for bay in bays:
        side = _side(bay, (long, deep))
        within = not side and abs(bay.start_m[1]) < deep - 1.5  # one walks from range to range
        kind: Fill = "open" if within or bay in doorways else "window" if side else "doors"
        fill_bay(panels, lit, bay, kind, float(slope.height_m(0.65)) - 0.3, near=building.near)
    parts += [panels.mesh(), base(_rectangle((long, deep)))]
    return _placed(building, frame, parts, lit)


def _fire_wall(x: float, y: float, half_m: float, building: Building, foot_m: float) -> Mesh:
    """Return a gable that steps above the roof, 马头墙; its foot is higher where a path leads in below."""
    steps = 3
    parts = []
    for number in range(steps):
        reach = half_m * (1 - number / steps)
        low = foot_m if number == 0 else building.eaves_m + 0.3
        top = building.eaves_m + 0.9 + (building.ridge_m - building.eaves_m) * (number / (steps - 0.6))
        parts.append(blocks([(x, y, (low + top) / 2)], [(0.36, 2 * reach, top - low)], LIME))
        parts.append(blocks([(x, y, top + 0.08)], [(0.62, 2 * reach + 0.35, 0.18)], "#474c51"))
    return joined(parts)


def _rectangle(half_m: tuple[float, float]) -> Numbers:
    long, deep = half_m
    return np.array([(-long, -deep), (long, -deep), (long, deep), (-long, deep)])


def _side(bay: Bay, half_m: tuple[float, float]) -> bool:
    """Return whether a bay is in one of the short sides."""
    return abs(bay.start_m[0] - bay.end_m[0]) < 0.01 * half_m[0]


def _choice(building: Building, bay: Bay, half: tuple[float, float], water: Numbers | None) -> Fill:
    """Return what fills a bay of a hall to which no path comes."""
    middle = (np.array(bay.start_m) + bay.end_m) / 2
    if building.kind in ("waterside", "viewpoint", "pavilion"):
        if water is not None and np.dot(middle, water) < -0.2 * np.linalg.norm(middle) * np.linalg.norm(water):
            return "window"  # its back to the water
        return "bench"
    if _side(bay, half):
        inner = abs(middle[1]) < half[1] * 0.5
        return "window" if inner else "wall"
    central = abs(middle[0]) < 0.5 * bay.width_m
    return "open" if central and building.kind == "hall" else "doors"


def _placed(building: Building, frame: Frame, parts: list[Mesh], lit: Panels) -> Parts:
    at = (*frame.middle, building.ground_m)
    return Parts(joined(parts).placed(at, turn_rad=frame.turn_rad), lit.mesh().placed(at, turn_rad=frame.turn_rad))
