"""Ponds are covered once, whatever their shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twins.errors import OutlineError
from twins.ponds import cut_polygon


def area(corners: object) -> float:
    x, z = np.asarray(corners, float).T
    return float(abs(x @ np.roll(z, -1) - z @ np.roll(x, -1)) / 2)


@given(st.lists(st.floats(0.3, 3.0), min_size=3, max_size=24), st.booleans())
def test_a_star_shaped_outline_is_covered_once_and_faces_up(radii: list[float], backwards: bool) -> None:
    angle = 2 * np.pi * np.arange(len(radii)) / len(radii)
    outline = [(radius * np.cos(a), radius * np.sin(a)) for radius, a in zip(radii, angle, strict=True)]
    outline = outline[::-1] if backwards else outline
    cut = cut_polygon(outline)
    assert cut.shape == (len(outline) - 2, 3)
    a, b, c = np.asarray(outline)[cut].transpose(1, 0, 2)
    (abx, abz), (acx, acz) = (b - a).T, (c - a).T
    assert (abx * acz - abz * acx <= 1e-9).all()  # the normal points up: z runs towards the viewer
    assert sum(area(triangle) for triangle in np.asarray(outline)[cut]) == pytest.approx(area(outline))


@pytest.mark.parametrize(
    "outline", [[], [(0, 0), (1, 1)], [(0, 0), (4, 4), (4, 0), (1, 4), (0, 2)], [(0, 0), (1, 0), (0, 1), (1, 1)]]
)
def test_what_is_no_simple_polygon_is_refused(outline: list[tuple[float, float]]) -> None:
    with pytest.raises(OutlineError, match=f"outline_m has {len(outline)} corners"):
        cut_polygon(outline)
