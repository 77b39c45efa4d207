"""Who writes a feed."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import redis as driver

from twins.errors import FeedError, FeedTakenError
from twins.feed.message import About, Cause, Ended, Message, Piece, Reliving, Snapshot, encoded, key_of
from twins.rows import cut

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulators import Journal

__all__ = ["Publisher"]

WINDOW = 1024
"""Entries that the stream keeps at least."""

EVERY = 128
"""Entries from one snapshot to the next: a newcomer reads at most so many to come to the present."""

ROWS = 2048
"""Most events in one entry."""


class Publisher:
    """Writes the feed of one plant.

    A call costs one round trip to Redis, however many watch. Where Redis does not answer in time the call raises, and
    what was to be told is lost; the next call that gets through begins with a snapshot, so that watchers are told of
    the gap and nobody waits for the past.

    Parameters
    ----------
    redis
        A client that does not decode answers, with a timeout: ``Redis.from_url(url, socket_timeout=2)``.
    name
        The twin's; who publishes under a name that is in use takes it over.
    about
        What is to be told of the plant once.
    state
        Returns the plant's state now, what happened before having been published.
    window
        Entries that are kept, from twice ``every``.
    every
        Entries from one snapshot to the next.

    Raises
    ------
    FeedError
        From any call: Redis does not answer.
    FeedTakenError
        From any call: another publisher has taken the name over; this one is of no more use.
    """

    def __init__(
        self,
        redis: driver.Redis,
        name: str,
        about: About,
        state: Callable[[], Mapping[str, Any]],
        *,
        window: int = WINDOW,
        every: int = EVERY,
    ) -> None:
        if window < 2 * every:
            message = f"window = {window} must be ≥ {2 * every}, twice every = {every}: newcomers need a snapshot in it"
            raise ValueError(message)
        self._redis: Any = redis  # the package's types tell of answers that are awaited or not, in one
        self._name = name
        self._about = about
        self._state = state
        self._window = window
        self._every = every
        self._key = key_of(name)
        self._row = 0
        self._until_s = 0.0
        self._epoch: int | None = None  # None: the next call begins a new one
        self._number = 0
        self._since_snapshot = 0
        self._taken = False

    def begin(self, time_s: float, row: int, *, cause: Cause = "started") -> None:
        """Tell the whole state: at the beginning, and whenever the journal does not simply go on.

        Parameters
        ----------
        time_s
            The plant's time.
        row
            Events in its journal.
        cause
            ``started``, or ``rewound``.
        """
        self._until_s, self._row = time_s, row
        self._tell_state(cause)

    def publish(self, piece: Journal, until_s: float) -> None:
        """Tell the next events of the journal, and that everything before ``until_s`` has happened."""
        row, self._row, self._until_s = self._row, self._row + len(piece), until_s
        if self._epoch is None:  # the last call failed, or there was none
            self._tell_state("gap")
            return
        for first in range(0, max(1, len(piece)), ROWS):
            part = cut(piece, first, first + ROWS)
            last = first + ROWS >= len(piece)
            told_s = until_s if last else float(part.time_s[-1])
            self._write(Piece("", told_s, row + first, part))
        if self._since_snapshot >= self._every:
            self._tell_state("routine")

    def relive(self, time_s: float, share: float) -> None:
        """Tell that the plant has been wound back to a moment, and has lived through this share of its past again."""
        if self._epoch is not None:
            self._write(Reliving("", time_s, share))

    def end(self) -> None:
        """Tell that the plant is switched off."""
        if self._epoch is not None:
            self._write(Ended("", self._until_s))
            self._epoch = None

    def _tell_state(self, cause: Cause) -> None:
        self._write(Snapshot("", cause, self._until_s, self._row, self._state()))
        self._since_snapshot = 0

    def _write(self, message: Message) -> None:
        if self._taken:
            raise FeedTakenError(self._name)
        try:
            if self._epoch is None:
                self._take_over()
            identifier = f"{self._epoch}-{self._number}"
            pipe = self._redis.pipeline(transaction=True)
            pipe.xadd(self._key, encoded(message), id=identifier, maxlen=self._window, approximate=True)
            if isinstance(message, Snapshot):
                pipe.set(key_of(self._name, "snapshot"), identifier)
            pipe.execute()
        except driver.RedisError as error:
            if "equal or smaller" in str(error):
                self._taken = True
                raise FeedTakenError(self._name) from error
            self._epoch = None  # whether Redis has it cannot be known: a new epoch makes it plain to everybody
            raise FeedError(self._name, error) from error
        self._number += 1
        self._since_snapshot += 1

    def _take_over(self) -> None:
        content = {
            "scenario": self._about.scenario,
            "seed": self._about.seed,
            "replication": self._about.replication,
            "places": self._about.places,
        }
        last = self._redis.xrevrange(self._key, count=1)
        before = int(last[0][0].split(b"-")[0]) if last else 0
        self._redis.set(key_of(self._name, "about"), json.dumps(content, ensure_ascii=False))
        self._epoch = max(before + 1, time.time_ns() // 1_000_000)
        self._number = 0
