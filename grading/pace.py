"""How fast submissions are graded: what a learner is told about her wait, looked up once a second at most."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from grading.leases import Leases
    from grading.submissions import Submissions

__all__ = ["Pace"]

_FRESH_S = 1.0


class Pace:
    """The time that each submission in the queue takes.

    Parameters
    ----------
    submissions, leases
        Where it is looked up.
    lease_s
        Seconds of a lease.
    clock
        Monotonic clock in seconds.
    """

    def __init__(
        self, submissions: Submissions, leases: Leases, lease_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._submissions = submissions
        self._leases = leases
        self._lease_s = lease_s
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, float | None] = (-_FRESH_S, None)

    def wait_s(self, position: int | None) -> float | None:
        """Return how long the submission at a place of the queue waits, in seconds; None where that is not known."""
        if position is None:
            return None
        with self._lock:
            now = self._clock()
            if now - self._known[0] >= _FRESH_S:
                work_s = self._submissions.work_s()
                living = max(1, self._leases.living(self._lease_s))
                self._known = now, None if work_s is None else work_s / living
            each_s = self._known[1]
        return None if each_s is None else position * each_s
