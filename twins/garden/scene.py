"""A garden in three dimensions, in a season and at an hour, with its visitors."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from simulators import Streams
from simulators.heritage_garden.parts import Opening
from twins.garden.bridges import build_bridge
from twins.garden.buildings import Building, Parts, build, terrace
from twins.garden.corridors import build_corridor
from twins.garden.gatehouses import gatehouse
from twins.garden.ground import Shadow, Way, build_bank, build_court, build_ground, build_way
from twins.garden.lanterns import lanterns
from twins.garden.lotus import lotus
from twins.garden.mesh import Mesh, Numbers, joined
from twins.garden.palette import TAIHU
from twins.garden.plan import closed, inside, reached_m, resampled, smoothstep
from twins.garden.planting import Planting, plant
from twins.garden.rocks import boulders, taihu_stone
from twins.garden.season import SEASONS, Seasonal
from twins.garden.shrubs import shrubs
from twins.garden.site import Site
from twins.garden.sky import Sky, sky_at
from twins.garden.surroundings import surroundings
from twins.garden.terrain import WATER_M, Terrain
from twins.garden.trees import bamboo_grove, grow
from twins.garden.viewpoint import first_view, principal_place
from twins.garden.walls import Stretch, build_wall
from twins.scene import Label, Scene, Target, Water
from twins.shapes import rgb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulators.heritage_garden import Garden
    from simulators.heritage_garden.parts import Path
    from simulators.heritage_garden.parts import Scene as Place
    from twins.scene import Camera, Solid, Vector

__all__ = ["Grounds", "build_garden"]

NEAR_M = 52.0
"""Within this distance of the principal pond everything is drawn finely."""
EAVES_M, RIDGE_M = 3.6, 6.4
"""Of sheltered scenes for which a garden names no roof."""
WALL_M = 4.2
CLOUD_WALL_M = 3.2
"""Lower walls inside a garden have wavy copings."""
BRIDGES = ("bridge", "zigzag_bridge")
SNOW = np.array((0.955, 0.965, 0.98))
BUILT = ("hall", "pavilion", "waterside", "viewpoint")


@dataclass(frozen=True, eq=False)
class Grounds:
    """A garden without its visitors.

    Parameters
    ----------
    scene
        Its solids, ponds, names and light; movers are still to come.
    terrain
        Its ground.
    """

    scene: Scene
    terrain: Terrain


def build_garden(garden: Garden, season: str, hour: float) -> Grounds:
    """Build everything that does not move.

    Parameters
    ----------
    garden
        Its plan.
    season
        ``spring``, ``summer``, ``autumn`` or ``winter``.
    hour
        Of the day, 0 to 24.
    """
    return _Builder(garden, SEASONS[season], sky_at(season, hour)).grounds()


class _Builder:
    """Puts a garden together."""

    def __init__(self, garden: Garden, season: Seasonal, sky: Sky) -> None:
        self.garden, self.season, self.sky = garden, season, sky
        self.terrain = Terrain.of(garden)
        self.camera: Camera = first_view(garden, self.terrain)
        self.middle = principal_place(garden)
        self.streams = Streams(0)
        self.levels: dict[tuple[float, ...], float] = {}

    def noise(self, name: str) -> np.random.Generator:
        return self.streams.stream(f"garden.{self.garden.name}.{name}")

    def share(self, points: Numbers) -> Numbers:
        """Return how finely things at places are drawn."""
        away = np.linalg.norm(np.asarray(points) - self.middle, axis=-1)
        return np.asarray(1 - 0.75 * smoothstep(0.35 * NEAR_M, 1.2 * NEAR_M, away))

    def clear(self, points: Numbers) -> Numbers:
        """Return whether a tree at places leaves the first view free."""
        eye = np.array((self.camera.eye_m[0], -self.camera.eye_m[2]))
        target = np.array((self.camera.target_m[0], -self.camera.target_m[2]))
        way = (target - eye) / np.linalg.norm(target - eye)
        seen = points - eye
        ahead, aside = seen @ way, abs(seen @ np.array((-way[1], way[0])))
        return np.asarray(~((ahead > -4) & (ahead < 30) & (aside < 3.5 + 0.62 * np.maximum(ahead, 0))))

    def grounds(self) -> Grounds:
        garden, season, sky = self.garden, self.season, self.sky
        parts = [self.building(place) for place in self.built()]
        planting = plant(Site(garden, self.terrain), self.share, self.clear, self.noise)
        shadows = self.shadows(planting)
        still = [part.still for part in parts]
        still += [self.ground(shadows), *self.ways(shadows), *self.walls(), *self.rocks(planting)]
        still += [grow(tree, season, self.noise(f"tree.{number}")) for number, tree in enumerate(planting.trees)]
        still += [
            bamboo_grove(planting.bamboo_m, 6.2, season, self.noise("culms")),
            shrubs(planting.shrubs_m, season, self.noise("leaves")),
        ]
        low, high = (np.array(side) for side in self.bounds())
        still.append(surroundings(np.array(garden.outline_m), season, self.noise("city")))
        earthly = _snowed(joined(still), season.snow)
        lit = joined([part.lit for part in parts])
        solids: list[Solid] = [
            earthly.surface(),
            lotus(planting.lotus_m, season, self.noise("lotus leaves")).surface(),
            lit.painted(_warm(sky.lamps)).surface(glow=0.8 * sky.lamps),
            sky.dome((low + high)[[0, 2]] / 2 * (1, -1)).surface(glow=1.0),
        ]
        if sky.lamps > 0.05:
            solids.append(
                lanterns([self.eaves_of(place) for place in self.built() if place.sheltered]).surface(
                    glow=0.85 * sky.lamps
                )
            )
        scene = Scene(
            solids=tuple(solids),
            labels=self.labels(),
            movers=(),
            bounds_m=self.bounds(),
            background=sky.light.haze_color,
            start_s=0.0,
            end_s=0.0,
            waters=tuple(self.water(line) for line in self.terrain.shores),
            targets=self.targets(),
            light=sky.light,
            camera=self.camera,
        )
        return Grounds(scene, self.terrain)

    # -- buildings -----------------------------------------------------------------------------------------------------

    def built(self) -> list[Place]:
        return [scene for scene in self.garden.scenes if scene.kind in BUILT]

    def roof_of(self, place: Place) -> tuple[float, float]:
        """Return eaves and ridge of the roof over a scene."""
        for roof in self.garden.roofs:
            middle = np.array(roof.polygon_m).mean(axis=0)
            if inside(middle[None], place.polygon_m)[0]:
                return roof.eaves_m, roof.ridge_m
        return EAVES_M, RIDGE_M

    def ground_at(self, polygon: Sequence[tuple[float, float]]) -> float:
        """Return the height of the ground in the middle of a polygon."""
        middle = tuple(np.array(polygon).mean(axis=0).tolist())
        if middle not in self.levels:
            self.levels[middle] = float(self.terrain.height_m(np.array([middle]))[0])
        return self.levels[middle]

    def doors(self, name: str) -> Numbers:
        """Return where paths come to a scene."""
        ends = [path.line_m[0] for path in self.garden.paths if path.start == name]
        ends += [path.line_m[-1] for path in self.garden.paths if path.end == name]
        return np.array(ends, float).reshape(-1, 2)

    def building(self, place: Place) -> Parts:
        middle = np.array(place.polygon_m).mean(axis=0)
        eaves, ridge = self.roof_of(place)
        edges = [resampled(closed(line), 2.0) for line in self.terrain.shores]
        water = None
        if edges:
            shores = np.concatenate(edges)
            water = shores[np.argmin(np.linalg.norm(shores - middle, axis=1))]
        building = Building(
            place.polygon_m, place.kind, self.ground_at(place.polygon_m), eaves, ridge, self.doors(place.name), water,
            share=float(self.share(middle)),
        )  # fmt: skip
        return build(building) if place.sheltered else terrace(building)

    def eaves_of(self, place: Place) -> tuple[Sequence[tuple[float, float]], float]:
        low = 0.5 * self.roof_of(place)[0] if self.roof_of(place)[0] > 5.8 else self.roof_of(place)[0]
        return place.polygon_m, self.ground_at(place.polygon_m) + low

    # -- ground --------------------------------------------------------------------------------------------------------

    def shadows(self, planting: Planting) -> list[Shadow]:
        found = []
        for place in self.garden.scenes:
            if place.sheltered:
                found.append(Shadow(np.array(place.polygon_m), self.roof_of(place)[0]))
        circle = np.stack([turn(np.linspace(0, 2 * np.pi, 9)[:-1]) for turn in (np.cos, np.sin)], axis=1)
        for tree in planting.trees:
            thin = 0.12 if self.season.fullness == 0.0 and tree.form not in ("evergreen", "pine") else 0.34
            found.append(Shadow(tree.foot_m[:2] + circle * tree.crown_m * 0.85, 0.6 * tree.height_m, thin))
        for wall in self.garden.walls:
            line = np.array(wall.line_m)
            for a, b in pairwise(line):
                way = (b - a) / np.linalg.norm(b - a)
                aside = np.array((-way[1], way[0])) * 0.3
                found.append(Shadow(np.array((a + aside, a - aside, b - aside, b + aside)), 0.8 * wall.height_m, 0.36))
        return found

    def paved(self) -> list[tuple[Path, Way]]:
        return [
            (path, Way(np.array(path.line_m), path.width_m)) for path in self.garden.paths if path.kind not in BRIDGES
        ]

    def ground(self, shadows: Sequence[Shadow]) -> Mesh:
        courts = self.courts()
        lawns = [np.array(place.polygon_m) for place in self.garden.scenes
                 if place.kind == "courtyard" and place.area_per_visitor_m2 >= 3]  # fmt: skip
        outline, ways = np.array(self.garden.outline_m, float), [way for _, way in self.paved()]
        sun, noise = self.sky.sun, self.noise("ground")
        return build_ground(outline, self.terrain, ways, courts, lawns, shadows, sun, self.season, noise)

    def courts(self) -> list[Numbers]:
        """Return the outlines of paved courts: those made for many."""
        return [np.array(place.polygon_m) for place in self.garden.scenes
                if place.kind == "courtyard" and place.area_per_visitor_m2 < 3]  # fmt: skip

    def ways(self, shadows: Sequence[Shadow]) -> list[Mesh]:
        found = [build_way(way, self.terrain, shadows, self.sky.sun, self.season.paving) for _, way in self.paved()]
        found += [
            build_court(court, self.terrain, shadows, self.sky.sun, self.season.paving) for court in self.courts()
        ]
        found += [build_bank(line) for line in self.terrain.shores]
        for path in self.garden.paths:
            line = np.array(path.line_m, float)
            share = float(self.share(line.mean(axis=0)))
            if path.kind in BRIDGES:
                found.append(build_bridge(line, path.width_m, self.terrain, arched=path.kind == "bridge", share=share))
            if path.kind == "covered_corridor":
                found.append(build_corridor(line, path.width_m, self.terrain, self.crossings(path), share=share))
        return found

    def crossings(self, corridor: Path) -> Numbers:
        """Return where other paths come to a corridor."""
        ends = [
            end for path in self.garden.paths if path.name != corridor.name for end in (path.line_m[0], path.line_m[-1])
        ]
        return np.array([*ends, corridor.line_m[0], corridor.line_m[-1]], float)

    def water(self, line: Numbers) -> Water:
        deep = np.array(rgb("#3f5a4e")) * (0.55 + 0.45 * float(self.sky.light.sky_color > "#a"))
        color = "#" + "".join(f"{round(255 * float(part)):02x}" for part in deep)
        return Water(tuple((x, -y) for x, y in line.tolist()), WATER_M, self.sky.zenith, color)

    # -- walls, stones -------------------------------------------------------------------------------------------------

    def walls(self) -> list[Mesh]:
        garden = self.garden
        found = []
        for wall in garden.walls:
            line = np.array(wall.line_m, float)
            middle = line.mean(axis=0)
            row = 1.05 if np.linalg.norm(middle - self.middle) < NEAR_M else 2.0
            found.append(build_wall(Stretch(
                line, np.minimum(self.terrain.height_m(line), 0.0), wall.height_m, wall.openings,
                waves=wall.height_m < CLOUD_WALL_M, row_m=row,
            )))  # fmt: skip
        edge = closed(garden.outline_m)
        far = reached_m(edge)
        openings = []
        for gate in garden.gates:
            line = resampled(edge, 0.5)
            at = int(np.argmin(np.linalg.norm(line - gate.at_m, axis=1)))
            openings.append(
                Opening(kind="door", at_m=float(min(reached_m(line)[at], far[-1] - 2.5)), width_m=3.2, head_m=3.0)
            )
        found.append(build_wall(Stretch(edge, np.full(len(edge), -0.2), WALL_M, openings, row_m=5.0)))
        found += [gatehouse(edge, opening.at_m) for opening in openings]
        return found

    def rocks(self, planting: Planting) -> list[Mesh]:
        noise = self.noise("stones")
        models = [taihu_stone(noise, TAIHU, cells=(9, 9, 15)) for _ in range(5)]
        small = [taihu_stone(noise, TAIHU, cells=(7, 7, 11)) for _ in range(4)]
        peak = taihu_stone(noise, TAIHU)
        found = []
        for x, y, z, tall in planting.stones_m.tolist():
            model = (
                peak
                if tall > 5
                else models[noise.integers(len(models))]
                if tall > 2.2
                else small[noise.integers(len(small))]
            )
            wide = tall * (1.15 if tall < 5 else 0.95)
            found.append(model.placed((x, y, z), turn_rad=float(noise.uniform(0, 6.28)), scale=(wide, wide, tall)))
        found.append(boulders(planting.boulders_m, planting.boulder_sizes_m, "#a3a296", noise))
        return found

    # -- names ---------------------------------------------------------------------------------------------------------

    def bounds(self) -> tuple[Vector, Vector]:
        low, high = np.array(self.garden.outline_m).min(axis=0), np.array(self.garden.outline_m).max(axis=0)
        return (float(low[0]), WATER_M, float(-high[1])), (float(high[0]), 14.0, float(-low[1]))

    def top_m(self, place: Place) -> float:
        height = self.roof_of(place)[1] if place.sheltered else 6.5 if place.kind == "rockery" else 2.0
        return self.ground_at(place.polygon_m) + height

    def labels(self) -> tuple[Label, ...]:
        found = []
        for place in self.garden.scenes:
            x, y = np.array(place.polygon_m).mean(axis=0).tolist()
            found.append(Label(place.label, (x, self.top_m(place) + 1.3, -y), 0.46, 9.0, "#2d3330"))
        return tuple(found)

    def targets(self) -> tuple[Target, ...]:
        found = []
        for place in self.garden.scenes:
            corners = np.array(place.polygon_m)
            (x0, y0), (x1, y1) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
            base = self.ground_at(place.polygon_m)
            found.append(Target(place.name, place.label, (x0, base, -y1), (x1, self.top_m(place), -y0)))
        for gate in self.garden.gates:
            x, y = gate.at_m
            found.append(Target(gate.name, gate.label, (x - 2.2, 0.0, -y - 1.0), (x + 2.2, 4.4, -y + 1.0)))
        return tuple(found)


def _snowed(mesh: Mesh, snow: float) -> Mesh:
    """Return it with snow on what faces the sky."""
    if snow == 0.0:
        return mesh
    share = snow * smoothstep(0.35, 0.85, mesh.normal[..., 2:])
    bright = mesh.rgb.mean(axis=2, keepdims=True)
    white = SNOW * np.clip(0.78 + 0.35 * bright, 0, 1)
    return replace(mesh, rgb=mesh.rgb * (1 - share) + white * share)


def _warm(lamps: float) -> Numbers:
    """Return what paper windows are multiplied by: warmer the brighter lamps burn behind them."""
    return np.array((1.0, 1.0, 1.0)) * (1 - lamps) + np.array((1.12, 0.84, 0.5)) * lamps
