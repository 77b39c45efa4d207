"""What holds boards between machines: conveyors, transfers, buffer racks, and the magazines at both ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twins.hall import shade
from twins.layout import BOARD_M, GAP_M, RACK_M, ROWS, SLOT_M
from twins.machines import BELT_M
from twins.scene import Box, Cylinder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from twins.scene import Solid

__all__ = ["belt", "bin_for_scrap", "crossing", "magazine", "rack"]

RAIL, LEG, BELT, FRAME, LIP = "#c3ccd4", "#8b97a3", "#2d353d", "#5b7fa3", "#d7dee5"


def crossing(x_m: float, left_m: Iterable[float], right_m: Iterable[float]) -> tuple[Solid, ...]:
    """Build a gap between two things: stubs of conveyor on the lanes to either side, and a transfer across them.

    Parameters
    ----------
    x_m
        Middle of the gap.
    left_m, right_m
        z of the lanes that end there and that begin there.
    """
    left, right = set(left_m), set(right_m)
    solids: list[Solid] = []
    half = GAP_M / 2
    for lanes, side in ((left, -1), (right, 1)):
        for z in lanes:
            solids += _rails(x_m + side * half / 2, half, z)
    for z in sorted(left | right):
        for side in (-1, 1):
            solids.append(Box((0.05, BELT_M - 0.05, 0.05), (x_m, (BELT_M - 0.05) / 2, z + side * 0.14), LEG))
    low, high = min(left | right), max(left | right)
    if high - low > 0.1:
        solids += [
            Box((0.34, 0.03, high - low + 0.3), (x_m, BELT_M - 0.06, (low + high) / 2), BELT),
            *(
                Box((0.03, 0.06, high - low + 0.3), (x_m + s * 0.19, BELT_M - 0.05, (low + high) / 2), "#e8a317")
                for s in (-1, 1)
            ),
        ]
    return tuple(solids)


def _rails(x_m: float, length_m: float, z_m: float) -> list[Solid]:
    solids: list[Solid] = [
        Box((length_m, 0.03, 0.3), (x_m, BELT_M - 0.03, z_m), BELT),
    ]
    for side in (-1, 1):
        solids.append(Box((length_m, 0.07, 0.035), (x_m, BELT_M - 0.025, z_m + side * 0.175), RAIL))
    return solids


def belt(begin_m: float, end_m: float, z_m: float = 0.0) -> tuple[Solid, ...]:
    """Build a conveyor on its legs.

    Parameters
    ----------
    begin_m, end_m
        Its ends along x.
    z_m
        Its lane.
    """
    length = end_m - begin_m
    solids = _rails((begin_m + end_m) / 2, length, z_m)
    solids.append(shade((begin_m + end_m) / 2, z_m, length, 0.5))
    rollers = max(2, round(length / 0.14))
    for number in range(rollers):
        x = begin_m + length * (number + 0.5) / rollers
        solids.append(Box((0.03, 0.02, 0.3), (x, BELT_M - 0.018, z_m), "#9aa7b3"))
    legs = max(2, round(length / 1.6) + 1)
    for number in range(legs):
        x = begin_m + 0.06 + (length - 0.12) * number / (legs - 1)
        for side in (-1, 1):
            solids.append(Box((0.05, BELT_M - 0.05, 0.05), (x, (BELT_M - 0.05) / 2, z_m + side * 0.14), LEG))
    return tuple(solids)


def bin_for_scrap(x_m: float, z_m: float) -> tuple[Solid, ...]:
    """Build the red bin for scrap; metres."""
    high = BELT_M - 0.06
    sides = [Box((0.5, high, 0.03), (x_m, high / 2, z_m + side * 0.22), "#b3303f") for side in (-1, 1)]
    ends = [Box((0.03, high, 0.44), (x_m + side * 0.235, high / 2, z_m), "#b3303f") for side in (-1, 1)]
    return (shade(x_m, z_m, 0.5, 0.5), *sides, *ends, Box((0.44, 0.03, 0.4), (x_m, high - 0.2, z_m), "#5d2b30"))


def rack(x_m: float, slots: int, color: str = FRAME) -> tuple[Solid, ...]:
    """Build one column of a buffer rack.

    Parameters
    ----------
    x_m
        Its middle.
    slots
        How many boards it holds above one another.
    color
        Of its frame.
    """
    top = BELT_M + slots * SLOT_M + 0.02
    wide = BOARD_M[2] / 2 + 0.07
    solids: list[Solid] = [
        shade(x_m, 0, RACK_M, 2 * wide + 0.1),
        Box((RACK_M - 0.04, BELT_M - 0.12, 2 * wide), (x_m, (BELT_M - 0.12) / 2 + 0.03, 0), "#dfe5ea", 0.02),
        Box((RACK_M - 0.1, 0.3, 0.02), (x_m, 0.45, wide), color),
        Box((RACK_M - 0.02, 0.05, 2 * wide + 0.06), (x_m, top, 0), color, 0.012),
        Box((RACK_M - 0.02, 0.05, 2 * wide + 0.06), (x_m, BELT_M - 0.09, 0), color, 0.012),
    ]
    for x in (-1, 1):
        for z in (-1, 1):
            solids.append(
                Box(
                    (0.035, top - BELT_M + 0.1, 0.035),
                    (x_m + x * (RACK_M / 2 - 0.03), (top + BELT_M) / 2 - 0.05, z * wide),
                    color,
                )
            )
    for slot in range(slots):
        for z in (-1, 1):
            solids.append(
                Box((RACK_M - 0.08, 0.014, 0.05), (x_m, BELT_M + slot * SLOT_M - 0.012, z * (wide - 0.04)), LIP)
            )
    return tuple(solids)


def magazine(x_m: float, color: str, boards: int, shade_of_board: str) -> tuple[Solid, ...]:
    """Build the magazine at an end of the line, with a pile of boards standing in it.

    Parameters
    ----------
    x_m
        Its middle.
    color
        Of its frame.
    boards
        How many lie in it.
    shade_of_board
        Their colour.
    """
    solids = list(rack(x_m, ROWS, color))
    for slot in range(1, boards + 1):
        solids.append(Box(BOARD_M, (x_m, BELT_M + slot * SLOT_M, 0), shade_of_board))
    solids.append(Cylinder(0.06, 0.05, (x_m, BELT_M + ROWS * SLOT_M + 0.07, 0), color, sides=12))
    return tuple(solids)
