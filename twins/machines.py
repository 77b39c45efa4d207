"""What the machines of an electronics line look like, as solids around the middle of their footprint on the floor.

A machine is open to the viewer so that the board and the tool inside can be seen. The names of stations choose the
look: a station called ``reflow_2`` gets an oven; a name that says nothing gets a plain cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from twins.scene import Box, Cylinder, Prism

if TYPE_CHECKING:
    from collections.abc import Callable

    from twins.scene import Solid

__all__ = ["BELT_M", "DEPTH_M", "LOOKS", "Look", "look_of"]

BELT_M = 0.92
"""Height of the conveyors."""

DEPTH_M = 1.5
"""Depth of every machine, along z."""

WHITE, SHELL, GREY, DARK, GLASS = "#f7f9fb", "#e4e9ee", "#aeb8c2", "#39434d", "#27323d"
BLUE, COPPER, STEEL, LAMP = "#2f6db3", "#c98a4b", "#c9d1d8", "#dff1ff"


@dataclass(frozen=True)
class Look:
    """How a kind of machine looks.

    Parameters
    ----------
    length_m
        Along the line.
    body
        What stands still.
    tool
        What moves while the machine works; around the board's place on the belt.
    swing_m
        How far the tool slides.
    top_m
        Height on which the signal tower stands.
    """

    length_m: float
    body: tuple[Solid, ...]
    tool: tuple[Solid, ...]
    swing_m: float
    top_m: float


def _cabinet(length_m: float, stripe: str) -> list[Solid]:
    """Build the lower half: plinth, doors with handles, belt, back wall inside."""
    solids: list[Solid] = [
        Box((length_m - 0.1, 0.1, DEPTH_M - 0.12), (0, 0.05, 0), DARK),
        Box((length_m, 0.72, DEPTH_M), (0, 0.46, 0), SHELL, 0.03),
        Box((length_m - 0.08, 0.05, 0.02), (0, 0.71, DEPTH_M / 2), stripe),
        Box((length_m - 0.06, 0.04, DEPTH_M - 0.2), (0, 0.83, 0), "#8793a0"),
        Box((length_m + 0.02, 0.05, 0.03), (0, BELT_M - 0.045, 0.17), STEEL),
        Box((length_m + 0.02, 0.05, 0.03), (0, BELT_M - 0.045, -0.17), STEEL),
    ]
    doors = max(1, round(length_m / 0.8))
    for number in range(doors):
        x = length_m * ((number + 0.5) / doors - 0.5)
        solids.append(Box((length_m / doors - 0.08, 0.46, 0.02), (x, 0.42, DEPTH_M / 2), WHITE))
        solids.append(Box((0.14, 0.025, 0.03), (x, 0.58, DEPTH_M / 2 + 0.02), GREY))
    return solids


def _hood(length_m: float, *, high_m: float, front_m: float, color: str = WHITE) -> list[Solid]:
    """Build the upper half: back, end walls with the board's tunnel, roof with a sloping dark visor."""
    tall = high_m - 0.82
    ends: list[Solid] = []
    for side in (-1, 1):
        x = side * (length_m / 2 - 0.04)
        ends += [
            Box((0.08, tall, 0.5), (x, 0.82 + tall / 2, -0.48), color),
            Box((0.08, tall, 0.1), (x, 0.82 + tall / 2, front_m - 0.05), color),
            Box((0.08, tall - 0.36, 0.55), (x, 1.18 + (tall - 0.36) / 2, 0.0), color),
        ]
    visor = ((front_m - 0.05, -0.13), (front_m, -0.13), (front_m - 0.16, 0.02), (front_m - 0.21, 0.02))
    return [
        Box((length_m, tall, 0.08), (0, 0.82 + tall / 2, -0.71), color),
        Box((length_m - 0.16, tall, 0.02), (0, 0.82 + tall / 2, -0.655), "#cfe3f2", glow=0.35),
        *ends,
        Prism(
            ((-0.75, 0.0), (front_m - 0.16, 0.0), (front_m - 0.28, 0.16), (-0.68, 0.16)),
            length_m,
            (0, high_m, 0),
            color,
        ),
        Prism(visor, length_m - 0.16, (0, high_m, 0), GLASS),
        Box((length_m - 0.3, 0.03, 0.06), (0, high_m - 0.03, -0.3), LAMP, glow=0.9),
        Box((length_m - 0.2, 0.02, DEPTH_M - 0.4), (0, 0.86, 0), "#5d6975"),
    ]


def _screen(x_m: float, y_m: float, z_m: float, glow_color: str = "#3aa0e8") -> list[Solid]:
    """Build an operator's screen on an arm, with keyboard and emergency stop."""
    return [
        Box((0.05, 0.3, 0.05), (x_m, y_m - 0.22, z_m - 0.03), DARK),
        Box((0.46, 0.32, 0.04), (x_m, y_m, z_m), DARK, 0.01),
        Box((0.41, 0.27, 0.01), (x_m, y_m, z_m + 0.022), glow_color, glow=0.75),
        Box((0.16, 0.09, 0.005), (x_m - 0.09, y_m + 0.05, z_m + 0.03), "#e9fbff", glow=0.9),
        Box((0.3, 0.018, 0.005), (x_m, y_m - 0.06, z_m + 0.03), "#bfe8ff", glow=0.8),
        Box((0.3, 0.018, 0.005), (x_m, y_m - 0.1, z_m + 0.03), "#bfe8ff", glow=0.8),
        Box((0.4, 0.02, 0.16), (x_m, y_m - 0.24, z_m + 0.09), GREY),
        Cylinder(0.035, 0.04, (x_m + 0.28, y_m - 0.22, z_m + 0.1), "#d7263d", sides=10),
    ]


def _reels(length_m: float) -> list[Solid]:
    """Component reels on feeders along the front: the mark of a placement machine."""
    colors = ("#2b6fb0", "#e3a018", "#3c9d6b", "#c8503c", "#6d5aa8", "#2b6fb0", "#d9dee3", "#e3a018")
    solids: list[Solid] = [Box((length_m - 0.2, 0.1, 0.3), (0, 0.84, 0.86), "#6a7683")]
    pitch = 0.17
    count = int((length_m - 0.3) / pitch)
    for number in range(count):
        x = (number - (count - 1) / 2) * pitch
        solids += [
            Box((0.07, 0.05, 0.5), (x, 0.92, 0.68), STEEL),
            Cylinder(0.19, 0.05, (x, 0.62, 1.0), DARK, axis="x", sides=18),
            Cylinder(0.165, 0.07, (x, 0.62, 1.0), colors[number % len(colors)], axis="x", sides=18),
            Cylinder(0.05, 0.09, (x, 0.62, 1.0), WHITE, axis="x", sides=10),
        ]
    return solids


def _printer() -> Look:
    length = 1.3
    body = [
        *_cabinet(length, "#3c9d6b"),
        *_hood(length, high_m=1.5, front_m=0.72),
        Box((0.62, 0.02, 0.62), (0, 1.03, 0), "#b9c3cc"),
        Box((0.7, 0.05, 0.04), (0, 1.03, 0.33), "#7d8a96"),
        Box((0.7, 0.05, 0.04), (0, 1.03, -0.33), "#7d8a96"),
        *_screen(0.45, 1.42, 0.84),
    ]
    tool: list[Solid] = [
        Box((0.05, 0.12, 0.46), (0, 0.2, 0), COPPER),
        Box((0.14, 0.08, 0.5), (0, 0.29, 0), BLUE, 0.01),
    ]
    return Look(length, tuple(body), tuple(tool), 0.2, 1.66)


def _placement(length_m: float, heads: int) -> Look:
    body = [
        *_cabinet(length_m, BLUE),
        *_hood(length_m, high_m=1.55, front_m=0.66),
        *_reels(length_m),
        Box((length_m - 0.16, 0.09, 0.09), (0, 1.36, -0.36), GREY, 0.01),
        Box((length_m - 0.16, 0.05, 0.05), (0, 1.3, 0.3), GREY, 0.01),
        *_screen(length_m / 2 - 0.36, 1.95, 0.3),
    ]
    tool: list[Solid] = [
        Box((0.09, 0.08, 0.78), (0, 0.4, -0.02), BLUE, 0.01),
        Box((0.3, 0.2, 0.18), (0, 0.3, 0.04), "#f0b429", 0.02),
    ]
    for number in range(heads):
        x = (number - (heads - 1) / 2) * 0.085
        tool.append(Cylinder(0.022, 0.16, (x, 0.14, 0.06), DARK, sides=8))
        tool.append(Box((0.04, 0.03, 0.04), (x, 0.055, 0.06), "#101820"))
    return Look(length_m, tuple(body), tuple(tool), 0.3, 1.71)


def _oven() -> Look:
    length = 2.6
    body: list[Solid] = [*_cabinet(length, "#d9822b")]
    body += [
        Box((length, 0.62, 0.1), (0, 1.12, -0.68), WHITE),
        Box((length - 0.1, 0.5, 0.02), (0, 1.08, -0.62), "#ff8a2b", glow=0.85),
        Prism(
            ((-0.75, 0.0), (0.3, 0.0), (0.42, 0.1), (0.24, 0.34), (-0.62, 0.34)),
            length,
            (0, 1.28, 0),
            WHITE,
        ),
        Prism(((0.4, 0.07), (0.435, 0.1), (0.28, 0.3), (0.25, 0.3)), length - 0.3, (0, 1.28, 0), GLASS),
        Box((length - 0.2, 0.02, 1.0), (0, 0.87, -0.1), "#7a4a2a"),
    ]
    for side in (-1, 1):
        x = side * (length / 2 - 0.05)
        body += [
            Box((0.1, 0.5, 0.4), (x, 1.06, -0.45), WHITE),
            Box((0.1, 0.5, 0.12), (x, 1.06, 0.34), WHITE),
            Cylinder(0.17, 1.1, (side * length * 0.34, 2.1, -0.3), STEEL),
            Cylinder(0.2, 0.06, (side * length * 0.34, 1.66, -0.3), GREY),
            Cylinder(0.2, 0.06, (side * length * 0.34, 2.45, -0.3), GREY),
        ]
    for zone in range(7):
        x = (zone - 3) * 0.34
        body += [
            Box((0.24, 0.03, 0.34), (x, 1.63, -0.22), GREY, 0.01),
            Cylinder(0.035, 0.34, (x, 1.2, 0.36), DARK, axis="z", sides=8),
            Box((0.2, 0.012, 0.7), (x, 1.27, -0.2), "#ff6a13", glow=0.9),
        ]
    body += _screen(length / 2 - 0.5, 1.55, 0.72, "#e8803a")
    tool: list[Solid] = [Box((0.5, 0.01, 0.5), (0, 0.3, -0.05), "#ffd27a", glow=1.0)]
    return Look(length, tuple(body), tuple(tool), 0.5, 1.62)


def _inspection() -> Look:
    length = 1.2
    body = [
        *_cabinet(length, "#6d5aa8"),
        *_hood(length, high_m=1.68, front_m=0.6),
        *_screen(-0.3, 1.45, 0.86, "#39b58a"),
        *_screen(0.28, 1.45, 0.86, "#39b58a"),
    ]
    tool: list[Solid] = [
        Box((0.22, 0.26, 0.22), (0, 0.56, 0), DARK, 0.02),
        Cylinder(0.09, 0.18, (0, 0.36, 0), "#10161c"),
        Cylinder(0.17, 0.04, (0, 0.26, 0), "#e84a5f", glow=0.7),
        Cylinder(0.12, 0.05, (0, 0.255, 0), LAMP, glow=1.0),
    ]
    return Look(length, tuple(body), tuple(tool), 0.22, 1.84)


def _tester() -> Look:
    length = 1.2
    body = [
        *_cabinet(length, "#c8503c"),
        Box((length, 0.9, 0.3), (0, 1.27, -0.6), SHELL, 0.02),
        Box((0.09, 0.6, 0.09), (-0.5, 1.12, 0.45), GREY),
        Box((0.09, 0.6, 0.09), (0.5, 1.12, 0.45), GREY),
        Box((length, 0.14, 1.2), (0, 1.5, 0.0), WHITE, 0.03),
        Cylinder(0.08, 0.3, (0, 1.7, 0), STEEL),
        *_screen(0.3, 1.86, 0.4, "#4dc36b"),
    ]
    for row in range(4):
        body.append(Box((length - 0.2, 0.04, 0.02), (0, 1.02 + row * 0.12, -0.44), "#63707c"))
    tool: list[Solid] = [
        Cylinder(0.04, 0.3, (0, 0.36, 0), STEEL, sides=10),
        Box((0.56, 0.05, 0.46), (0, 0.2, 0), "#2f8f83", 0.01),
    ]
    tool += [
        Cylinder(0.012, 0.1, (x * 0.1, 0.13, z * 0.1), "#e5c158", sides=6) for x in (-2, -1, 0, 1, 2) for z in (-1, 1)
    ]
    return Look(length, tuple(body), tuple(tool), 0.03, 1.72)


def _cell() -> Look:
    length = 1.5
    body = [
        *_cabinet(length, "#2f8f83"),
        *_hood(length, high_m=1.55, front_m=0.66),
        *_screen(0.4, 1.42, 0.84),
    ]
    tool: list[Solid] = [
        Cylinder(0.05, 0.3, (0, 0.4, 0), BLUE, sides=12),
        Box((0.22, 0.12, 0.2), (0, 0.22, 0), "#f0b429", 0.02),
    ]
    return Look(length, tuple(body), tuple(tool), 0.2, 1.71)


LOOKS: tuple[tuple[tuple[str, ...], Callable[[], Look]], ...] = (
    (("print", "paste"), _printer),
    (("odd", "multi"), lambda: _placement(1.5, 3)),
    (("place", "mount", "pick", "chip"), lambda: _placement(1.8, 6)),
    (("reflow", "oven", "wave", "cur", "bake"), _oven),
    (("aoi", "spi", "inspect", "xray", "vision"), _inspection),
    (("ict", "test", "fct"), _tester),
)


def look_of(name: str) -> Look:
    """Return the look of a station's machines.

    Parameters
    ----------
    name
        The station's short name; the first entry of ``LOOKS`` with a word in it is taken, else a plain cell.
    """
    for words, build in LOOKS:
        if any(word in name for word in words):
            return build()
    return _cell()
