"""A garden stands complete, in every season, and nothing stands in anything's way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from simulators import Streams
from simulators.heritage_garden import Garden, load_garden
from twins.garden.plan import closed, distance_m, inside
from twins.garden.planting import plant
from twins.garden.scene import build_garden
from twins.garden.season import SEASONS
from twins.garden.site import Site
from twins.garden.terrain import WATER_M, Terrain
from twins.scene import Surface

if TYPE_CHECKING:
    from twins.garden.scene import Grounds
    from twins.scene import Scene

MOST_TRIANGLES = 215_000


def surfaces(scene: Scene) -> list[Surface]:
    found = [solid for solid in scene.solids if isinstance(solid, Surface)]
    assert len(found) == len(scene.solids)
    return found


def test_every_scene_has_a_name_and_can_be_pointed_at(shipped: tuple[Garden, Grounds]) -> None:
    garden, grounds = shipped
    assert [label.text for label in grounds.scene.labels] == [scene.label for scene in garden.scenes]
    names = {target.name for target in grounds.scene.targets}
    assert names == {part.name for part in (*garden.scenes, *garden.gates)}
    for target in grounds.scene.targets:
        assert (np.array(target.low_m) < target.high_m).all()


def test_all_numbers_are_sound_and_there_are_not_too_many(shipped: tuple[Garden, Grounds]) -> None:
    _, grounds = shipped
    found = surfaces(grounds.scene)
    assert sum(len(surface.position_m) for surface in found) < MOST_TRIANGLES
    for surface in found:
        assert np.isfinite(surface.position_m).all()
        np.testing.assert_allclose(np.linalg.norm(surface.normal, axis=2), 1.0, atol=1e-5)
        assert (surface.rgb >= 0).all()
        assert (surface.rgb <= 1).all()


def test_ponds_lie_open_under_the_sky(shipped: tuple[Garden, Grounds]) -> None:
    garden, grounds = shipped
    assert len(grounds.scene.waters) == len(garden.ponds)
    level = np.concatenate([surface.position_m for surface in surfaces(grounds.scene)[:1]])
    flat = abs(np.ptp(level[..., 1], axis=1)) < 0.4
    middle = level.mean(axis=1)[flat][:, [0, 2]] * (1, -1)
    height = level[..., 1].mean(axis=1)[flat]
    for line in grounds.terrain.shores:
        wet = inside(middle, line) & (distance_m(middle, closed(line)) > 1.5)
        # Only what stands in the water: bases, bridges, lotus; never the ground, whose triangles are large.
        a, b, c = level[flat][wet].transpose(1, 0, 2)
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2
        assert not ((area > 1.0) & (height[wet] < WATER_M)).any()


def test_the_first_view_looks_over_water_at_buildings(shipped: tuple[Garden, Grounds]) -> None:
    garden, grounds = shipped
    camera = grounds.scene.camera
    assert camera is not None
    eye, target = (np.array(point)[[0, 2]] * (1, -1) for point in (camera.eye_m, camera.target_m))
    assert inside(eye[None], garden.outline_m)[0]
    assert not any(inside(eye[None], scene.polygon_m)[0] for scene in garden.scenes if scene.sheltered)
    way = eye + (target - eye) * np.linspace(0.0, 1.2, 60)[:, None]
    assert max(inside(way, line).mean() for line in grounds.terrain.shores) > 0.3


def test_the_same_garden_is_built_again_bit_for_bit(nets: Garden) -> None:
    one, two = (surfaces(build_garden(nets, "autumn", 16.0).scene) for _ in range(2))
    for mine, theirs in zip(one, two, strict=True):
        assert mine.position_m.tobytes() == theirs.position_m.tobytes()
        assert mine.rgb.tobytes() == theirs.rgb.tobytes()


def test_nothing_grows_in_the_water_on_paths_or_in_scenes(shipped: tuple[Garden, Grounds]) -> None:
    garden, _ = shipped
    terrain = Terrain.of(garden)
    site = Site(garden, terrain)
    planting = plant(site, lambda points: np.ones(len(points)), lambda points: np.ones(len(points), bool), noise)
    named = {tuple(tree.at_m) for tree in garden.trees}
    feet = np.array([tree.foot_m[:2] for tree in planting.trees if tuple(tree.foot_m[:2].tolist()) not in named])
    assert len(feet) > 5
    assert (site.room_m(feet) > 0.5).all()
    assert (site.room_m(planting.bamboo_m[:, :2]) > 0).all()
    lotus = planting.lotus_m
    assert (terrain.wet(lotus) > 0.5).all()
    for path in garden.paths:
        assert distance_m(lotus, path.line_m).min() > path.width_m / 2


def noise(name: str) -> np.random.Generator:
    return Streams(3).stream(name)


def brightness(scene: Scene) -> float:
    return float(surfaces(scene)[0].rgb.mean())


@pytest.fixture(scope="module")
def by_season(nets: Garden) -> dict[str, Scene]:
    return {season: build_garden(nets, season, 12.0).scene for season in SEASONS}


def test_snow_lies_in_winter_on_what_faces_the_sky(by_season: dict[str, Scene]) -> None:
    def roofs(scene: Scene) -> float:
        still = surfaces(scene)[0]
        up = still.normal[..., 1] > 0.9
        return float(still.rgb[up].mean())

    assert roofs(by_season["winter"]) > 1.25 * max(
        roofs(by_season[season]) for season in ("spring", "summer", "autumn")
    )


def test_maples_are_red_in_autumn_only(by_season: dict[str, Scene]) -> None:
    def red(scene: Scene) -> int:
        rgb = surfaces(scene)[0].rgb
        return int(((rgb[..., 0] > 2.4 * rgb[..., 1]) & (rgb[..., 0] > 0.5)).sum())

    assert red(by_season["autumn"]) > 200
    assert all(red(by_season[season]) < red(by_season["autumn"]) / 10 for season in ("spring", "summer", "winter"))


def test_lotus_flowers_in_summer_and_is_gone_in_winter(by_season: dict[str, Scene]) -> None:
    lotus = {season: surfaces(scene)[1] for season, scene in by_season.items()}
    pink = {season: (surface.rgb[..., 0] > surface.rgb[..., 1] + 0.1).any() for season, surface in lotus.items()}
    assert pink["summer"]
    assert not pink["autumn"]
    assert len(lotus["winter"].position_m) < len(lotus["summer"].position_m) / 2


def test_lanterns_and_windows_shine_at_dusk_only(nets: Garden) -> None:
    noon, dusk = (build_garden(nets, "autumn", hour).scene for hour in (12.0, 18.0))
    assert [surface.glow for surface in surfaces(noon)] == [0.0, 0.0, 0.0, 1.0]  # the sky shines always
    assert len([surface for surface in surfaces(dusk) if 0.5 < surface.glow < 1.0]) == 2


def test_a_garden_of_one_court_is_built_too() -> None:
    check = {"kind": "deterministic", "value_s": 5}
    label = {"zh": "院", "en": "Court"}
    court = {
        "name": "court", "label": label, "kind": "courtyard", "polygon_m": [(5, 8), (15, 8), (15, 16), (5, 16)],
        "usable_area_m2": 60, "attractiveness": 1, "dwell": check,
    }  # fmt: skip
    garden = Garden.model_validate({
        "name": "court", "title": label, "area_m2": 400, "outline_m": [(0, 0), (20, 0), (20, 20), (0, 20)],
        "gates": [{"name": "gate", "label": label, "at_m": (10, 0), "counters": 1, "check": check}],
        "scenes": [court],
        "paths": [{"name": "way", "start": "gate", "end": "court", "line_m": [(10, 0), (10, 8)], "width_m": 2}],
    })  # fmt: skip
    scene = build_garden(garden, "spring", 9.0).scene
    assert scene.waters == ()
    assert len(surfaces(scene)[0].position_m) > 500


def test_a_bay_is_open_wherever_a_path_comes(shipped: tuple[Garden, Grounds]) -> None:
    garden, grounds = shipped
    still = surfaces(grounds.scene)[0].position_m
    for path in garden.paths:
        for name, end, before in ((path.start, 0, 1), (path.end, -1, -2)):
            scene = next((scene for scene in garden.scenes if scene.name == name), None)
            if scene is None or not scene.sheltered:
                continue
            at, out = np.array(path.line_m[end]), np.array(path.line_m[before])
            inwards = np.mean(scene.polygon_m, axis=0) - at
            way = inwards / np.linalg.norm(inwards)
            base = float(grounds.terrain.height_m(np.mean(scene.polygon_m, axis=0)[None])[0])
            assert not blocked(still, at, at + 2.2 * way, base + 1.9), (path.name, name, out)


def blocked(triangles: np.ndarray, start: np.ndarray, end: np.ndarray, height_m: float) -> bool:
    """Return whether a level look from start to end meets more than a column's width of anything."""
    aside = np.array((start[1] - end[1], end[0] - start[0]))
    aside = aside / np.linalg.norm(aside)
    return all(met(triangles, start + shift * aside, end + shift * aside, height_m) for shift in (-0.5, 0.0, 0.5))


def met(triangles: np.ndarray, start: np.ndarray, end: np.ndarray, height_m: float) -> bool:
    one, two = np.array((start[0], height_m, -start[1])), np.array((end[0], height_m, -end[1]))
    near = (abs(triangles[:, 0, [0, 2]] - one[[0, 2]]) < 30).all(axis=1)
    a, b, c = triangles[near].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    along = normal @ (two - one)
    facing = abs(along) > 1e-9
    a, b, c, normal = a[facing], b[facing], c[facing], normal[facing]
    share = np.einsum("ti,ti->t", normal, a - one) / along[facing]
    place = one + share[:, None] * (two - one)
    sides = [np.einsum("ti,ti->t", normal, np.cross(q - p, place - p)) for p, q in ((a, b), (b, c), (c, a))]
    return bool(((share > 0) & (share < 1) & np.all(np.array(sides) >= 0, axis=0)).any())


def test_hills_rise_where_stairs_lead_up() -> None:
    garden = load_garden("humble_administrator")
    terrain = Terrain.of(garden)
    middles = {scene.name: np.mean(scene.polygon_m, axis=0) for scene in garden.scenes}
    height = {name: float(terrain.height_m(at[None])[0]) for name, at in middles.items()}
    assert height["fucui_tower"] == pytest.approx(4.0)
    assert height["xuexiang_pavilion"] == pytest.approx(2.0)
    assert height["yuanxiang_hall"] == pytest.approx(0.0)
