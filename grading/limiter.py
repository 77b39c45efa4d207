"""A limit of requests a person: a bucket of tokens that fills at a steady rate (the "leaky bucket as a meter")."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Limiter"]

_MOST_PEOPLE = 100_000
_MINUTE_S = 60.0


class Limiter:
    """Counts the requests of each person.

    Parameters
    ----------
    per_minute
        Requests in a minute; so many may come at once.
    clock
        Monotonic clock in seconds.

    Examples
    --------
    >>> now = [0.0]
    >>> limiter = Limiter(2, clock=lambda: now[0])
    >>> [limiter.take("li") for _ in range(3)]
    [0.0, 0.0, 30.0]
    >>> now[0] = 30.0
    >>> limiter.take("li"), limiter.take("wang")
    (0.0, 0.0)
    """

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._lock = threading.Lock()
        self._full_at: dict[str, float] = {}

    def take(self, who: str) -> float:
        """Count a request; return 0, or how long to wait, in seconds, where it is one too many."""
        step = _MINUTE_S / self.per_minute
        with self._lock:
            now = self._clock()
            if len(self._full_at) >= _MOST_PEOPLE:
                self._full_at = {name: at for name, at in self._full_at.items() if at > now}
            full_at = max(now, self._full_at.get(who, now)) + step
            wait = full_at - now - _MINUTE_S
            if wait > 1e-9:
                return wait
            self._full_at[who] = full_at
        return 0.0
