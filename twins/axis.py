"""The time axis of a chart."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from simulators import Text
from twins.clock import clock_text
from twins.errors import WindowError

__all__ = ["TimeAxis", "window_of"]

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400)
LABEL_PX = 78
GRID = "#d9e0e6"
TIME = Text(zh="时刻", en="time")


def window_of(
    start_s: float | None, end_s: float | None, *, warm_up_s: float, horizon_s: float, most_s: float
) -> tuple[float, float]:
    """Return the window that is asked for; by default from the end of the warm-up, and no longer than ``most_s``.

    Raises
    ------
    WindowError
        The window is empty or reaches beyond the run.
    """
    begin_s = warm_up_s if start_s is None else start_s
    stop_s = min(begin_s + most_s, horizon_s) if end_s is None else end_s
    if not 0 <= begin_s < stop_s <= horizon_s:
        raise WindowError(begin_s, stop_s, horizon_s)
    return begin_s, stop_s


@dataclass(frozen=True)
class TimeAxis:
    """Maps a window of time to a stretch of a drawing.

    Parameters
    ----------
    start_s, end_s
        The window.
    left_px, width_px
        The stretch.
    """

    start_s: float
    end_s: float
    left_px: float
    width_px: float

    def x(self, time_s: float) -> float:
        """Return where a time is, px."""
        return self.left_px + self.width_px * (time_s - self.start_s) / (self.end_s - self.start_s)

    def ticks_s(self) -> list[float]:
        """Return the times that are written: round ones, as many as have room.

        Examples
        --------
        >>> TimeAxis(3590, 5400, 100, 400).ticks_s()
        [3600, 4200, 4800, 5400]
        """
        span_s = self.end_s - self.start_s
        most = self.width_px / LABEL_PX
        step_s: float = next((step for step in STEPS_S if span_s / step <= most), 0)
        step_s = step_s or 86400 * ceil(span_s / most / 86400)
        return [number * step_s for number in range(ceil(self.start_s / step_s), int(self.end_s // step_s) + 1)]

    def drawn(self, top_px: float, bottom_px: float) -> str:
        """Return grid lines with the times written above them."""
        return "".join(
            f'<path d="M{self.x(time_s):.1f} {top_px:.1f}V{bottom_px:.1f}" stroke="{GRID}"/>'
            f'<text x="{self.x(time_s):.1f}" y="{top_px - 5:.1f}" text-anchor="middle" font-size="11" fill="#45525e">'
            f"{clock_text(time_s)}</text>"
            for time_s in self.ticks_s()
        )
