"""A garden's day as a chart, drawn with matplotlib: visitors inside against the carrying capacity, and in queues."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from matplotlib.figure import Figure

from simulators.heritage_garden import HeritageGarden, Places, time_series
from twins.drawing import drawing, shown

if TYPE_CHECKING:
    from simulators import Run

__all__ = ["GardenDay"]

INSIDE, QUEUED, LIMIT, INK = "#2f6f8f", "#c98a1b", "#b3261e", "#25302c"
WORDS = {
    "zh": ("在园游人", "门外排队", "瞬时承载量", "时刻", "人"),
    "en": ("visitors inside", "in queues at the gates", "instantaneous capacity", "time of day", "visitors"),
}
SECONDS_PER_HOUR = 3600.0


class GardenDay:
    """A chart that a notebook shows.

    Parameters
    ----------
    run
        Of a heritage garden, with its journal.
    language
        ``zh`` or ``en``.
    """

    def __init__(self, run: Run, *, language: str = "zh") -> None:
        self._scenario = cast("HeritageGarden", run.scenario)
        self._series = time_series(run.journal, self._scenario)
        self._words = WORDS["zh" if language.startswith("zh") else "en"]

    def png(self, *, dots_per_inch: int = 100) -> bytes:
        """Return the chart as a PNG picture."""
        return drawing(self._figure, "png", dots_per_inch)

    def _repr_html_(self) -> str:
        return shown(self._figure)

    def _figure(self) -> Figure:
        inside, queued, limit, time_of_day, visitors = self._words
        series, scenario = self._series, self._scenario
        figure = Figure(figsize=(9.0, 3.2), layout="constrained")
        axes = figure.add_subplot()
        hours = series.time_s / SECONDS_PER_HOUR
        axes.fill_between(hours, series.inside, color=INSIDE, alpha=0.18)
        axes.plot(hours, series.inside, color=INSIDE, linewidth=2, label=inside)
        axes.plot(hours, series.visitors[:, : Places(scenario).scenes_from].sum(axis=1), color=QUEUED, label=queued)
        axes.axhline(scenario.garden.instantaneous_capacity, color=LIMIT, linestyle="--", label=limit)
        axes.set_xlim(scenario.opens_s / SECONDS_PER_HOUR - 1, scenario.horizon_s / SECONDS_PER_HOUR)
        axes.set_ylim(bottom=0)
        axes.set_xlabel(time_of_day)
        axes.set_ylabel(visitors)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        return figure
