"""Copies of standing things are the things themselves, moved."""

from __future__ import annotations

import numpy as np

from twins.copies import copies, plate
from twins.scene import Box, Cylinder, moved
from twins.shapes import triangles

LAMP = (Box((1, 2, 3), (0, 1, 0), "#102030"), Cylinder(0.5, 1.0, (0, 3, 0), "#ffe080", glow=0.9))
AT = np.array([(0.0, 0.0, 0.0), (5.0, 0.0, -2.0)])


def test_copies_are_what_moved_solids_are() -> None:
    one = triangles(copies(LAMP, AT))
    other = triangles([solid for x, y, z in AT.tolist() for solid in moved(LAMP, (x, y, z))])
    rows = [np.concatenate([heap.position_m, heap.normal, heap.paint], axis=1).round(5) for heap in (one, other)]
    np.testing.assert_allclose(*(found[np.lexsort(found.T)] for found in rows), atol=1e-5)


def test_nowhere_is_nothing() -> None:
    assert copies(LAMP, np.empty((0, 3))) == ()


def test_a_plate_is_the_front_of_a_thin_box() -> None:
    front = triangles([plate(2.0, 1.0, (3, 4, 5), "#102030", glow=0.5)])
    whole = triangles([Box((2.0, 1.0, 1e-9), (3, 4, 5), "#102030", glow=0.5)])
    faces = whole.normal[:, 2] > 0.9
    assert set(map(tuple, front.position_m.round(4))) == set(map(tuple, whole.position_m[faces].round(4)))
    np.testing.assert_allclose(front.normal, [(0, 0, 1)] * 6)
    np.testing.assert_allclose(front.paint, whole.paint[:6])
    a, b, c = front.position_m[:3]
    assert np.cross(b - a, c - a)[2] > 0
