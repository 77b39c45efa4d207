"""Roofs curve inwards, and their corners turn up."""

from __future__ import annotations

import numpy as np
import pytest

from twins.garden.mesh import Mesh, cross
from twins.garden.roofs import Slope, gable_roof, hip_and_gable_roof, pyramid_roof, waist_roof

ROOFS = {
    "pyramid": pyramid_roof(4, 4.0, Slope(3.5, 7.0, 4.0)),
    "hexagon": pyramid_roof(6, 4.0, Slope(3.5, 7.0, 4.0)),
    "hip and gable": hip_and_gable_roof((8.0, 5.0), Slope(4.0, 8.0, 5.0)),
    "gable": gable_roof((8.0, 5.0), Slope(4.0, 8.0, 5.0)),
    "waist": waist_roof((5.0, 4.0), Slope(4.0, 5.0, 1.5)),
}


def test_a_slope_is_steeper_the_further_up() -> None:
    rise = np.diff(Slope(3.5, 7.0, 4.0).height_m(np.linspace(0.0, 4.0, 9)))
    assert (np.diff(rise) > 0).all()


@pytest.mark.parametrize("slope", [Slope(3.5, 7.0, 4.0), Slope(6.0, 9.0, 5.0)])
def test_a_slope_leads_from_the_eaves_to_the_ridge(slope: Slope) -> None:
    np.testing.assert_allclose(slope.height_m([0.0, slope.depth_m]), [slope.eaves_m, slope.ridge_m])


@pytest.mark.parametrize(
    ("roof", "corner", "middle"), [("pyramid", (4.0, 4.0), (0.0, -4.0)), ("hip and gable", (8.0, 5.0), (0.0, -5.0))]
)
def test_corners_stand_higher_than_the_middle_of_the_eaves_and_reach_out(
    roof: str, corner: tuple[float, float], middle: tuple[float, float]
) -> None:
    points = ROOFS[roof].position_m.reshape(-1, 3)

    def top(at: tuple[float, float]) -> float:
        return float(points[np.linalg.norm(points[:, :2] - at, axis=1) < 0.9, 2].max())

    assert top(corner) > top(middle) + 0.4
    assert abs(points[:, 0]).max() > corner[0] + 0.2


@pytest.mark.parametrize("roof", ROOFS)
def test_normals_are_of_length_one_and_on_the_side_from_which_triangles_are_seen(roof: str) -> None:
    assert_lit(ROOFS[roof])


@pytest.mark.parametrize("roof", ["pyramid", "hexagon"])
def test_a_pointed_roof_keeps_the_rain_off_everything_below_it(roof: str) -> None:
    mesh = ROOFS[roof]
    below = np.random.default_rng(1).uniform(-2.2, 2.2, (200, 2))
    assert all(covered(mesh, at) for at in below)


def assert_lit(mesh: Mesh) -> None:
    a, b, c = mesh.position_m.transpose(1, 0, 2)
    np.testing.assert_allclose(np.linalg.norm(mesh.normal, axis=2), 1.0, atol=1e-6)
    facing = np.einsum("ti,ti->t", cross(b - a, c - a), mesh.normal.sum(axis=1))
    assert (facing > 0).mean() > 0.985  # rounded-off rows of tiles have some facets at right angles to their light
    assert (mesh.rgb >= 0).all()
    assert (mesh.rgb <= 1).all()


def covered(mesh: Mesh, at: np.ndarray) -> bool:
    a, b, c = (corner[:, :2] - at for corner in mesh.position_m.transpose(1, 0, 2))
    sides = [one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] for one, two in ((a, b), (b, c), (c, a))]
    return bool((np.all(np.array(sides) >= 0, axis=0) | np.all(np.array(sides) <= 0, axis=0)).any())
