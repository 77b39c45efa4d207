"""People pass doors and moon gates, looks pass lattice windows, nothing else passes a wall."""

from __future__ import annotations

import numpy as np
import pytest

from simulators.heritage_garden.parts import Opening
from twins.garden.walls import Stretch, build_wall

OPENINGS = (
    Opening(kind="moon_gate", at_m=4, width_m=2.4, head_m=2.6),
    Opening(kind="window", at_m=9, width_m=1.2, sill_m=1.2, head_m=2.2),
    Opening(kind="door", at_m=14, width_m=1.6),
)
WALL = build_wall(Stretch(np.array([(0.0, 0.0), (20.0, 0.0)]), np.zeros(2), 4.0, OPENINGS))


def hits(along: float, height: float) -> int:
    """Return how many triangles a look from the south meets."""
    at = np.array((along, height))
    a, b, c = (corner[:, [0, 2]] - at for corner in WALL.position_m.transpose(1, 0, 2))
    sides = np.array([one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0] for one, two in ((a, b), (b, c), (c, a))])
    return int((np.all(sides > 0, axis=0) | np.all(sides < 0, axis=0)).sum())


@pytest.mark.parametrize(
    ("along", "height"), [(1.0, 1.5), (6.7, 2.0), (9.0, 0.6), (9.0, 3.0), (14.0, 3.2), (18.0, 3.5)]
)
def test_a_wall_is_closed(along: float, height: float) -> None:
    assert hits(along, height) >= 2  # both faces


@pytest.mark.parametrize(
    ("along", "height"), [(4.0, 0.3), (4.0, 1.0), (4.0, 2.0), (3.2, 1.0), (14.0, 0.3), (13.4, 2.2)]
)
def test_moon_gates_and_doors_are_open(along: float, height: float) -> None:
    assert hits(along, height) == 0


def test_a_moon_gate_is_round() -> None:
    assert hits(4.0, 2.2) == 0
    assert hits(4.9, 2.2) > 0


def test_a_lattice_window_lets_most_looks_through_but_not_all() -> None:
    grid = [(x, z) for x in np.linspace(8.5, 9.5, 41) for z in np.linspace(1.3, 2.1, 33)]
    open_share = np.mean([hits(x, z) == 0 for x, z in grid])
    assert 0.4 < open_share < 0.9


def test_the_coping_of_a_cloud_wall_rises_and_falls() -> None:
    line, ground = np.array([(0.0, 0.0), (30.0, 0.0)]), np.zeros(2)
    level = build_wall(Stretch(line, ground, 3.0)).position_m.reshape(-1, 3)
    waves = build_wall(Stretch(line, ground, 3.0, waves=True)).position_m.reshape(-1, 3)

    def tops(points: np.ndarray) -> np.ndarray:
        return np.array([points[abs(points[:, 0] - x) < 0.5, 2].max() for x in np.arange(1.0, 29.0, 0.5)])

    assert np.ptp(tops(level)) < 0.1
    assert np.ptp(tops(waves)) > 0.4
