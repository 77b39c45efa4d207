"""What the parts of a line look like: types differ in shape or in colour.

The names of types choose the look, as those of stations do: a ``gear`` is a gear, a ``drive_shaft`` a shaft. A name
that says nothing gets a printed circuit board, of another colour for every type and with as many chips as its number.
"""

from __future__ import annotations

from math import cos, pi, sin
from typing import TYPE_CHECKING

from twins.layout import BOARD_M
from twins.scene import Box, Cylinder

if TYPE_CHECKING:
    from collections.abc import Callable

    from twins.scene import Solid

__all__ = ["BOARD_COLORS", "part_look"]

BOARD_COLORS = ("#1d8a4e", "#2a5fb0", "#b0383f", "#7a4ba3", "#c58a1d", "#1f8f94", "#3c444c", "#b5577f")
CHIP, PAD, STEEL, BRASS, DARK_STEEL = "#1b1f24", "#e3c45a", "#b9c3cc", "#cf9b45", "#77848f"


def part_look(name: str, number: int) -> tuple[Solid, ...]:
    """Return a part around the middle of its underside.

    Parameters
    ----------
    name
        Of its type; the first entry with a word in it is taken, else a board.
    number
        Of its type, from 0.
    """
    color = BOARD_COLORS[number % len(BOARD_COLORS)]
    for words, build in LOOKS:
        if any(word in name for word in words):
            return build(color)
    return _board(color, number)


def _board(color: str, number: int) -> tuple[Solid, ...]:
    """Build a printed circuit board with its components."""
    long, thick, wide = BOARD_M
    chip = thick + 0.012
    more = [Box((0.035, 0.024, 0.035), (-0.15 + 0.055 * nth, chip, -0.105), CHIP) for nth in range(number % 6)]
    return (
        Box((long, thick + 0.008, wide), (0, thick / 2, 0), color),
        Box((0.1, 0.03, 0.1), (-0.07, chip, 0.03), CHIP),
        Box((0.07, 0.026, 0.05), (0.09, chip, -0.06), CHIP),
        Box((0.05, 0.05, 0.05), (0.1, chip + 0.01, 0.07), "#c9d1d8"),
        Box((0.03, 0.024, wide - 0.04), (-long / 2 + 0.03, chip - 0.003, 0), PAD),
        *more,
    )


def _pallet(color: str) -> list[Solid]:
    """Build the carrier on which parts of metal lie; it has the type's colour."""
    return [Box((0.36, 0.014, 0.28), (0, 0.007, 0), color)]


def _gear(color: str) -> tuple[Solid, ...]:
    teeth = [Box((0.028, 0.04, 0.028), (0.115 * cos(at), 0.036, 0.115 * sin(at)), STEEL)
             for at in (2 * pi * tooth / 12 for tooth in range(12))]  # fmt: skip
    return (
        *_pallet(color),
        Cylinder(0.108, 0.042, (0, 0.036, 0), STEEL, sides=24),
        *teeth,
        Cylinder(0.045, 0.05, (0, 0.04, 0), DARK_STEEL, sides=12),
    )


def _shaft(color: str) -> tuple[Solid, ...]:
    return (
        *_pallet(color),
        Cylinder(0.024, 0.34, (0, 0.04, 0), STEEL, axis="x", sides=14),
        Cylinder(0.036, 0.12, (-0.02, 0.04, 0), DARK_STEEL, axis="x", sides=14),
    )


def _pins(color: str) -> tuple[Solid, ...]:
    pins = [Cylinder(0.014, 0.05, (0.06 * x, 0.038, 0.06 * z), BRASS, sides=8) for x in (-2, 0, 2) for z in (-1, 1)]
    return (*_pallet(color), *pins)


def _housing(color: str) -> tuple[Solid, ...]:
    return (
        *_pallet(color),
        Box((0.2, 0.07, 0.18), (-0.02, 0.05, 0), color, 0.012),
        Cylinder(0.06, 0.06, (0.1, 0.05, 0), STEEL, axis="x", sides=16),
        Cylinder(0.035, 0.03, (-0.03, 0.09, 0), DARK_STEEL, sides=12),
    )


def _ring(color: str) -> tuple[Solid, ...]:
    return (
        *_pallet(color),
        Cylinder(0.075, 0.02, (0, 0.024, 0), "#2a3036", sides=20),
        Cylinder(0.05, 0.022, (0, 0.025, 0), color, sides=20),
    )


LOOKS: tuple[tuple[tuple[str, ...], Callable[[str], tuple[Solid, ...]]], ...] = (
    (("gear", "wheel", "disc", "flange"), _gear),
    (("shaft", "rod", "axle", "spindle"), _shaft),
    (("pin", "screw", "bolt", "rivet"), _pins),
    (("pump", "valve", "motor", "housing", "case"), _housing),
    (("seal", "ring", "gasket", "bearing"), _ring),
)
