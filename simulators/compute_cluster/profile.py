"""What will be free when: the calendar of conservative backfilling."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

__all__ = ["Profile"]


class Profile:
    """How many tasks fit at every time from now on, as steps.

    Parameters
    ----------
    capacity
        Tasks that the empty machine holds.
    """

    def __init__(self, capacity: int) -> None:
        self._times_s = [0.0]
        self._free = [capacity]

    def forget_before(self, now_s: float) -> None:
        """Drop the steps that have passed, and those that are none."""
        first = bisect_right(self._times_s, now_s) - 1
        kept = [first, *(n for n in range(first + 1, len(self._free)) if self._free[n] != self._free[n - 1])]
        self._times_s = [self._times_s[position] for position in kept]
        self._free = [self._free[position] for position in kept]
        self._times_s[0] = max(self._times_s[0], now_s)

    def change(self, start_s: float, end_s: float, tasks: int) -> None:
        """Add to what is free from ``start_s`` until ``end_s``."""
        if start_s < end_s:
            for position in range(self._step_at(start_s), self._step_at(end_s)):
                self._free[position] += tasks

    def earliest_s(self, now_s: float, tasks: int, duration_s: float) -> float:
        """Return the earliest time from ``now_s`` on at which so many tasks fit for so long."""
        first = bisect_right(self._times_s, now_s) - 1
        while True:
            start_s = max(now_s, self._times_s[first])
            short = None
            position = first
            while position < len(self._times_s) and (
                position == first or self._times_s[position] < start_s + duration_s
            ):
                if self._free[position] < tasks:
                    short = position
                    break
                position += 1
            if short is None:
                return start_s
            first = short + 1

    def _step_at(self, time_s: float) -> int:
        """Return the step that begins at a time; make one if none does."""
        position = bisect_left(self._times_s, time_s)
        if position == len(self._times_s) or self._times_s[position] != time_s:
            self._times_s.insert(position, time_s)
            self._free.insert(position, self._free[position - 1])
        return position
