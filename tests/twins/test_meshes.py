"""Meshes say the same as the scene, in numbers that a graphics processor takes."""

from __future__ import annotations

import numpy as np
import pytest

from simulators import Text
from twins.meshes import Mesh, meshes
from twins.scene import Box, Cylinder, Label, Light, Movers, Scene, Surface, Water
from twins.shapes import triangles

CUBE = (Box((1, 1, 1), (0, 0, 0), "#ff8000"),)
EVER = np.full(5, np.inf)


def movers(path: str = "lanes", appear_s: object = (40, 10, 30, 20, 0)) -> Movers:
    at = np.arange(15, dtype=float).reshape(5, 3)
    begin = np.array(appear_s, float)
    plain = np.zeros(5)
    return Movers("things", CUBE, at, at + 1, plain, begin, begin, begin + 5, plain.astype(int), plain, plain > 0, path)  # type: ignore[arg-type]


def scene(**more: object) -> Scene:
    empty: dict[str, object] = {"solids": (), "labels": (), "movers": (), "bounds_m": ((0, 0, 0), (1, 1, 1))}
    return Scene(**{**empty, "background": "#ffffff", "start_s": 0.0, "end_s": 60.0, **more})  # type: ignore[arg-type]


def made(drawn: Scene, batch: int = 2) -> dict[str, Mesh]:
    return {mesh.name: mesh for mesh in meshes(drawn, (1.0, 2.0, 3.0), batch)}


def test_movers_are_cut_by_time_and_each_is_drawn_once() -> None:
    found = made(scene(movers=(movers(),)))
    assert [mesh.shown_s for mesh in found.values()] == [(-2, 17), (18, 37), (38, 47)]
    appear = np.concatenate([mesh.copies["appear"] for mesh in found.values()])
    assert appear.tolist() == [0, 10, 20, 30, 40]


def test_places_are_counted_from_the_origin_of_the_drawing() -> None:
    found = made(scene(movers=(movers(),), solids=CUBE), batch=9)
    first = {name: column[0] for name, column in found["things 0"].copies.items()}
    assert [first[f"from{axis}"] for axis in "XYZ"] == [12 - 1, 13 - 2, 14 - 3]
    still = found["still"]
    np.testing.assert_allclose(still.corners["position"][still.index].mean(axis=0), [-1, -2, -3])


def test_corners_that_are_equal_are_drawn_once_and_no_triangle_changes() -> None:
    solids = (*CUBE, Cylinder(0.5, 2.0, (1, 2, 3), "#123456"))
    heap, still = triangles(solids), made(scene(solids=solids))["still"]
    np.testing.assert_allclose(still.corners["position"][still.index], heap.position_m - [1, 2, 3], atol=1e-6)
    np.testing.assert_allclose(still.corners["normal"][still.index, :3] / 127, heap.normal, atol=1 / 127)
    rows = np.concatenate([column.astype(float) for column in still.corners.values()], axis=1)
    assert len(np.unique(rows, axis=0)) == len(rows) < len(heap.position_m)


def test_what_lasts_for_ever_has_finite_times() -> None:
    found = made(scene(movers=(movers(appear_s=-EVER),)), batch=9)
    assert all(np.isfinite(column).all() for column in found["things 0"].copies.values())


def test_the_two_kinds_of_path_have_programs_of_their_own() -> None:
    lanes, straight = (made(scene(movers=(movers(path),)), 9)["things 0"].vertex for path in ("lanes", "straight"))
    assert lanes != straight
    assert "PATH" not in lanes + straight


def test_colours_and_normals_survive_as_bytes() -> None:
    corner = np.array([[[0.0, 0, 0], [1, 0, 0], [0, 0, -1]]])
    normal = np.tile([0.0, 0.6, 0.8], (1, 3, 1))
    surface = Surface(corner, normal, np.tile([0.25, 0.5, 1.0], (1, 3, 1)), glow=1.0)
    still = made(scene(solids=(surface,)))["still"].corners
    assert len(still["paint"]) == 3
    np.testing.assert_allclose(still["paint"] / 255, np.tile([0.25, 0.5, 1.0, 1.0], (3, 1)), atol=1 / 255)
    np.testing.assert_allclose(still["normal"][:, :3] / 127, normal[0], atol=1 / 127)


def test_a_pond_lies_at_its_level_in_its_colours() -> None:
    pond = made(scene(waters=(Water(((0, 0), (4, 0), (0, 4)), 0.5, "#ffffff", "#000000"),)))["pond 0"]
    np.testing.assert_allclose(pond.corners["position"][:, 1], 0.5 - 2)
    assert (pond.corners["sheen"] == 1).all()
    assert (pond.corners["deep"] == 0).all()


def test_a_pond_mirrors_what_is_near_and_above_it_and_the_sky() -> None:
    pond = Water(((-2, -2), (2, -2), (2, 2), (-2, 2)), 0.0, "#ffffff", "#000000")
    solids = {
        "near": Box((1, 1, 1), (4, 5, 0), "#111111"),
        "sunk": Box((1, 1, 1), (0, -5, 0), "#222222"),
        "far": Box((1, 1, 1), (400, 5, 0), "#333333"),
        "sky": Box((1, 1, 1), (0, 400, 400), "#444444", glow=1.0),
    }
    image = made(scene(solids=tuple(solids.values()), waters=(pond,)))["image"]
    assert set((image.corners["paint"][image.index, 0]).tolist()) == {0x11, 0x44}
    assert image.inside_out
    assert "image" not in made(scene(solids=tuple(solids.values())))


def test_the_light_is_written_into_the_programs() -> None:
    dusk, day = (made(scene(solids=CUBE, light=light))["still"].fragment for light in (Light((0, 1, 0)), Light()))
    assert "SUN = vec3(0.000000, 1.000000, 0.000000)" in dusk
    assert dusk != day


@pytest.mark.parametrize("labels", [(), (Label(Text(zh="门", en="Gate"), (0, 0, 0), 1, 1, "#000000"),)])
def test_an_empty_scene_has_no_meshes(labels: tuple[Label, ...]) -> None:
    assert made(scene(labels=labels)) == {}
