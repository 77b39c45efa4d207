"""Levels of service of a crowd, A (free) to F (breakdown).

Source: J. J. Fruin, *Pedestrian Planning and Design* (1971), walkways.
"""

from __future__ import annotations

from simulators.machine_code import compiled

__all__ = ["LEVELS", "level"]

LEVELS = "ABCDEF"
B, C, D, E, F = 0.31, 0.43, 0.72, 1.08, 2.17


@compiled
def level(density: float) -> int:
    """Return the level of a density in persons/m²: 0 for A to 5 for F.

    Examples
    --------
    >>> [LEVELS[level(density)] for density in (0.3, 0.31, 0.43, 0.72, 1.08, 2.17)]
    ['A', 'B', 'C', 'D', 'E', 'F']
    """
    if density < C:
        return 0 if density < B else 1
    if density < E:
        return 2 if density < D else 3
    return 4 if density < F else 5
