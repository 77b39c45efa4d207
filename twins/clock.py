"""Simulated times as people write them, and how fast they pass on the screen."""

__all__ = ["SPEEDS", "clock_text", "first_speed"]

SPEEDS = (1, 2, 5, 10, 20, 60, 200, 600)
"""Simulated seconds a second, from which viewers choose."""

PATIENCE_S = 600.0
"""How long a window may take at the first speed."""


def clock_text(time_s: float) -> str:
    """Return a simulated time as ``h:mm:ss``.

    Examples
    --------
    >>> clock_text(3661.4)
    '1:01:01'
    """
    seconds = int(time_s)
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def first_speed(span_s: float) -> int:
    """Return the speed at which a window is first played, so that it is over in ten minutes.

    Examples
    --------
    >>> first_speed(3600), first_speed(12 * 3600)
    (10, 200)
    """
    return next((speed for speed in SPEEDS if span_s / speed <= PATIENCE_S), SPEEDS[-1])
