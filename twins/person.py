"""What somebody who works on a line looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twins.scene import Box, Cylinder

if TYPE_CHECKING:
    from twins.scene import Solid

__all__ = ["person"]

SKIN, TROUSERS, SHOES, HAIR = "#d9a679", "#3c4a5c", "#22272c", "#2b2420"


def person(color: str) -> tuple[Solid, ...]:
    """Return a person in overalls and a helmet of a colour, who looks along x; metres, on the floor."""
    legs = [Box((0.17, 0.74, 0.14), (0.0, 0.43, side * 0.09), TROUSERS, 0.03) for side in (-1, 1)]
    shoes = [Box((0.26, 0.08, 0.12), (0.04, 0.04, side * 0.09), SHOES, 0.02) for side in (-1, 1)]
    arms = [Box((0.13, 0.52, 0.11), (0.05, 1.12, side * 0.255), color, 0.03) for side in (-1, 1)]
    hands = [Box((0.1, 0.1, 0.09), (0.09, 0.82, side * 0.255), SKIN, 0.03) for side in (-1, 1)]
    return (
        *legs,
        *shoes,
        Box((0.24, 0.62, 0.4), (0, 1.1, 0), color, 0.06),
        Box((0.245, 0.05, 0.405), (0, 1.04, 0), "#e9efc2", glow=0.5),
        Box((0.245, 0.05, 0.405), (0, 1.22, 0), "#e9efc2", glow=0.5),
        *arms,
        *hands,
        Cylinder(0.055, 0.1, (0, 1.44, 0), SKIN, sides=10),
        Box((0.2, 0.23, 0.18), (0.01, 1.58, 0), SKIN, 0.06),
        Box((0.12, 0.14, 0.19), (-0.06, 1.6, 0), HAIR, 0.04),
        Box((0.24, 0.1, 0.22), (0.0, 1.71, 0), color, 0.05),
        Box((0.1, 0.02, 0.2), (0.14, 1.67, 0), color),
    )
