"""Solids are closed and turned outwards: the volume under their triangles is theirs."""

from __future__ import annotations

import numpy as np
import pytest

from twins.scene import Box, Cylinder, Patch, Prism, Solid, moved
from twins.shapes import Triangles, rgb, triangles


def volume(heap: Triangles) -> float:
    """Signed volume by the divergence theorem."""
    a, b, c = heap.position_m.astype(np.float64).reshape(-1, 3, 3).swapaxes(0, 1)
    return float((a * np.cross(b, c)).sum() / 6)


SIDES = 64
TRAPEZE = ((-1.0, 0.0), (1.0, 0.0), (0.5, 1.0), (-0.5, 1.0))


@pytest.mark.parametrize(
    ("solid", "expected"),
    [
        (Box((1, 2, 3), (5, 6, 7), "#ffffff"), 6.0),
        *((Cylinder(0.5, 2.0, (1, 2, 3), "#123456", axis=a, sides=SIDES), 0.5 * np.pi) for a in ("x", "y", "z")),
        (Prism(TRAPEZE, 2.0, (0, 3, 0), "#123456"), 3.0),
    ],
)
def test_volume(solid: Solid, expected: float) -> None:
    assert volume(triangles([solid])) == pytest.approx(expected, rel=2e-3)


def test_a_bevel_takes_away_the_edges_and_leaves_no_hole() -> None:
    heap = triangles([Box((1, 1, 1), (0, 0, 0), "#ffffff", 0.1)])
    corners = {tuple(corner) for corner in heap.position_m.round(5)}
    assert len(corners) == 24
    edges: dict[frozenset[tuple[float, ...]], int] = {}
    for triangle in heap.position_m.round(5).reshape(-1, 3, 3):
        for i in range(3):
            edge = frozenset((tuple(triangle[i]), tuple(triangle[(i + 1) % 3])))
            edges[edge] = edges.get(edge, 0) + 1
    assert set(edges.values()) == {2}
    # a prism of cross-section 0.1 * 0.1 / 2 is gone along each of 12 edges, of length 0.8 and a little at the corners
    assert 1 - 12 * 0.005 < volume(heap) < 1 - 12 * 0.8 * 0.005


@pytest.mark.parametrize(
    "solid",
    [
        Box((1, 2, 3), (0, 0, 0), "#ffffff", 0.1),
        Cylinder(0.5, 2.0, (0, 0, 0), "#ffffff"),
        Prism(TRAPEZE, 2.0, (0, 0, 0), "#ffffff"),
        Patch((1, 2), 0.5, (0, 0, 0), "#888888", "#ffffff"),
    ],
)
def test_normals_have_length_one_and_agree_with_the_winding(solid: Solid) -> None:
    heap = triangles([solid])
    np.testing.assert_allclose(np.linalg.norm(heap.normal, axis=1), 1, rtol=1e-5)
    corners = heap.position_m.reshape(-1, 3, 3)
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((facing[:, None, :] * heap.normal.reshape(-1, 3, 3)).sum(axis=2) > 0).all()


def test_paint_holds_colour_and_glow() -> None:
    heap = triangles([Box((1, 1, 1), (0, 0, 0), "#ff8000", glow=0.25)])
    np.testing.assert_allclose(heap.paint, np.tile([1.0, 128 / 255, 0.0, 0.25], (36, 1)), rtol=1e-6)


def test_rgb() -> None:
    assert rgb("#0033ff") == (0.0, 0.2, 1.0)


def test_moved_shifts_every_solid() -> None:
    here = (Box((1, 1, 1), (0, 0, 0), "#ffffff"), Cylinder(1, 1, (1, 0, 0), "#ffffff"))
    assert [solid.at_m for solid in moved(here, (1, 2, 3))] == [(1, 2, 3), (2, 2, 3)]
