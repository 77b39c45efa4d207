"""Upright panels: everything flat that stands in a line on the plan, gathered and cut into triangles at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from twins.garden.mesh import Mesh, joined, paint, quads

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from twins.garden.mesh import Paint

__all__ = ["Bay", "Panels"]


@dataclass(frozen=True)
class Bay:
    """A line on the plan to stand panels in, seen from its right.

    Parameters
    ----------
    start_m, end_m
        Its ends; who walks from start to end has outside to the right.
    """

    start_m: tuple[float, float]
    end_m: tuple[float, float]

    @property
    def width_m(self) -> float:
        """Its length."""
        return float(np.hypot(self.end_m[0] - self.start_m[0], self.end_m[1] - self.start_m[1]))


@dataclass(frozen=True)
class Panels:
    """Panels so far.

    Parameters
    ----------
    rows
        Ends of the bay, then from and to along it, lower and upper edge, distance outwards, all in metres.
    colors
        Below and above, a row each.
    """

    rows: list[tuple[float, ...]] = field(default_factory=list)
    colors: list[tuple[float, ...]] = field(default_factory=list)

    def add(
        self,
        bay: Bay,
        along_m: tuple[float, float],
        height_m: tuple[float, float],
        color: Paint,
        *,
        out_m: float = 0.0,
        shade: ArrayLike = (1.0, 1.0),
        back: bool = False,
        both: bool = False,
    ) -> None:
        """Stand a panel in a bay.

        Parameters
        ----------
        bay
            Where.
        along_m, height_m
            From and to.
        color
            Of its face.
        out_m
            How far outside the bay's line.
        shade
            What its colour is multiplied by below and above.
        back
            Whether it faces inwards.
        both
            Whether it has a face to either side.
        """
        base = paint(color)
        low, high = shade if isinstance(shade, tuple) else np.asarray(shade, float)
        tones = (*(base * low), *(base * high))
        ends = (*bay.start_m, *bay.end_m)
        if both or not back:
            self.rows.append((*ends, *along_m, *height_m, out_m))
            self.colors.append(tones)
        if both or back:
            self.rows.append((*ends, along_m[1], along_m[0], *height_m, out_m))
            self.colors.append(tones)

    def frame(self, bay: Bay, along_m: tuple[float, float], height_m: tuple[float, float], bar_m: float, color: Paint,
              *, out_m: float = 0.0, both: bool = False) -> None:  # fmt: skip
        """Stand four bars around a rectangle."""
        (left, right), (low, high) = along_m, height_m
        for across, up in (
            ((left, left + bar_m), (low, high)),
            ((right - bar_m, right), (low, high)),
            ((left + bar_m, right - bar_m), (low, low + bar_m)),
            ((left + bar_m, right - bar_m), (high - bar_m, high)),
        ):
            self.add(bay, across, up, color, out_m=out_m, both=both)

    def mesh(self) -> Mesh:
        """Return all panels as triangles."""
        if not self.rows:
            return joined([])
        start_x, start_y, end_x, end_y, along, until, low, high, out = np.array(self.rows).T
        way = np.stack((end_x - start_x, end_y - start_y), axis=1)
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        origin = np.stack((start_x, start_y), axis=1) + np.stack((way[:, 1], -way[:, 0]), axis=1) * out[:, None]
        left, right = origin + way * along[:, None], origin + way * until[:, None]
        corners = np.stack(
            [np.concatenate((plan, height[:, None]), axis=1)
             for plan, height in ((left, low), (right, low), (right, high), (left, high))], axis=1
        )  # fmt: skip
        tones = np.array(self.colors).reshape(-1, 2, 3)
        return quads(corners, np.clip(tones[:, [0, 0, 1, 1]], 0, 1))
