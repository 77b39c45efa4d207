"""Tells a live twin's feed what happens to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from twins.errors import FeedError
from twins.feed.message import About
from twins.feed.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import Callable

    from redis import Redis

    from simulators import Journal
    from twins.twin import Twin

__all__ = ["Broadcast"]

_log = logging.getLogger(__name__)


class Broadcast:
    """A listener that publishes; where Redis is away the plant goes on, and watchers get a snapshot when it is back.

    Parameters
    ----------
    twin
        Whose feed it is.
    redis
        A client that does not decode answers, with a timeout.
    name
        Under which the twin publishes.

    Raises
    ------
    FeedError
        Redis does not answer at the beginning.
    """

    def __init__(self, twin: Twin, redis: Redis, name: str) -> None:
        self._twin = twin
        self._silent = False
        places = twin.journal(twin.rows).places
        about = About(twin.scenario.model_dump(mode="json"), twin.seed, twin.replication, places)
        self._publisher = Publisher(redis, name, about, twin.snapshot)
        self._publisher.begin(twin.time_s, twin.rows)

    def happened(self, piece: Journal, until_s: float) -> None:
        """Publish the next events."""
        self._try(lambda: self._publisher.publish(piece, until_s))

    def reliving(self, share: float) -> None:
        """Publish how much of its past the plant has lived through again."""
        self._try(lambda: self._publisher.relive(self._twin.time_s, share))

    def jumped(self) -> None:
        """Publish the state to which the twin has been wound back."""
        self._try(lambda: self._publisher.begin(self._twin.time_s, self._twin.rows, cause="rewound"))

    def ended(self) -> None:
        """Publish that the twin is switched off."""
        self._try(self._publisher.end)

    def _try(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except FeedError as error:
            if not self._silent:  # once, not ten times a second
                _log.warning("%s", error)
            self._silent = True
        else:
            if self._silent:
                _log.warning("the feed is written again")
            self._silent = False
