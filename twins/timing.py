"""Movers whose times are counted from the beginning of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from twins.scene import Movers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from twins.scene import Solid

__all__ = ["BEYOND_S", "timed_movers"]

WHITE = 0xFFFFFF
BEYOND_S = 60.0


def timed_movers(
    name: str,
    shape: tuple[Solid, ...],
    *,
    from_m: NDArray[np.float64],
    to_m: NDArray[np.float64],
    cross_m: NDArray[np.float64],
    time_s: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
    window_s: tuple[float, float],
    color: NDArray[np.int64] | None = None,
    swing_m: NDArray[np.float64] | None = None,
    blink: NDArray[np.bool_] | None = None,
) -> Movers:
    """Count times from the window's start; what lasts beyond its end is cut off a little after it."""
    start_s, end_s = window_s
    count = len(from_m)
    appear, arrive, vanish = (np.minimum(time, end_s + BEYOND_S) - start_s for time in time_s)
    return Movers(
        name,
        shape,
        from_m,
        to_m,
        cross_m,
        appear,
        arrive,
        vanish,
        np.full(count, WHITE) if color is None else color,
        np.zeros(count) if swing_m is None else swing_m,
        np.zeros(count, np.bool_) if blink is None else blink,
    )
