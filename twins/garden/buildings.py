"""Halls, pavilions, waterside rooms and towers: stone base, columns, what fills their bays, roof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from twins.garden.lattices import PATTERNS, lattice_bars
from twins.garden.mesh import Mesh, Numbers, bars, blocks, joined, paint, raised, triangles
from twins.garden.palette import BRICK, LACQUER, LIME, PAPER, PLINTH, SHADE, STONE, TIMBER
from twins.garden.panels import Bay, Panels
from twins.garden.plan import Frame, distance_m, frame_of
from twins.garden.roofs import Slope, gable_roof, hip_and_gable_roof, pyramid_roof, waist_roof

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.heritage_garden.geometry import Point

__all__ = ["Building", "Fill", "Parts", "build", "terrace"]

Fill: TypeAlias = Literal["open", "bench", "doors", "wall", "window"]

ROW_M = 0.68
NEAR = 0.72
COLUMN_M = 0.13
INSET_M = 0.55
"""From a building's outline to its columns; the eaves reach beyond the outline."""
EAVES_OUT_M = 1.15
BASE_M = 0.42
BAY_M = 3.3
DOORHEAD_M = 3.2
DOOR_M = 1.0
"""How near to a path every bay is left open; the nearest is anyway."""
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
    bays = _bays(plan, 2.2)
    doorways = _open_bays(bays, doors)
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
        _base(plan),
        panels.mesh(),
        blocks(middle, (0.18, 0.18, 0.76), STONE),
        _steps(frame, building, (long, deep)),
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
    parts.append(_base(plan * 1.16))
    doors = frame.inwards(building.doors_m)
    panels, lit = Panels(), Panels()
    bays = _bays(plan, 5.4)
    doorways = _open_bays(bays, doors)
    for bay in bays:
        kind: Fill = "open" if bay in doorways else "bench"
        _fill(panels, lit, bay, kind, head, near=building.near)
    parts += [panels.mesh(), _columns(plan, head)]
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
        for bay in _bays(plan, BAY_M):
            _fill(panels, lit, bay, "window" if _side(bay, half) else "doors", head, base=storey + 0.55,
                  near=building.near)  # fmt: skip
    bays = _bays(plan, BAY_M)
    doorways = _open_bays(bays, frame.inwards(building.doors_m))
    for bay in bays:
        fill: Fill = "open" if bay in doorways else _choice(building, bay, half, water)
        _fill(panels, lit, bay, fill, storey, near=building.near)
    corners = np.array([bay.start_m for bay in bays])
    parts += [panels.mesh(), _columns(corners, head), _base(_rectangle((half[0] + 0.85, half[1] + 0.85)))]
    parts.append(_steps(frame, building, half))
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
        bays += _bays(_rectangle((long - 0.6, depth / 2 - 1.0)) + np.array((0.0, y)), 4.6)
    panels, lit = Panels(), Panels()
    doorways = _open_bays(bays, doors)
    for bay in bays:
        side = _side(bay, (long, deep))
        within = not side and abs(bay.start_m[1]) < deep - 1.5  # one walks from range to range
        kind: Fill = "open" if within or bay in doorways else "window" if side else "doors"
        _fill(panels, lit, bay, kind, float(slope.height_m(0.65)) - 0.3, near=building.near)
    parts += [panels.mesh(), _base(_rectangle((long, deep)))]
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


def _bays(plan: Numbers, width_m: float) -> list[Bay]:
    """Divide the sides of an outline into bays."""
    found = []
    for a, b in zip(plan, np.roll(plan, -1, axis=0), strict=True):
        length = float(np.linalg.norm(b - a))
        count = max(1, round(length / width_m))
        stops = a + (b - a) * np.linspace(0, 1, count + 1)[:, None]
        found += [Bay(tuple(p), tuple(q)) for p, q in zip(stops[:-1].tolist(), stops[1:].tolist(), strict=True)]
    return found


def _open_bays(bays: Sequence[Bay], doors: Numbers) -> set[Bay]:
    """Return the bays that paths come to: to each path the nearest, and those right before it."""
    away = np.array([distance_m(doors, np.array((bay.start_m, bay.end_m))) for bay in bays]).reshape(len(bays), -1)
    near = (away < DOOR_M) | (away == away.min(axis=0))
    return {bay for bay, opens in zip(bays, near.any(axis=1), strict=True) if opens}


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


def _fill(
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


def _columns(plan: Numbers, head_m: float) -> Mesh:
    foot = np.concatenate((plan, np.full((len(plan), 1), BASE_M)), axis=1)
    drum = raised(foot, 0.11)
    top = np.concatenate((plan, np.full((len(plan), 1), head_m)), axis=1)
    return joined([bars(foot, top, COLUMN_M, TIMBER, sides=7), bars(foot, drum, 0.21, STONE, sides=8, taper=0.8)])


def _base(plan: Numbers) -> Mesh:
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


def _steps(frame: Frame, building: Building, half: tuple[float, float]) -> Mesh:
    """Return a step of stone before each door."""
    doors = frame.inwards(building.doors_m)
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


def _placed(building: Building, frame: Frame, parts: list[Mesh], lit: Panels) -> Parts:
    at = (*frame.middle, building.ground_m)
    return Parts(joined(parts).placed(at, turn_rad=frame.turn_rad), lit.mesh().placed(at, turn_rad=frame.turn_rad))
