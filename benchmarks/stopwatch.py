"""Processor time of a piece of work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["fastest_s"]


def fastest_s(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least processor time, in seconds, that ``work`` took in so many runs."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)
