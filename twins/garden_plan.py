"""The plan of a garden, drawn with matplotlib, in which crowds may be seen as heat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Polygon

from twins.drawing import drawing, shown
from twins.garden.paper import COURT, GROUND, INK, PAPER, ROCK, ROOF, SHORE, TREE, WALL, WATER, WAY
from twins.garden.plan import ridge_m

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from simulators.heritage_garden import Garden

__all__ = ["GardenPlan"]

HEAT = "YlOrRd"
WIDTH_IN, HEIGHT_IN = 11.0, 9.0  # at most
POINTS_AN_INCH = 72.0


class GardenPlan:
    """A plan that a notebook shows, and that can be written to a file.

    Parameters
    ----------
    garden
        What to draw.
    language
        Of the names, ``zh`` or ``en``.
    heat
        ``(L,)`` a figure for each gate, scene and path, by which scenes and paths are coloured: for instance
        :func:`simulators.heritage_garden.series.heat_h_m2`.
    heat_label
        What it is.

    Examples
    --------
    >>> from simulators.heritage_garden import load_garden
    >>> "Pine-Viewing Painting Hall" in GardenPlan(load_garden("master_of_the_nets"), language="en").svg()
    True
    """

    def __init__(
        self,
        garden: Garden,
        *,
        language: str = "zh",
        heat: NDArray[np.float64] | None = None,
        heat_label: str = "",
    ) -> None:
        self._garden = garden
        self._language = language
        self._heat = heat
        self._heat_label = heat_label
        corners = np.array(garden.outline_m)
        self._size_m = corners.max(axis=0) - corners.min(axis=0)
        self._low_m = corners.min(axis=0)

    def png(self, *, dots_per_inch: int = 110) -> bytes:
        """Return the plan as a PNG picture."""
        return drawing(self._figure, "png", dots_per_inch)

    def svg(self) -> str:
        """Return the plan as an SVG drawing, with text as text."""
        return drawing(self._figure, "svg", 72).decode()

    def _repr_html_(self) -> str:
        return shown(self._figure)

    def _figure(self) -> Figure:
        wide_m, high_m = self._size_m
        room_in = 0.5 if self._heat is None else 1.3
        inches_a_metre = min((WIDTH_IN - room_in) / wide_m, (HEIGHT_IN - 0.7) / high_m)
        size_in = (inches_a_metre * wide_m + room_in, inches_a_metre * high_m + 0.7)
        figure = Figure(figsize=size_in, layout="constrained", facecolor=PAPER)
        axes = figure.add_subplot()
        self._points = POINTS_AN_INCH * inches_a_metre  # a metre on paper
        margin = 0.02 * wide_m
        axes.set_xlim(self._low_m[0] - margin, self._low_m[0] + wide_m + margin)
        axes.set_ylim(self._low_m[1] - margin, self._low_m[1] + high_m + margin)
        axes.set_aspect("equal")
        axes.set_axis_off()
        axes.set_title(self._garden.title.in_language(self._language), color=INK, fontsize=15)
        self._draw_ground(axes)
        self._draw_places(axes)
        self._draw_walls(axes)
        self._draw_names(axes)
        self._draw_scale(axes)
        if self._heat is not None:
            colours = mpl.cm.ScalarMappable(self._norm(), HEAT)
            figure.colorbar(colours, ax=axes, label=self._heat_label, shrink=0.6, pad=0.01)
        return figure

    def _norm(self) -> Normalize:
        return Normalize(0.0, float(np.max(self._heat)) if self._heat is not None else 1.0)

    def _colour(self, place: int, otherwise: str) -> str | tuple[float, ...]:
        if self._heat is None:
            return otherwise
        colour: tuple[float, ...] = mpl.colormaps[HEAT](self._norm()(self._heat[place]))
        return colour

    def _draw_ground(self, axes: Axes) -> None:
        garden = self._garden
        axes.add_patch(Polygon(garden.outline_m, facecolor=GROUND, edgecolor=WALL, linewidth=2.2))
        for pond in garden.ponds:
            axes.add_patch(Polygon(_shore(pond.polygon_m), facecolor=WATER, edgecolor=SHORE, linewidth=1.0))
        for tree in garden.trees:
            axes.add_patch(Circle(tree.at_m, tree.crown_radius_m, facecolor=TREE, alpha=0.45, edgecolor=TREE))

    def _draw_places(self, axes: Axes) -> None:
        garden = self._garden
        first = len(garden.gates)
        for place, path in enumerate(garden.paths, first + len(garden.scenes)):
            x, y = zip(*path.line_m, strict=True)
            bridge = path.kind in ("bridge", "zigzag_bridge")
            width = max(path.width_m * self._points, 1.2)
            axes.plot(
                x,
                y,
                color=INK if bridge else PAPER,
                linewidth=width + 1.2,
                solid_capstyle="butt",
                solid_joinstyle="round",
                zorder=2,
            )
            axes.plot(
                x,
                y,
                color=self._colour(place, WAY),
                linewidth=width,
                solid_capstyle="butt",
                solid_joinstyle="round",
                zorder=2.1,
            )
            if path.kind in ("stairs", "covered_corridor"):
                style = (0, (0.6, 0.9)) if path.kind == "stairs" else "solid"
                axes.plot(x, y, color=ROOF, linewidth=0.7 * width if path.kind == "stairs" else 0.7, linestyle=style,
                          dash_capstyle="butt", zorder=2.2)  # fmt: skip
        for place, scene in enumerate(garden.scenes, first):
            usual = ROCK if scene.kind == "rockery" else ROOF if scene.sheltered else COURT
            patch = Polygon(
                scene.polygon_m, facecolor=self._colour(place, usual), edgecolor=INK, linewidth=0.8, zorder=3
            )
            axes.add_patch(patch)
            if scene.sheltered and len(scene.polygon_m) == 4:
                for start, end in ridge_m(scene.polygon_m).tolist():
                    axes.plot((start[0], end[0]), (start[1], end[1]), color=PAPER, linewidth=0.7, alpha=0.9, zorder=3.1)

    def _draw_walls(self, axes: Axes) -> None:
        for wall in self._garden.walls:
            line = np.array(wall.line_m)
            axes.plot(line[:, 0], line[:, 1], color=WALL, linewidth=2.0, zorder=4)
            reach = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))))
            for opening in wall.openings:
                ends = opening.at_m - opening.width_m / 2, opening.at_m + opening.width_m / 2
                x, y = (np.interp(ends, reach, line[:, axis]) for axis in (0, 1))
                window = opening.kind == "window"
                axes.plot(x, y, color=WATER if window else GROUND, linewidth=1.0 if window else 2.6, zorder=4.1)

    def _draw_names(self, axes: Axes) -> None:
        garden, language = self._garden, self._language
        size = 7.5 if language.startswith("zh") else 6.0
        for scene in garden.scenes:
            corners = np.array(scene.polygon_m)
            x = corners[:, 0].mean()
            y = corners[:, 1].min() - 0.006 * self._size_m[0]
            name = scene.label.in_language(language)
            axes.text(x, y, name, ha="center", va="top", fontsize=size, color=INK, zorder=6,
                      bbox={"facecolor": PAPER, "alpha": 0.65, "edgecolor": "none", "pad": 0.6})  # fmt: skip
        for gate in garden.gates:
            axes.plot(*gate.at_m, marker="s", color="#b3261e", markersize=7, zorder=5, clip_on=False)
            text = gate.label.in_language(language)
            axes.annotate(text, gate.at_m, (0, 7), textcoords="offset points", ha="center", fontsize=size + 1,
                          color="#b3261e", zorder=6)  # fmt: skip

    def _draw_scale(self, axes: Axes) -> None:
        length_m = 20.0 if self._size_m[0] > 100 else 10.0
        x, y = self._low_m + 0.02 * self._size_m
        axes.plot((x, x + length_m), (y, y), color=INK, linewidth=2, zorder=6)
        axes.text(x + length_m / 2, y + 0.006 * self._size_m[0], f"{length_m:g} m", ha="center", fontsize=7, zorder=6)
        north = self._low_m + self._size_m * (0.975, 0.93)
        axes.annotate("N", north, (0, -24), textcoords="offset points", ha="center", fontsize=9, zorder=6,
                      arrowprops={"arrowstyle": "-|>", "color": INK})  # fmt: skip


def _shore(polygon: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """Return a polygon with its corners cut round (Chaikin)."""
    line = np.array(polygon)
    for _ in range(3):
        after = np.roll(line, -1, axis=0)
        line = np.stack((0.75 * line + 0.25 * after, 0.25 * line + 0.75 * after), axis=1).reshape(-1, 2)
    return line
