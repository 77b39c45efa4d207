"""What a renderer offers: to the notebook a view, to a player with controls of its own a drawing with a clock."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Protocol

import numpy as np

from twins.scene import Camera

if TYPE_CHECKING:
    from collections.abc import Callable

    from ipywidgets import Widget
    from numpy.typing import NDArray

    from twins.scene import Vector

__all__ = ["Renderer", "View", "framing"]

VIEW_ANGLE_DEG = 28.0
LOOKING_FROM = (-0.14, 0.44, 1.0)
"""Where the viewer stands as seen from the middle of the scene."""


class View(Protocol):
    """A widget that shows a scene with its controls, whoever draws it.

    Attributes
    ----------
    start_s, end_s
        The window of simulated time.
    time_s
        What is shown, simulated seconds; it may be set, and is told when it was paused or moved by hand.
    playing
        Whether the clock runs; may be set.
    speed
        Simulated seconds a second; may be set.
    chosen
        Name of the target that is inspected, empty for none; may be set.
    """

    start_s: float
    end_s: float
    time_s: float
    playing: bool
    speed: float
    chosen: str


class Renderer(Protocol):
    """A drawn scene with a clock of its own in the browser.

    The clock counts ticks from the start of the scene's window.
    """

    widget: Widget

    @property
    def clock(self) -> tuple[Widget, Widget]:
        """The animation, whose time is in ticks, and the mixer whose time scale is 1 while it runs, else 0."""

    def set_speed(self, ratio: float) -> None:
        """Let the clock run ``ratio`` simulated seconds a second."""

    def start(self) -> None:
        """Begin to draw frame after frame; harmless when already begun."""

    def on_choice(self, listener: Callable[[str], None]) -> None:
        """Call ``listener`` with the name of a target whenever it is clicked on."""

    def mark(self, name: str) -> None:
        """Frame the target of this name; none where it is empty."""


def framing(bounds_m: tuple[Vector, Vector], aspect: float, looking_from: Vector = LOOKING_FROM) -> Camera:
    """Return a camera that just holds a box of space.

    Parameters
    ----------
    bounds_m
        Lowest and highest corner.
    aspect
        Width of the picture over its height.
    looking_from
        Where the viewer stands as seen from the middle of the box; only the direction counts.
    """
    low, high = np.array(bounds_m)
    middle = (low + high) / 2
    back = np.array(looking_from) / np.linalg.norm(looking_from)
    right = np.cross((0.0, 1.0, 0.0), back)
    right /= np.linalg.norm(right)
    up = np.cross(back, right)
    signs = np.array(list(itertools.product((-0.5, 0.5), repeat=3)))
    corners = signs * (high - low)
    tall = math.tan(math.radians(VIEW_ANGLE_DEG / 2))
    needed = np.maximum(abs(corners @ right) / (tall * aspect), abs(corners @ up) / tall)
    eye = middle + back * float((corners @ back + needed).max())
    return Camera(_vector(eye), _vector(middle), VIEW_ANGLE_DEG)


def _vector(point: NDArray[np.float64]) -> Vector:
    x, y, z = point.tolist()
    return x, y, z
