"""Where a plant that keeps step with a clock ought to be."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FASTEST", "Pace"]

FASTEST = 1_000_000.0


class Pace:
    """Turns time on the wall into a plant's time.

    Parameters
    ----------
    time_s
        Where the plant is now.
    speed
        Seconds of the plant in one second on the wall, above 0.
    clock
        Seconds on the wall, from anywhere.

    Examples
    --------
    >>> wall_s = [100.0]
    >>> pace = Pace(0.0, 60.0, clock=lambda: wall_s[0])
    >>> wall_s[0] += 2
    >>> pace.due_s()
    120.0
    >>> pace.pause()
    >>> wall_s[0] += 50
    >>> pace.due_s()
    120.0
    """

    def __init__(self, time_s: float, speed: float = 1.0, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._speed = _checked(speed)
        self._paused = False
        self._since_wall_s = clock()
        self._since_s = time_s

    @property
    def speed(self) -> float:
        """Seconds of the plant in one second on the wall."""
        return self._speed

    @property
    def paused(self) -> bool:
        """Whether the plant stands still."""
        return self._paused

    def due_s(self) -> float:
        """Return where the plant ought to be now."""
        if self._paused:
            return self._since_s
        return self._since_s + (self._clock() - self._since_wall_s) * self._speed

    def set_speed(self, speed: float) -> None:
        """Go on at another speed."""
        checked = _checked(speed)
        self.stand(self.due_s())
        self._speed = checked

    def pause(self) -> None:
        """Stand still."""
        self.stand(self.due_s())
        self._paused = True

    def go(self) -> None:
        """Go on after a pause."""
        self.stand(self.due_s())
        self._paused = False

    def stand(self, time_s: float) -> None:
        """Go on from another moment of the plant's time."""
        self._since_wall_s = self._clock()
        self._since_s = time_s


def _checked(speed: float) -> float:
    if not 0 < speed <= FASTEST:
        message = f"speed = {speed!r} must be > 0 and ≤ {FASTEST:g}; to stand still use pause()"
        raise ValueError(message)
    return float(speed)
