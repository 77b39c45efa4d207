"""How fast people walk.

Sources: U. Weidmann, *Transporttechnik der Fussgänger*, ETH Zürich, IVT 90 (1993), for speed and density, and stairs;
F. P. D. Navin and R. J. Wheeler, "Pedestrian flow characteristics", Traffic Engineering 39 (1969), for counter-flow;
W. Tobler, *Three presentations on geographical analysis and modeling*, NCGIA 93-1 (1993), for slopes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from simulators.machine_code import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "FREE_SPEED_M_S",
    "JAM_DENSITY",
    "SPECIFIC_FLOW",
    "counter_flow",
    "slope_factor",
    "speed_m_s",
    "speeds_m_s",
    "stair_factor",
]

FREE_SPEED_M_S = 1.34
"""Mean speed of people who walk freely; its standard deviation is 0.26 m/s."""
GAMMA = 1.913  # persons/m²
JAM_DENSITY = 5.4
"""Density at which nobody moves any more, persons/m²."""
SPECIFIC_FLOW = 1.22
"""Most persons a second that pass one metre of width."""

UP_STAIRS_M_S, DOWN_STAIRS_M_S = 0.610, 0.694

COUNTER_FLOW_LOSS = np.array([0.0, 0.145, 0.115, 0.085, 0.06, 0.04])  # of a tuple machine code would make a switch
"""Share of the flow lost where none, one, two … five in ten come the other way (Navin and Wheeler, table III)."""


def speed_m_s(density: float) -> float:
    """Return Weidmann's mean walking speed.

    Parameters
    ----------
    density
        Persons/m².

    Examples
    --------
    >>> [round(speed_m_s(density), 3) for density in (0.5, 1.75, 5.4, 6.0)]
    [1.298, 0.7, 0.0, 0.0]
    """
    return float(speeds_m_s(np.array([density]))[0])


def speeds_m_s(density: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Weidmann's mean walking speeds for densities ``(N,)`` in persons/m²."""
    some = np.maximum(density, 1e-9)
    return FREE_SPEED_M_S * np.maximum(0.0, -np.expm1(-GAMMA * (1 / some - 1 / JAM_DENSITY)))


def stair_factor(rise_m: float) -> float:
    """Return the horizontal speed on stairs, up for a positive rise, over that on the level."""
    return (UP_STAIRS_M_S if rise_m >= 0 else DOWN_STAIRS_M_S) / FREE_SPEED_M_S


def slope_factor(slope: float) -> float:
    """Return the speed on a slope over that on the level, by Tobler's hiking function.

    Parameters
    ----------
    slope
        Rise over length, negative downwards.

    Examples
    --------
    >>> slope_factor(0.0), round(slope_factor(0.1), 3), round(slope_factor(-0.05), 3)
    (1.0, 0.705, 1.191)
    """
    return math.exp(-3.5 * (abs(slope + 0.05) - 0.05))


@compiled
def counter_flow(forward: int, backward: int) -> float:
    """Return the speed in the presence of others who come the opposite way, over that without them.

    Parameters
    ----------
    forward, backward
        Persons on the path in each direction.
    """
    fewer = min(forward, backward)
    if fewer == 0:
        return 1.0
    tenths = 10.0 * fewer / (forward + backward)
    whole = min(int(tenths), 4)
    before, behind = COUNTER_FLOW_LOSS[whole], COUNTER_FLOW_LOSS[whole + 1]
    return float(1.0 - (before + (tenths - whole) * (behind - before)))
