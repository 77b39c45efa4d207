"""A scene as data: solids, labels and timed movers, with no drawing toolkit in sight.

Axes: x along the line, y up, z towards the viewer. Metres, seconds from the start of the window, colours ``#rrggbb``.
A renderer (:mod:`twins.renderer`) draws a scene; another may write it to a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    from numpy.typing import NDArray

    from simulators import Text

__all__ = [
    "Axis",
    "Box",
    "Camera",
    "Cylinder",
    "Label",
    "Light",
    "Movers",
    "Patch",
    "Prism",
    "Scene",
    "Solid",
    "Surface",
    "Target",
    "Vector",
    "Water",
    "moved",
]

Vector: TypeAlias = tuple[float, float, float]
Axis: TypeAlias = Literal["x", "y", "z"]


@dataclass(frozen=True)
class Box:
    """A block with its edges broken.

    Parameters
    ----------
    size_m
        Extent along x, y, z.
    at_m
        Centre.
    color
        ``#rrggbb``; white takes on the colour of a mover.
    bevel_m
        Width of the broken edges; 0 for sharp ones.
    glow
        Share of the colour that shines by itself, 0 to 1.
    """

    size_m: Vector
    at_m: Vector
    color: str
    bevel_m: float = 0.0
    glow: float = 0.0


@dataclass(frozen=True)
class Cylinder:
    """A round bar.

    Parameters
    ----------
    radius_m, length_m
        Its size.
    at_m
        Centre.
    color, glow
        As for :class:`Box`.
    axis
        Direction of its length.
    sides
        Facets around it.
    """

    radius_m: float
    length_m: float
    at_m: Vector
    color: str
    axis: Axis = "y"
    sides: int = 16
    glow: float = 0.0


@dataclass(frozen=True)
class Prism:
    """A convex outline pulled along x.

    Parameters
    ----------
    outline_m
        Corners ``(z, y)``, counter-clockwise where z points right and y up, relative to ``at_m``.
    length_m
        Extent along x.
    at_m
        Middle of the length.
    color, glow
        As for :class:`Box`.
    """

    outline_m: tuple[tuple[float, float], ...]
    length_m: float
    at_m: Vector
    color: str
    glow: float = 0.0


@dataclass(frozen=True)
class Patch:
    """A flat soft-edged spot on the floor: the shade under a thing, baked in.

    Parameters
    ----------
    size_m
        Extent of the full colour along x and z.
    fade_m
        Width of the rim in which ``color`` passes into ``edge_color``.
    at_m
        Centre.
    color, edge_color
        ``#rrggbb``.
    """

    size_m: tuple[float, float]
    fade_m: float
    at_m: Vector
    color: str
    edge_color: str


@dataclass(frozen=True, eq=False)
class Surface:
    """Any triangles, with what light and shade have been baked into their colours.

    Parameters
    ----------
    position_m
        ``(T, 3, 3)`` corners of ``T`` triangles relative to ``at_m``, counter-clockwise seen from outside.
    normal
        ``(T, 3, 3)`` unit vectors outwards at the corners.
    rgb
        ``(T, 3, 3)`` red, green and blue at the corners, each 0 to 1.
    at_m
        Where its origin is.
    glow
        As for :class:`Box`.
    """

    position_m: NDArray[np.float64]
    normal: NDArray[np.float64]
    rgb: NDArray[np.float64]
    at_m: Vector = (0.0, 0.0, 0.0)
    glow: float = 0.0


Solid: TypeAlias = Box | Cylinder | Prism | Patch | Surface


@dataclass(frozen=True)
class Water:
    """A pond, which the renderer lets ripple and shine.

    Parameters
    ----------
    outline_m
        Corners ``(x, z)`` of a simple polygon.
    level_m
        Height of the water.
    color, deep_color
        ``#rrggbb`` seen at a flat angle, where the sky is reflected, and seen from above.
    """

    outline_m: tuple[tuple[float, float], ...]
    level_m: float
    color: str
    deep_color: str


@dataclass(frozen=True)
class Target:
    """Something a viewer can point at, or choose by keyboard, to learn about it.

    Parameters
    ----------
    name
        Name of the place in the journal, or another stable name.
    text
        What it is called, in both languages.
    low_m, high_m
        Corners of the box in which a click hits it.
    """

    name: str
    text: Text
    low_m: Vector
    high_m: Vector


@dataclass(frozen=True)
class Light:
    """Sun, sky and haze.

    Parameters
    ----------
    sun
        Vector towards the sun.
    sun_color, sky_color, ground_color
        ``#rrggbb``: what is added where the sun shines on a surface, what falls on it from above, and from below.
    haze_color
        ``#rrggbb``: what far things pass into.
    haze_from_m, haze_to_m
        Distance from the viewer at which haze begins, and at which nothing else is seen. What glows wholly (glow 1: a
        sky dome) is seen through any haze.
    gloss
        Strength of the sun's gleam on surfaces, 0 for matt ones.
    """

    sun: Vector = (-0.45, 0.85, 0.50)
    sun_color: str = "#4c4740"
    sky_color: str = "#ccd1d6"
    ground_color: str = "#a8b0bf"
    haze_color: str = "#ffffff"
    haze_from_m: float = 2000.0
    haze_to_m: float = 4000.0
    gloss: float = 0.16


def moved(solids: Iterable[Solid], by_m: Vector) -> tuple[Solid, ...]:
    """Return the solids shifted by a vector, in metres."""
    x, y, z = by_m
    return tuple(replace(solid, at_m=(solid.at_m[0] + x, solid.at_m[1] + y, solid.at_m[2] + z)) for solid in solids)


@dataclass(frozen=True)
class Label:
    """A name that always faces the viewer.

    Parameters
    ----------
    text
        In both languages.
    at_m
        Centre.
    height_m
        Height of a letter.
    width_m
        Room for the whole name; a longer one is drawn smaller.
    color
        ``#rrggbb``.
    """

    text: Text
    at_m: Vector
    height_m: float
    width_m: float
    color: str


@dataclass(frozen=True, eq=False)
class Movers:
    """``N`` copies of one shape, each shown for one stretch of time and moving at its beginning.

    On ``lanes`` a copy travels along x to ``cross_m``, there across (z) and up or down (y), then along x to its end,
    setting off and arriving gently. On a ``straight`` path it goes from start to end at one speed and faces its way:
    the shape looks along x. Who walks along a bent path has one row for every straight piece of it; who stands faces
    from start to end, a millimetre of way is enough.

    Parameters
    ----------
    name
        What they are; for tests and for picking.
    shape
        Solids around the origin.
    from_m, to_m
        ``(N, 3)`` start and end of the movement.
    cross_m
        ``(N,)`` x at which the copy changes lane and height.
    appear_s, arrive_s, vanish_s
        ``(N,)`` when it is shown first and sets off, when it arrives, and when it is gone; from the window's start.
    color
        ``(N,)`` colours as 0xRRGGBB that the shape's colours are multiplied by; 0xFFFFFF leaves them.
    swing_m
        ``(N,)`` how far it slides to and fro about its place while shown, in the viewer's time.
    blink
        ``(N,)`` whether it goes bright and dim in the viewer's time.
    path
        How a copy gets from start to end.
    """

    name: str
    shape: tuple[Solid, ...]
    from_m: NDArray[np.float64]
    to_m: NDArray[np.float64]
    cross_m: NDArray[np.float64]
    appear_s: NDArray[np.float64]
    arrive_s: NDArray[np.float64]
    vanish_s: NDArray[np.float64]
    color: NDArray[np.int64]
    swing_m: NDArray[np.float64]
    blink: NDArray[np.bool_]
    path: Literal["lanes", "straight"] = "lanes"

    def __len__(self) -> int:
        """Return the number of copies."""
        return len(self.appear_s)

    def chosen(self, rows: NDArray[np.int64]) -> Movers:
        """Return some of the copies, by number."""
        columns = {
            column.name: getattr(self, column.name)[rows]
            for column in fields(self)
            if column.name not in {"name", "shape", "path"}
        }
        return replace(self, **columns)

    def shown_at(self, time_s: float) -> NDArray[np.bool_]:
        """Return ``(N,)`` which copies are shown at a time, in seconds from the window's start."""
        return (self.appear_s <= time_s) & (time_s < self.vanish_s)


@dataclass(frozen=True)
class Camera:
    """Where the viewer stands.

    Parameters
    ----------
    eye_m, target_m
        Position, and the point looked at.
    view_angle_deg
        Vertical angle of view.
    """

    eye_m: Vector
    target_m: Vector
    view_angle_deg: float


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything to be drawn.

    Parameters
    ----------
    solids
        What never moves.
    labels
        Names in the room.
    movers
        What moves or changes, one entry a shape.
    bounds_m
        Lowest and highest corner of what the camera should frame.
    background
        Colour behind everything.
    start_s, end_s
        The window of simulated time; movers count from ``start_s``.
    waters
        Ponds.
    targets
        What can be pointed at.
    light
        How it is lit.
    camera
        Where the viewer first stands; None: so that the bounds just fit.
    """

    solids: tuple[Solid, ...]
    labels: tuple[Label, ...]
    movers: tuple[Movers, ...]
    bounds_m: tuple[Vector, Vector]
    background: str
    start_s: float
    end_s: float
    waters: tuple[Water, ...] = ()
    targets: tuple[Target, ...] = ()
    light: Light = field(default_factory=Light)
    camera: Camera | None = None
