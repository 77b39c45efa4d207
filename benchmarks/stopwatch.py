"""Processor time of a piece of work."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["fastest_s", "fastest_side_by_side_s"]


def fastest_s(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the least processor time, in seconds, that ``work`` took in so many runs."""
    times = []
    for _ in range(repeats):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return min(times)


def fastest_side_by_side_s(works: Sequence[Callable[[], object]], repeats: int = 5) -> list[float]:
    """Return the same of several pieces of work that take turns, so that a busy minute is one for all of them."""
    rounds = [[fastest_s(work, 1) for work in works] for _ in range(repeats)]
    return [min(times) for times in zip(*rounds, strict=True)]
