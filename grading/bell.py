"""The bell: Redis wakes a waiting worker at once, and tells who watches how far a submission is.

The database is the truth: what is told here may be lost, and who listens looks there in any case.
"""

from __future__ import annotations

import json
import logging
import time
from typing import TYPE_CHECKING

import redis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CHANNEL", "Bell"]

CHANNEL = "shixun:grading:events"

_KEY = "shixun:grading:wake"
_MOST_RINGS = 100
_TIMEOUT_S = 1.0

_log = logging.getLogger(__name__)


class Bell:
    """A list in Redis to which the service pushes and from which workers pop.

    Parameters
    ----------
    url
        ``redis://…`` or ``unix://…``; None where there is no Redis.
    sleep
        How to wait where Redis is away: a function of seconds.
    """

    def __init__(self, url: str | None, sleep: Callable[[float], object] = time.sleep) -> None:
        self._sleep = sleep
        self._silent = False
        self._redis = (
            redis.Redis.from_url(url, socket_connect_timeout=_TIMEOUT_S, socket_timeout=_TIMEOUT_S * 3) if url else None
        )

    def ring(self) -> None:
        """Wake one worker, if Redis is there."""
        if self._redis is None:
            return
        try:
            self._redis.lpush(_KEY, 1)
            self._redis.ltrim(_KEY, 0, _MOST_RINGS - 1)
        except redis.RedisError as error:
            self._lost(error)
        else:
            self._found()

    def wait(self, seconds: float) -> None:
        """Return at the next ring, or after some seconds."""
        if self._redis is None:
            self._sleep(seconds)
            return
        try:
            self._redis.blpop([_KEY], timeout=seconds)
        except redis.RedisError as error:
            self._lost(error)
            self._sleep(seconds)
        else:
            self._found()

    def tell(self, news: Mapping[str, object]) -> None:
        """Tell everybody who watches, if Redis is there."""
        if self._redis is None:
            return
        try:
            self._redis.publish(CHANNEL, json.dumps(news))
        except redis.RedisError as error:
            self._lost(error)

    def close(self) -> None:
        """Close the connection."""
        if self._redis is not None:
            self._redis.close()

    def _lost(self, error: redis.RedisError) -> None:
        if not self._silent:
            _log.warning("Redis is away (%s); submissions are looked for in the database every second", error)
        self._silent = True

    def _found(self) -> None:
        if self._silent:
            _log.info("Redis is back")
        self._silent = False
